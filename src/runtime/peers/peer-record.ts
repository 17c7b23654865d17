/** All that the runtime knows of one peer is in one place, found by one look-up. */
import type { ActorRefFrom } from 'xstate'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { NO_STATE, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../../machines/domain/transition.ts'
import type { peerMachine, PeerDeadline } from '../../../machines/peer-machine.ts'
import type { Breaker } from '../../../machines/policy/breaker.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import type { EvictionRecord } from '../../../machines/domain/eviction-record.ts'
import type { ConnectionError } from '../../errors.ts'
import type { CloseReason, Link } from '../../transports/transport.ts'
import type { Backoff } from './backoff.ts'
import type { Caller } from '../holds/caller.ts'
import type { Deadline } from '../time/deadline-queue.ts'
import type { Dial } from '../dialing/dial.ts'
import type { Evictable } from './evictable.ts'
import type { FifoList } from '../collections/fifo-list.ts'
import type { Heartbeat } from '../links/heartbeats.ts'
import type { Hold } from '../holds/hold.ts'
import type { Inbox } from '../holds/inbox.ts'
import type { Seat } from './inbound-seats.ts'
import type { Keep, KeepAlive } from './keep-alive.ts'
import type { LinkPort } from '../links/link-port.ts'
import type { RoundTrip } from '../links/round-trips.ts'

/** A peer's XState actor. @since 0.1.0 */
export type PeerRef = ActorRefFrom<typeof peerMachine>

/** One known peer. */
export class PeerRecord {
  readonly peerId: PeerId
  /** Its actor; replaced when one throws. Undefined: it is forgotten, and whoever still has a connection of it keeps no actor with that. */
  ref: PeerRef | undefined
  /** The state told last; undefined: not told of yet, or forgotten. */
  state: PeerState | undefined = undefined
  /** The same as a number, as `codeOfState` has it. */
  stateCode: number = NO_STATE
  /** When its status changed last, in milliseconds since the epoch. */
  since = 0
  direction: Direction = 'outbound'
  /** Its inbound link is beside another of the same proven peer: its name is gone with it. */
  isBeside = false
  remoteAddress = ''
  /** The last measured round trip, in milliseconds. */
  latency: number | null = null
  /** The link in use, pooled or closing. */
  port: LinkPort<PeerRecord> | undefined = undefined
  /** The link that the machine is about to adopt, and who opened it. */
  incoming: Link | undefined = undefined
  incomingDirection: Direction = 'outbound'
  dial: Dial<PeerRecord> | undefined = undefined
  deadline: PeerDeadlineEntry | undefined = undefined
  /** Connects that wait for a link. */
  callers: Set<Caller> | undefined = undefined
  firstHold: Hold<PeerRecord> | undefined = undefined
  /** Held until it is disconnected, whoever else holds it: connected by an event and not by a call, or kept. */
  wanted = false
  /** Whether the process is kept running for it while it is {@link kept}. */
  #keepsAlive: boolean
  #kept = false
  /** Kept because an earlier run kept it, and nobody has asked for that in this one. */
  isRestored = false
  backoff: Backoff | undefined = undefined
  /** When its actor was replaced of late. */
  restarts: readonly number[] | undefined = undefined
  /** Where its history begins. */
  lastEntry = 0
  breaker: Breaker | undefined = undefined
  /** Where its inbound link counts, while it has one. */
  seat: Seat | undefined = undefined
  /** The gate's answer, which its next dial waits for. */
  gate: Promise<boolean> | undefined = undefined
  /** Its place among those that wait for their turn to be dialled. */
  index = -1
  /** How urgent that is. */
  priority = 0
  /** How many connections there are on its link, as holds. */
  holds = 0
  /** When it was picked last, as a count of picks; 0: never. */
  picked = 0
  /** Where it stands among those that may have to yield, while it is Connected. */
  evictable: Evictable<PeerRecord> | undefined = undefined
  /** Whom it yielded to last. */
  eviction: EvictionRecord | undefined = undefined
  /** Addresses that callers gave for it, beside what resolves it. */
  addresses: readonly string[] | undefined = undefined
  /** The connection that `get` and `connections$` show; no hold. */
  view: Hold<PeerRecord> | undefined = undefined
  inbox: Inbox | undefined = undefined
  /** Who waits for the link to take more. */
  drainers: Set<Drainer> | undefined = undefined
  /** Who waits for the close to be over. */
  closers: (() => void)[] | undefined = undefined
  roundTrip: RoundTrip | undefined = undefined
  heartbeat: Heartbeat<PeerRecord> | undefined = undefined
  /** From when on its link is not pooled or reused any more, in milliseconds since the epoch. */
  retiresAt = Infinity
  /** Under way while a pooled link must show that it lives before it is used. */
  check: PoolCheck | undefined = undefined
  /** Where it stands in line: in the pool, or among the remembered. */
  line: FifoList<PeerRecord> | undefined = undefined
  /** When it joined that line, as the `seq` of its move: of two in one instant, one came first. */
  place = 0
  /** Its neighbours there. */
  previous: PeerRecord | undefined = undefined
  next: PeerRecord | undefined = undefined
  /** What the machine said in the transition under way. */
  told: TransitionReason | undefined = undefined
  forgotten: TransitionReason | undefined = undefined
  /** The port of a link that this step ends: once it is over, what is said to its other side is known. */
  leaving: LinkPort<PeerRecord> | undefined = undefined
  /** When its last link ended, in milliseconds since the epoch, and why; undefined: none has. */
  endedAt = 0
  endedBy: TransitionReason | undefined = undefined
  /** Why the other side ended that link in order, where it said so. */
  farewell: string | undefined = undefined
  /** How the link ended last, and what the last dial or link failed of. */
  ending: CloseReason | undefined = undefined
  error: ConnectionError | undefined = undefined

  /** How many were known before it, ever. */
  readonly order: number
  readonly #alive: KeepAlive

  constructor(peerId: PeerId, ref: PeerRef, order: number, alive: KeepAlive) {
    this.peerId = peerId
    this.order = order
    this.ref = ref
    this.#alive = alive
    this.#keepsAlive = alive.isForAll
  }

  /** Connected again whenever it is lost, until it is disconnected. */
  get kept(): boolean {
    return this.#kept
  }

  set kept(isKept: boolean) {
    if (isKept === this.#kept) return
    this.#kept = isKept
    if (this.#keepsAlive) this.#alive[isKept ? 'add' : 'remove']()
    if (!isKept) this.#keepsAlive = this.#alive.isForAll
  }

  /** How it is kept. */
  get keep(): Keep {
    return this.#kept && this.#keepsAlive ? 'alive' : this.#kept
  }

  /** Has it kept, and held, from now on; where that is asked for. */
  keepAs(keep: Keep): void {
    if (keep === false) return
    this.kept = this.wanted = true
    if (keep !== 'alive' || this.#keepsAlive) return
    this.#keepsAlive = true
    this.#alive.add()
  }
}

/** The deadline of the state that a peer is in. */
export interface PeerDeadlineEntry extends Deadline {
  then: PeerDeadline
}

/** The check of a pooled link, until it has answered or failed. */
export interface PoolCheck extends Deadline {
  readonly link: Link
  readonly asking: AbortController
  answered(): void
  failed(error: Error): void
}

/** A call to `drained` that waits. */
export interface Drainer {
  readonly hold: object
  resolve(): void
  reject(error: ConnectionError): void
}
