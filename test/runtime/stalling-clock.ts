/** A test can have the process stand still: time passes, and no timer fires until it goes on. */
import { VirtualClock } from 'qudag-connections/testing'

/** A virtual clock of a process that may stand still. */
export class StallingClock extends VirtualClock {
  #stalled = 0
  /** How often it was asked for the time. */
  asked = 0

  override now(): number {
    this.asked++
    return super.now() + this.#stalled
  }

  /** The process stands still for so many milliseconds: timers that fall due meanwhile come as late as that. */
  stall(ms: number): void {
    this.#stalled += ms
  }
}
