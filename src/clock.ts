/** Keeps one thing true: all time enters through one object, so that a test can hold it in its hand. */

/** Where time comes from. The default is the platform's; `VirtualClock` of `./testing` is another. */
export interface Clock {
  /**
   * Milliseconds since the epoch as a steady clock counts them: it never goes backwards, whatever the system's clock is set to.
   * One that does go backwards all the same is taken to stand still until then.
   */
  now(): number
  /**
   * Milliseconds since the epoch as the system's clock has them at this moment; it may leap either way. With it a manager
   * notices that the process was suspended, or that the clock was set, and the instants it tells follow. @default `now`
   */
  wall?(): number
  /** Calls `f` once after `ms` milliseconds; the result is for `clearTimeout`. */
  setTimeout(f: () => void, ms: number): unknown
  clearTimeout(id: unknown): void
}
