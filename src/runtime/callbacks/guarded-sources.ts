/** Time and randomness of the app's own go on whatever their functions throw or return. */
import type { Clock } from '../../clock.ts'
import type { AppErrors } from './app-callback.ts'
import { spelled } from '../errors/failures.ts'

/** Numbers from 0 up to 1 out of the app's `random`; where it gives none, the platform's. */
export function guardRandom(random: () => number, errors: AppErrors): () => number {
  return () => {
    if (errors.asking !== undefined) return Math.random()
    errors.asking = 'random'
    try {
      // NaN is no answer of `read`: it stands for none.
      const answer = errors.ask('random', random, undefined, readRandom, NaN)
      return Number.isNaN(answer) ? Math.random() : answer
    } finally {
      errors.asking = undefined
    }
  }
}

function readRandom(answer: unknown): number {
  if (typeof answer === 'number' && answer >= 0 && answer <= 1) return answer
  throw new RangeError(`random must return a number from 0 up to 1, got ${spelled(answer)}`)
}

/** A timer of the fallback, among those of the app's clock. */
class FallbackTimer {
  readonly id: unknown

  constructor(id: unknown) {
    this.id = id
  }
}

/** The app's clock; where it fails, time goes on from the last instant that it told, as fast as the platform's. */
export class GuardedClock implements Clock {
  /** The system's clock, where the app's clock has one. */
  readonly wall?: () => number
  readonly #clock: Clock
  readonly #errors: AppErrors
  readonly #fallback: Clock
  /** The last instant told, in milliseconds since the epoch, and the fallback's instant when the clock failed first after it. */
  #last: number
  #failedAt: number | undefined

  constructor(clock: Clock, errors: AppErrors, fallback: Clock) {
    this.#clock = clock
    this.#errors = errors
    this.#fallback = fallback
    this.#last = this.#failedAt = fallback.now()
    if (clock.wall !== undefined) this.wall = () => this.#readWall()
  }

  now(): number {
    // Asked by what it calls itself.
    const { asking } = this.#errors
    if (asking === 'clock.now') return this.#last
    this.#errors.asking = 'clock.now'
    try {
      const at: unknown = this.#clock.now()
      if (typeof at === 'number' && Number.isFinite(at)) {
        this.#failedAt = undefined
        return (this.#last = at)
      }
      this.#errors.report(new TypeError(`clock.now must return a finite number of milliseconds, got ${spelled(at)}`), 'clock.now')
    } catch (error) {
      this.#errors.report(error, 'clock.now')
    } finally {
      this.#errors.asking = asking
    }
    const fallback = this.#fallback.now()
    const at = this.#last + Math.max(0, fallback - (this.#failedAt ?? fallback))
    this.#failedAt = fallback
    return (this.#last = at)
  }

  #readWall(): number {
    try {
      const at: unknown = this.#clock.wall?.()
      if (typeof at === 'number' && Number.isFinite(at)) return at
      this.#errors.report(new TypeError(`clock.wall must return a finite number of milliseconds, got ${spelled(at)}`), 'clock.wall')
    } catch (error) {
      this.#errors.report(error, 'clock.wall')
    }
    return this.now()
  }

  setTimeout(f: () => void, ms: number): unknown {
    try {
      return this.#clock.setTimeout(f, ms)
    } catch (error) {
      this.#errors.report(error, 'clock.setTimeout')
      return new FallbackTimer(this.#fallback.setTimeout(f, ms))
    }
  }

  clearTimeout(id: unknown): void {
    if (id instanceof FallbackTimer) return this.#fallback.clearTimeout(id.id)
    try {
      this.#clock.clearTimeout(id)
    } catch (error) {
      this.#errors.report(error, 'clock.clearTimeout')
    }
  }
}
