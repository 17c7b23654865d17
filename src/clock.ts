/** All time enters through one object, so that a test can hold it in its hand. */

/** Where time comes from. The default is the platform's; `VirtualClock` of `./testing` is another. @since 0.1.0 */
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

/** The longest wait that platforms' timers take, in milliseconds: they make 1 ms of anything longer. */
export const LONGEST_WAIT_MS = 2 ** 31 - 1

/** A wait that is reached in steps. */
class SteppedTimeout {
  timer: unknown = undefined
}

/** Timers of a platform whose waits may be of any length; what is too long for one timer is reached in steps. */
export function steppedTimers<T extends Pick<Clock, 'setTimeout' | 'clearTimeout'>>(platform: T): T {
  const { setTimeout: start, clearTimeout: stop } = platform
  return {
    ...platform,
    setTimeout(f, ms) {
      if (!(ms > LONGEST_WAIT_MS)) return start(f, ms)
      const wait = new SteppedTimeout()
      let left = ms
      const step = (): void => {
        const now = Math.min(left, LONGEST_WAIT_MS)
        left -= now
        wait.timer = start(left > 0 ? step : f, now)
      }
      step()
      return wait
    },
    clearTimeout: (id) => stop(id instanceof SteppedTimeout ? id.timer : id),
  }
}
