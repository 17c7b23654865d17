/** The options of a manager: what each means, its unit and its default. */
import type { InspectionEvent, Observer } from 'xstate'
import type { Failure } from '../../../machines/domain/failure.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { AdmissionRule } from '../../../machines/policy/admission-rule.ts'
import type { Duplicates } from '../../../machines/policy/duel.ts'
import type { ScoredPeer } from '../../../machines/policy/standing.ts'
import type { Clock } from '../../clock.ts'
import type { Transport } from '../../transports/transport.ts'
import type { ErrorHandler } from '../callbacks/app-callback.ts'
import type { FleetGate } from './fleet-gate.ts'
import type { Gate, InboundLimitsOptions, RateOptions } from './door-settings.ts'
import type { Logger } from './logger.ts'
import type { Resolved } from './resolved.ts'
import type { SavedState } from './saved-state.ts'

/** What a manager can be told. Everything has a default. @since 0.1.0 */
export interface ManagerOptions {
  /**
   * The fleet that this manager is a node of: `fleet({ store, limit })` of the subpath `fleet`. A peer is then held by one
   * node at a time, and all nodes together hold no more than the fleet's limit. @default none: this manager stands alone
   */
  readonly fleet?: FleetGate
  /**
   * What becomes of an arriving link whose hello shows an older claim on us than one we have seen of the same fleet:
   * its node has lost that claim to another, and may not know it yet. To `refuse` it also ends the older link when a newer
   * claim comes. Whoever may come in can claim any number, so it is for listeners that know who comes. @default 'admit'
   */
  readonly olderFence?: 'admit' | 'refuse'
  /** How long a pooled link waits for reuse, in milliseconds; 0: no pooling. @default 300_000 */
  readonly poolTimeoutMs?: number
  /** The most links that wait in the pool. @default Infinity: as many as fit under `maxConnections` */
  readonly maxIdle?: number
  /** What moves the bytes, chosen by URL scheme. @default in Node `[tcp(), websocket(), unix()]`, in browsers `[websocket()]` */
  readonly transport?: Transport | readonly Transport[]
  /**
   * The addresses of a peer, best first. What it throws, rejects with or gives that is no URL is the `cause` of an
   * `ERR_NO_ADDRESS`. @default the peer id itself, where it is a URL
   */
  readonly resolve?: (peerId: PeerId) => Resolved | Promise<Resolved>
  /** The longest that a dial may take, all addresses together, in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number
  /**
   * What happens to a request when every slot is taken and no pooled link can yield: it is refused, waits for a slot, or
   * takes the slot of a connected peer that is worth less; a function says for each, and refuses where it throws. Reports of the app's own links
   * are always refused. @default 'reject'
   */
  readonly admission?: 'reject' | 'queue' | 'evict' | AdmissionRule
  /**
   * Which link of a proven peer stays that opens another to us, as two tabs of one user do: the `newest` takes the place of
   * the older, which is told `replaced` and does not come back by itself; the `oldest` stays, and the newer is refused
   * (`duplicate`; `ERR_INVALID_TRANSITION` to it, HTTP 403), even where the older is dead and nobody knows yet; or
   * `several`: each is a peer of its own, the later ones with the first free suffix, `alice#2`. Limits and rates count each, `allow`, `deny` and
   * `gate` judge the proven id, tags and protections are those of the name with its suffix, which goes with the link; who
   * proves an id that ends like such a suffix is refused (`invalid-id`). Of our dial and theirs always one stays.
   * @default 'newest'
   */
  readonly duplicates?: Duplicates
  /** How long a connection is safe from eviction, in milliseconds. @default 30_000 */
  readonly evictionGraceMs?: number
  /**
   * What a peer is worth. Asked when it asks for a slot, and anew whenever its tags, its holds or its link change. Where it
   * throws, or gives no number, it is the sum. @default the sum of its tags
   */
  readonly score?: (peer: ScoredPeer) => number
  /** How long a dial waits for an address before it tries the next one beside it, in milliseconds. @default 250 */
  readonly staggerMs?: number
  /** Where requests wait: how many requests may wait for a slot. @default 500 */
  readonly maxWaiting?: number
  /** The longest that a connect may wait, for a slot or for its turn to be dialled, in milliseconds. @default 30_000 */
  readonly waitTimeoutMs?: number
  /** Ceilings below `maxConnections`. @default 100 dials at a time; inbound links 80 % of the slots, 8 a host and 64 an IPv6 /48 */
  readonly limits?: LimitsOptions
  /** How often others may come. @default 5 a second and 16 at once of each host, 500 a second in all */
  readonly rate?: false | RateOptions
  /** Peer ids, IP addresses and CIDRs that pass the limits and rates for inbound links, but never `maxConnections`. @default none */
  readonly allow?: readonly string[]
  /** Peer ids, IP addresses and CIDRs that are neither let in nor dialled (`ERR_DENIED`), allowed or not. @default none */
  readonly deny?: readonly string[]
  /**
   * Is asked before each dial and about each inbound link that could come in; only `true` lets it pass, and what it throws
   * denies. It may answer later: then a dial waits within its `connectTimeoutMs`, an inbound link as long. @default none
   */
  readonly gate?: Gate
  /**
   * Whether lost and failed peers are dialled again; kept peers always are. In browsers all that pause are dialled when
   * the page comes online or into view again. @default false
   */
  readonly reconnect?: false | ReconnectOptions
  /**
   * Whether the process runs on for as long as a peer is kept, though its link is lost. Without, a process that has nothing
   * else to do ends, with code 0, when the last link of its kept peers is lost. Browsers need none of it. @default false
   */
  readonly keepAlive?: boolean
  /** What `export()` of an earlier run gave: its kept peers are connected again, no faster than they reconnect. @default nothing */
  readonly restore?: SavedState
  /** When a peer that fails again and again is left alone. @default after 5 failures, for 30 seconds */
  readonly breaker?: false | BreakerOptions
  /** How links that died in silence are found, where they can ping. @default asked after 15 seconds of silence, lost after 60 */
  readonly heartbeat?: false | HeartbeatOptions
  /**
   * A link that is older is not pooled or reused any more, in milliseconds; up to a tenth is taken off at random. Links in
   * use are not cut. @default Infinity: at any age
   */
  readonly maxLifetimeMs?: number
  /** Whether a pooled link that was idle for longer than 500 ms is pinged, where it can be, before it is reused. @default false */
  readonly validate?: boolean
  /** How many peers without a link are remembered, with why they are gone. @default 10_000; none that proved no id */
  readonly retention?: RetentionOptions
  /** How long a graceful close may take before it is aborted, in milliseconds. @default 5_000 */
  readonly closeTimeoutMs?: number
  /** How the metrics are taken. @default every second, over ten seconds; round trips every five */
  readonly metrics?: MetricsOptions
  /** How many bytes of messages that nobody reads wait on each link before it is paused. @default 1_048_576 */
  readonly maxBufferedBytes?: number
  /**
   * The most bytes that may wait to be sent on each link. Past it `send` throws `ERR_BUFFER_FULL` and changes nothing; a
   * message that is larger is taken where nothing else waits. Keep it above the transport's `highWaterMark`, past which
   * `send` returns false. @default 16_777_216
   */
  readonly maxSendBufferBytes?: number
  /**
   * The most bytes that messages which have begun to arrive, and are not whole, may hold on all links together, from
   * 16 KiB a message on. Past it the link whose message holds most is cut; of those that hold at least a quarter as
   * much, one whose id nobody has proven, and the one that went on last longest ago. The last one that holds any is never cut: what it may
   * hold the transport's `maxFrameBytes` says. @default 67_108_864
   */
  readonly maxUnfinishedBytes?: number
  /** Where time comes from. Where it throws or tells no instant, time goes on by the platform's. @default the platform's */
  readonly clock?: Clock
  /** Where randomness comes from: numbers from 0 up to 1; where it gives none, `Math.random` does. @default Math.random */
  readonly random?: () => number
  /**
   * Is told of each error in a function of yours that has nobody else to go to (a callback that throws, or answers against its
   * contract, a subscriber, a listener), with the function's name: the first hundred of each function, then one in a
   * hundred. It is called when no command is under way, and may command the manager. What stands in for the answer is said
   * at each option. @default a warning of the process (in browsers, of the page's console) at the first, tenth, hundredth … error of each function
   */
  readonly onError?: ErrorHandler
  /**
   * Is told what an operator should know, as `pino` is: a peer that fails or is lost is information, a limit that is reached
   * a warning once a minute with the count, a crash an error, every other move debug. At most 10 lines a second, and 100 at
   * once; no contents of messages. @default nobody
   */
  readonly logger?: Logger
  /** Is shown every XState inspection event. It makes each event about ten times dearer: only while somebody looks. @default nobody */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void)
}

/** How the metrics are taken. @since 0.1.0 */
export interface MetricsOptions {
  /** How often traffic is sampled and `metrics$` emits, in milliseconds. @default 1_000 */
  readonly sampleMs?: number
  /** What rates and latency are of, in milliseconds. @default 10_000 */
  readonly windowMs?: number
  /** How often each link's round trip is measured, in milliseconds. @default 5_000 */
  readonly latencyMs?: number
}

/** How many peers without a link are remembered; past it, the one that is gone longest is forgotten first. @since 0.2.0 */
export interface RetentionOptions {
  /** Peers that can be dialled, or have proven their id. Kept peers are never forgotten. @default 10_000 */
  readonly peers?: number
  /** Inbound peers that proved no id; none of them can come back under its name. @default 0: each is forgotten at once */
  readonly unproven?: number
}

/** Ceilings below `maxConnections`. @since 0.1.0 */
export interface LimitsOptions extends InboundLimitsOptions {
  /** How many dials may be under way at one time; past it a connect keeps its slot and waits its turn. @default 100 */
  readonly dialing?: number
}

/** How lost and failed peers are dialled again. @since 0.1.0 */
export interface ReconnectOptions {
  /** The first pause is drawn from 0 to this, in milliseconds; each further one from twice as much. @default 1_000 */
  readonly baseMs?: number
  /** No pause is drawn from more than this, in milliseconds. @default 60_000 */
  readonly maxMs?: number
  /** Attempts in a row for a peer that is not kept; kept peers are tried without end. @default 5 */
  readonly attempts?: number
  /** A connection that lasted so long makes the attempts count from zero, in milliseconds. @default 30_000 */
  readonly stableMs?: number
  /** How many reconnecting dials may be under way at one time. @default 5 */
  readonly concurrency?: number
  /** Whether a failure is worth another attempt; anything but `false`, and what it throws, is worth one. @default always */
  readonly shouldRetry?: (failure: Failure) => boolean
}

/** When a peer that fails again and again is left alone. @since 0.1.0 */
export interface BreakerOptions {
  /** It opens after so many failures in a row. @default 5 */
  readonly failures?: number
  /** How long it stays open at first, in milliseconds; the k-th time in a row, k times as long. @default 30_000 */
  readonly openMs?: number
  /** The longest it stays open, in milliseconds. @default 300_000 */
  readonly maxOpenMs?: number
}

/** How links that died in silence are found. @since 0.1.0 */
export interface HeartbeatOptions {
  /** A link that was silent for so long is asked for a sign of life, in milliseconds. @default 15_000 */
  readonly idleMs?: number
  /** The shortest wait for an answer; else it follows the link's own round trips, in milliseconds. @default 5_000 */
  readonly minTimeoutMs?: number
  /** The longest wait for an answer, in milliseconds. @default 60_000 */
  readonly maxTimeoutMs?: number
  /** A link is lost after so many unanswered pings in a row and `silenceMs`, both. @default 3 */
  readonly misses?: number
  /** A link is lost after so much silence and `misses`, both, in milliseconds. @default 60_000 */
  readonly silenceMs?: number
}

/** Options of a supervisor's logic. Who runs it decides on inspection: `createActor(…, { inspect })`. @since 0.1.0 */
export interface SupervisorOptions extends Omit<ManagerOptions, 'inspect'> {
  /** The most links held at one time: dialing, Connected, pooled and closing together. An integer >= 1. */
  readonly maxConnections: number
}
