/** A clock whose timers may be late: `now` is ahead of what has fired. */
import { VirtualClock } from 'qudag-connections/testing'

/** It stands for a process that was busy. */
export class LateClock extends VirtualClock {
  /** As late as this at least, in milliseconds since the epoch: never set back, as no clock goes backwards. */
  lateUntil = 0

  override now(): number {
    return Math.max(super.now(), this.lateUntil)
  }
}
