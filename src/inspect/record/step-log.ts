/** The log of steps: from each one the step before it of the same peer is found at once, so that every step can be taken back. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Move } from '../../../machines/domain/transition.ts'

/**
 * What no move tells: `lost`, a peer stands elsewhere after events that were lost; `noted`, a peer that is `Failed` already
 * was reported with another failure. Its `seq` is that of the last move.
 *
 * @since 0.1.0
 */
export type Jump = Omit<Move, 'reason'> & { readonly reason: 'lost' | 'noted' }

/** One step of a recording. @since 0.1.0 */
export type ReplayStep = Move | Jump

/** Whether a step is a move of the live run. @since 0.1.0 */
export function isMove(step: ReplayStep): step is Move {
  return step.reason !== 'lost' && step.reason !== 'noted'
}

/** The steps of a recording, the latest ones; each is named by its place, counted from the first there ever was. */
export class StepLog {
  /** How many steps were let go of, as there were too many. */
  dropped = 0
  /** The last step of each peer that was let go of. */
  readonly base = new Map<PeerId, ReplayStep>()
  readonly #most: number
  #steps: ReplayStep[] = []
  #before: number[] = []
  /** When the status of the step's peer changed last, as of the step; NaN: before the log began. */
  #since: number[] = []
  readonly #last = new Map<PeerId, number>()

  /** @param most how many steps are kept, at least; a quarter more at most */
  constructor(most: number) {
    this.#most = most
  }

  /** How many steps there were. */
  get end(): number {
    return this.dropped + this.#steps.length
  }

  /** The step at a place; undefined: it is none, or was let go of. */
  at(place: number): ReplayStep | undefined {
    return this.#steps[place - this.dropped]
  }

  /** Where the peer's step before the one at `place` is; -1: there is none. It may have been let go of. */
  before(place: number): number {
    return this.#before[place - this.dropped] ?? -1
  }

  /** When the status of the peer of the step at `place` changed last, as of that step; undefined: that is not known. */
  since(place: number): number | undefined {
    const since = this.#since[place - this.dropped] ?? NaN
    return Number.isNaN(since) ? undefined : since
  }

  push(step: ReplayStep): void {
    const before = this.#last.get(step.peerId) ?? -1
    this.#before.push(before)
    this.#since.push(step.from === step.to ? (this.since(before) ?? NaN) : step.at)
    this.#last.set(step.peerId, this.end)
    this.#steps.push(step)
    if (this.#steps.length > this.#most * 1.25) this.#drop(this.#steps.length - this.#most)
  }

  /** Takes back the latest steps. */
  pop(count: number): void {
    for (let n = 0; n < count; n++) {
      const before = this.before(this.end - 1)
      const step = this.#steps.pop()
      this.#before.pop()
      this.#since.pop()
      if (step === undefined) return
      if (before < 0) this.#last.delete(step.peerId)
      else this.#last.set(step.peerId, before)
    }
  }

  #drop(count: number): void {
    for (const step of this.#steps.slice(0, count)) this.base.set(step.peerId, step)
    this.#steps = this.#steps.slice(count)
    this.#before = this.#before.slice(count)
    this.#since = this.#since.slice(count)
    this.dropped += count
  }
}
