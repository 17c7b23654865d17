/** A later error: what code of the app threw, thrown again outside the reading of a socket. */

/** Throws in a promise job of its own: thrown into what reads the socket, the error would stop what comes after. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
