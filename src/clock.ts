/** Keeps one thing true: all time enters through one object, so that a test can hold it in its hand. */

/** Where time comes from. The default is the platform's; `VirtualClock` of `./testing` is another. */
export interface Clock {
  /** Milliseconds since the epoch; never goes backwards. */
  now(): number
  /** Calls `f` once after `ms` milliseconds; the result is for `clearTimeout`. */
  setTimeout(f: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
}
