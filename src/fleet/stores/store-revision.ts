/** The first revision of a life of a store's data: above every one of the lives before it, by the time of its beginning. */

/** So many writes in a millisecond are expected at most, over the whole life of the data. */
const WRITES_A_MILLISECOND = 1024

/**
 * Milliseconds since 1970, times 1024. A life that began later begins higher than any before it has come, as long as none of
 * them did more than 1,024 writes for each millisecond that it lasted, and the clock that is asked was not set back by more
 * than what those writes left unused. It stays below 2^53 until the year 2248.
 *
 * @param now milliseconds since the epoch, of the clock of the store
 */
export function firstRevision(now: number): number {
  return Math.floor(now) * WRITES_A_MILLISECOND
}
