/** A replay: at every position of a recording the peers stand as they stood in the live run, whichever way it was reached. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import { assertInteger } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import type { RecordingFold, SupervisorMark } from './recording-fold.ts'
import { isMove, type ReplayStep, type StepLog } from './step-log.ts'
import { TombstoneMap } from '../../runtime/collections/tombstone-map.ts'

/** A peer at one position of a recording. @since 0.1.0 */
export interface ReplayedPeer {
  readonly peerId: PeerId
  readonly status: ConnectionStatus
  readonly state: PeerState
  /** When its status changed last, in milliseconds since the epoch; undefined: before the recording began. */
  readonly since: number | undefined
  /** Why it is `Failed`. */
  readonly failure?: Failure
}

/** A run that was recorded, to be walked through. It holds no file open. @since 0.1.0 */
export class Replay {
  readonly file: string
  /** The file that was read in the place of {@link Replay.file}, which is missing or was cut off before anything was in it; undefined: none was. */
  readonly standIn: string | undefined
  /** How many steps it has: moves, and jumps where events were lost. */
  readonly length: number
  /** How many steps before the first one were let go of, as there were too many. */
  readonly dropped: number
  /** How many events were not recorded, as the disk was too slow. */
  readonly lost: number
  /** Whether the recording ended without being closed: the process died, or still writes. */
  readonly isTruncated: boolean
  /** When the last line was written, in milliseconds since the epoch. */
  readonly endedAt: number
  readonly #log: StepLog
  readonly #fold: RecordingFold
  /** The place of the last step of each peer that is known; -1: as it stood at the beginning. */
  readonly #last = new TombstoneMap<PeerId, number>()
  #position = 0

  constructor(file: string, fold: RecordingFold, standIn?: string) {
    this.file = file
    this.standIn = standIn
    this.#fold = fold
    this.#log = fold.log
    this.dropped = fold.log.dropped
    this.length = fold.log.end - this.dropped
    this.lost = fold.lost
    this.isTruncated = !fold.isClosed
    this.endedAt = fold.endedAt
    for (const [peerId, { state }] of fold.first) if (state !== undefined) this.#last.set(peerId, -1)
    for (const [peerId, { toState }] of fold.log.base) {
      if (toState === undefined) this.#last.delete(peerId)
      else this.#last.set(peerId, -1)
    }
  }

  /** How many steps were taken so far. */
  get position(): number {
    return this.#position
  }

  /** The instant of the present position, in milliseconds since the epoch. */
  get at(): number {
    return this.#log.at(this.#place - 1)?.at ?? this.#fold.marks[0]?.at ?? 0
  }

  /** The step that {@link Replay.step} would take; undefined: none is left. */
  get next(): ReplayStep | undefined {
    return this.#log.at(this.#place)
  }

  /** How the supervisor stands. */
  get supervisor(): Pick<SupervisorMark, 'state' | 'limits'> {
    const { marks } = this.#fold
    let [low, high] = [0, marks.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((marks[middle] as SupervisorMark).place <= this.#place) low = middle + 1
      else high = middle
    }
    const mark = marks[Math.max(0, low - 1)]
    if (mark === undefined) throw new Error('a recording begins with its supervisor')
    return { state: mark.state, limits: mark.limits }
  }

  /** Takes the next step, and returns it; undefined: none is left. */
  step(): ReplayStep | undefined {
    const step = this.next
    if (step === undefined) return undefined
    if (step.toState === undefined) this.#last.delete(step.peerId)
    else this.#last.set(step.peerId, this.#place)
    this.#position++
    return step
  }

  /** Takes the last step back, and returns it; undefined: it is at the beginning. */
  back(): ReplayStep | undefined {
    const place = this.#place - 1
    const step = this.#log.at(place)
    if (step === undefined) return undefined
    if (step.fromState === undefined) this.#last.delete(step.peerId)
    else this.#last.set(step.peerId, this.#log.before(place))
    this.#position--
    return step
  }

  /**
   * Goes to a position; one past either end is that end. Costs as much as there is between.
   *
   * @throws TypeError or RangeError
   */
  seek(position: number): void {
    assertInteger('position', position, 0)
    while (this.#position < position && this.step() !== undefined);
    while (this.#position > position) this.back()
  }

  /** The position after everything that happened up to an instant. */
  positionAt(at: number): number {
    let [low, high] = [0, this.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#log.at(this.dropped + middle) as ReplayStep).at <= at) low = middle + 1
      else high = middle
    }
    return low
  }

  /** How a peer stands; undefined: it is not known. */
  peer(peerId: PeerId): ReplayedPeer | undefined {
    const last = this.#last.get(peerId)
    return last === undefined ? undefined : this.#view(peerId, last)
  }

  /** Every known peer. */
  *peers(): Generator<ReplayedPeer, void, undefined> {
    for (const [peerId, last] of this.#last) yield this.#view(peerId, last)
  }

  /** Every move that the recording has, in the order of `seq`, wherever the present position is. */
  *moves(): Generator<Move, void, undefined> {
    for (let place = this.dropped; place < this.#log.end; place++) {
      const step = this.#log.at(place)
      if (step !== undefined && isMove(step)) yield step
    }
  }

  get #place(): number {
    return this.dropped + this.#position
  }

  #view(peerId: PeerId, last: number): ReplayedPeer {
    const step = this.#log.at(last) ?? this.#log.base.get(peerId)
    const context = this.#fold.first.get(peerId)
    const state = step?.toState ?? context?.state
    if (state === undefined) throw new Error(`'${shownPeerId(peerId)}' is not known here`)
    const status = statusOf(state)
    const since = this.#log.since(last)
    const failure = step === undefined ? context?.failure : step.failure
    return { peerId, status, state, since, ...(status === 'Failed' && failure !== undefined && { failure }) }
  }
}
