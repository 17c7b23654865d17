/** A recording, line by line, becomes the steps that the live run took; what does not fit is said, never guessed. */
import { transition, type SnapshotFrom } from 'xstate'
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { PeerEvent } from '../../../machines/peer-machine.ts'
import { supervisorMachine, type SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import { type Line, type PeerLine, RECORDING_VERSION, type StartLine } from './line.ts'
import { foldEvent, type FoldedPeer, restoredPeer } from './peer-fold.ts'
import { RecordingError, type RecordingErrorCode } from './recording-error.ts'
import { type ReplayStep, StepLog } from './step-log.ts'
import { TombstoneMap } from '../../runtime/collections/tombstone-map.ts'

/** How the supervisor stood from a step on. */
export interface SupervisorMark {
  /** After so many steps. */
  readonly place: number
  readonly at: number
  readonly state: string
  readonly limits: Limits
}

/** A peer as it stood when the recording began. */
interface FirstPeer {
  readonly state: PeerState | undefined
  readonly failure: Failure | undefined
}

/** Folds the lines of one recording. */
export class RecordingFold {
  readonly log: StepLog
  /** The peers that were known when it began. */
  readonly first = new Map<PeerId, FirstPeer>()
  readonly marks: SupervisorMark[] = []
  /** How many events were not written. */
  lost = 0
  /** Whether the last line says that it was closed in order. */
  isClosed = false
  /** When the last line was written. */
  endedAt = 0
  /** The file that is being read. */
  #file: string
  #line = 0
  #start: StartLine | undefined = undefined
  #hasBegun = false
  /** The peers of the beginning that is being read; undefined: none is. */
  #awaited: TombstoneMap<PeerId, FoldedPeer> | undefined = undefined
  #peers = new TombstoneMap<PeerId, FoldedPeer>()
  #supervisor: SnapshotFrom<typeof supervisorMachine> | undefined = undefined
  #seq = 0
  #isLost = false
  #undo: (() => void) | undefined = undefined
  #undoneSeq = 0

  constructor(file: string, maxSteps: number) {
    this.#file = file
    this.log = new StepLog(maxSteps)
  }

  /** @throws RecordingError where the line does not follow from those before */
  add(line: Line, number: number, part: string): void {
    this.#line = number
    this.#file = part
    try {
      this.#add(line)
    } catch (error) {
      throw error instanceof RecordingError ? error : this.#error('ERR_RECORDING_DAMAGED', (error as Error).message)
    }
  }

  /** There are no more lines. */
  end(): void {
    if (this.#start === undefined) throw new RecordingError('ERR_NOT_A_RECORDING', 'it is empty', this.#file)
    // Cut off while its beginning was written: what there is, is how it began.
    if (this.#awaited !== undefined && !this.#hasBegun) this.#begin(this.#start, this.#awaited)
  }

  #add(line: Line): void {
    this.isClosed = false
    if ('recording' in line) return this.#started(line)
    if (this.#start === undefined) throw this.#error('ERR_NOT_A_RECORDING', 'it does not begin as a recording does')
    if ('peer' in line) return this.#known(line)
    if (this.#awaited !== undefined) throw this.#error('ERR_RECORDING_DAMAGED', `a peer is missing before this line`)
    this.endedAt = line.at
    if ('lost' in line) {
      this.lost += line.lost
      this.#isLost = true
      return
    }
    this.#follow(line.s)
    if ('end' in line) {
      this.isClosed = true
      return this.#mark(line.at, line.end, this.#limits)
    }
    if (line.p === undefined) this.#supervise(line.e as SupervisorEvent, line.at)
    else this.#move(line.p, line.e as PeerEvent, line.at)
  }

  get #limits(): Limits {
    return this.#supervisor?.context.limits ?? (this.#start as StartLine).limits
  }

  #started(line: StartLine): void {
    const written: unknown = line.recording
    if (written !== RECORDING_VERSION) {
      throw this.#error(
        'ERR_RECORDING_VERSION',
        `version ${String(written)} of the format, and this package reads ${RECORDING_VERSION}: use qudag-connections ${line.package}`,
      )
    }
    if (this.#awaited !== undefined) throw this.#error('ERR_RECORDING_DAMAGED', 'a peer is missing before this line')
    this.#start = line
    if (line.peers === 0) this.#begin(line, new TombstoneMap())
    else this.#awaited = new TombstoneMap()
  }

  #known({ peer, value, context, state }: PeerLine): void {
    const [start, awaited] = [this.#start, this.#awaited]
    if (start === undefined || awaited === undefined) throw this.#error('ERR_RECORDING_DAMAGED', 'a peer is here that was not announced')
    if (awaited.has(peer)) throw this.#error('ERR_RECORDING_DAMAGED', 'this peer was told of already')
    awaited.set(peer, restoredPeer(value, context, state))
    if (awaited.size === start.peers) this.#begin(start, awaited)
  }

  /** Where everything stands: the beginning, the seam between two parts, or where events were lost. */
  #begin(start: StartLine, peers: TombstoneMap<PeerId, FoldedPeer>): void {
    this.#awaited = undefined
    const isSeam = this.#hasBegun && !this.#isLost && start.seq === this.#seq
    if (isSeam) return
    if (this.#hasBegun) this.#jump(start, peers)
    else for (const [peerId, { state, snapshot }] of peers) this.first.set(peerId, { state, failure: snapshot.context.failure })
    this.#hasBegun = true
    this.#isLost = false
    this.#peers = peers
    this.#seq = start.seq
    this.#undo = undefined
    this.endedAt = start.at
    this.#supervisor = supervisorMachine.resolveState({ value: start.supervisor, context: { limits: start.limits } })
    this.#mark(start.at, start.supervisor, start.limits)
  }

  #jump({ at, seq }: StartLine, now: TombstoneMap<PeerId, FoldedPeer>): void {
    for (const peerId of new Set([...this.#peers.keys(), ...now.keys()])) {
      const [fromState, toState] = [this.#peers.get(peerId)?.state, now.get(peerId)?.state]
      if (fromState === toState) continue
      const from = fromState === undefined ? undefined : statusOf(fromState)
      const to = toState === undefined ? undefined : statusOf(toState)
      const failure = to === 'Failed' ? now.get(peerId)?.snapshot.context.failure : undefined
      this.log.push({ seq, at, peerId, from, to, fromState, toState, reason: 'lost', ...(failure !== undefined && { failure }) })
    }
  }

  /** An event on which the machine threw was taken by nobody: the next one tells, by the `seq` it found. */
  #follow(seq: number): void {
    if (seq !== this.#seq && seq === this.#undoneSeq) this.#undo?.()
    this.#undo = undefined
    if (seq !== this.#seq) {
      throw this.#error('ERR_RECORDING_DIVERGED', `it was at move ${seq} here, and its replay is at move ${this.#seq}`)
    }
  }

  #move(peerId: PeerId, event: PeerEvent, at: number): void {
    const before = this.#peers.get(peerId)
    const { peer, moves } = foldEvent(peerId, before, event, at, this.#seq)
    const seqBefore = (this.#undoneSeq = this.#seq)
    this.#set(peerId, peer)
    const steps = moves.length > 0 ? moves : noted(peerId, before, peer, at, this.#seq)
    for (const step of steps) this.log.push(step)
    this.#seq += moves.length
    this.#undo = () => {
      this.log.pop(steps.length)
      this.#set(peerId, before)
      this.#seq = seqBefore
    }
  }

  #set(peerId: PeerId, peer: FoldedPeer | undefined): void {
    if (peer === undefined) this.#peers.delete(peerId)
    else this.#peers.set(peerId, peer)
  }

  #supervise(event: SupervisorEvent, at: number): void {
    if (this.#supervisor === undefined) return
    const [next] = transition(supervisorMachine, this.#supervisor, event)
    this.#supervisor = next
    this.#mark(at, next.value, next.context.limits)
  }

  #mark(at: number, state: string, limits: Limits): void {
    const last = this.marks.at(-1)
    if (last?.state === state && last.limits === limits) return
    // Of several at one place the last is seen; the first of all says when the recording began.
    if (last?.place === this.log.end && this.marks.length > 1) this.marks.pop()
    this.marks.push({ place: this.log.end, at, state, limits })
  }

  #error(code: RecordingErrorCode, message: string): RecordingError {
    return new RecordingError(code, message, this.#file, this.#line)
  }
}

/** A peer that is `Failed` already may be told to have failed of something else, which is no move. */
function noted(peerId: PeerId, before: FoldedPeer | undefined, peer: FoldedPeer | undefined, at: number, seq: number): ReplayStep[] {
  const failure = peer?.snapshot.context.failure
  if (peer?.state !== 'Failed' || failure === undefined || failure === before?.snapshot.context.failure) return []
  const { state } = peer
  return [{ seq, at, peerId, from: state, to: state, fromState: state, toState: state, reason: 'noted', failure }]
}
