/** A failure says why a peer is `Failed`, as plain data that can be logged, stored and sent. */

/** Why the last dial or the last link of a peer failed. @since 0.1.0 */
export interface Failure {
  /** A stable code: one of the package's `ERR_…` codes, or the code of the platform's own error (`ECONNRESET`). */
  readonly code: string
  /** What happened, in words. */
  readonly message: string
  /** When, in milliseconds since the epoch. */
  readonly at: number
  /** The address that failed last, where there was one. */
  readonly address?: string
  /** How many addresses were dialled before this failure; 0 where nothing was dialled. */
  readonly attempts: number
  /** With `ERR_REJECTED_BY_PEER`: the code that the other side gave. */
  readonly remoteCode?: string
  /** With `ERR_REJECTED_BY_PEER`: the reason that it gave, in a word. */
  readonly reason?: string
  /** With `ERR_REJECTED_BY_PEER`: milliseconds until another attempt makes sense, where it said so. */
  readonly retryAfterMs?: number
}
