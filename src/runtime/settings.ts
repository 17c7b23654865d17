/** Options are checked once, where they enter, and every default is said here. */
import type { InspectionEvent, Observer } from 'xstate'
import { assertDuration, assertInteger, checkLimits, DEFAULT_POOL_TIMEOUT_MS, type Limits } from '../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { Failure } from '../../machines/domain/failure.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { AdmissionRule } from '../../machines/policy/admission-rule.ts'
import type { Duplicates } from '../../machines/policy/duel.ts'
import type { BreakerPolicy } from '../../machines/policy/breaker.ts'
import { MAX_REMEMBERED, type Retention } from '../../machines/policy/memory.ts'
import type { HeartbeatPolicy } from '../../machines/policy/heartbeat.ts'
import type { ScoredPeer } from '../../machines/policy/standing.ts'
import type { Clock } from '../clock.ts'
import { Timeline } from './timeline.ts'
import type { Transport } from '../transports/transport.ts'
import type { AsyncContexts } from './async-context.ts'
import { AppErrors, type ErrorHandler } from './app-callback.ts'
import { resolveByName, type DialSettings, type Resolved } from './dial.ts'
import { checkSavedState, type SavedState } from './saved-state.ts'
import { GuardedClock, guardRandom } from './guarded-sources.ts'
import {
  checkDoor,
  INBOUND_LIMITS_OPTIONS,
  type DoorSettings,
  type Gate,
  type InboundLimitsOptions,
  type RateOptions,
} from './door-settings.ts'
import { spelled } from './failures.ts'
import { assertLogger, type Logger } from './logger.ts'
import type { TraceChannels } from './traces.ts'

/** What a manager can be told. Everything has a default. @since 0.1.0 */
export interface ManagerOptions {
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

/** What the platform provides. */
export interface Platform {
  readonly clock: Clock
  /** The transports of a manager that is told of none. */
  transports(): readonly Transport[]
  /** Bytes resident; 0 where not to be had. */
  memoryUsage(): number
  /** Writes a line for whoever looks for a fault; left out: nobody does. */
  debug?(line: string): void
  /** Calls back in the next tick of the event loop. */
  nextTick(f: () => void): void
  /** The contexts that code runs in. Left out: there are none. */
  readonly contexts?: AsyncContexts
  /** Where tracers of the process listen. Left out: there are none. */
  readonly channels?: TraceChannels | undefined
  /** Keeps the process running until what it gives is called. Left out: nothing has to. */
  holdProcess?(): () => void
  /** Tells whoever runs this of an error that nobody else is told of. */
  warn(message: string, error: Error): void
  /** Calls back whenever links may be had again: the network is back, or the user. Gives what ends it. */
  watchWakeUps?(wake: () => void): () => void
}

/** Checked options, with every default filled in. */
export interface Settings extends DialSettings {
  readonly limits: Limits
  readonly admission: 'reject' | 'queue' | 'evict' | AdmissionRule
  readonly duplicates: Duplicates
  readonly evictionGraceMs: number
  readonly score: ((peer: ScoredPeer) => number) | undefined
  readonly maxWaiting: number
  readonly waitTimeoutMs: number
  readonly maxDialing: number
  readonly reconnect: Required<Omit<ReconnectOptions, 'shouldRetry'>> &
    Pick<ReconnectOptions, 'shouldRetry'> & { readonly isForAll: boolean }
  readonly keepAlive: boolean
  readonly restore: SavedState | undefined
  readonly breaker: BreakerPolicy | undefined
  readonly heartbeat: HeartbeatPolicy & { readonly isOn: boolean }
  readonly maxLifetimeMs: number
  readonly validate: boolean
  readonly door: DoorSettings
  readonly retention: Retention
  readonly closeTimeoutMs: number
  readonly metrics: Required<MetricsOptions>
  readonly logger: Logger | undefined
  /** Where tracers of the process listen; undefined: nowhere. */
  readonly channels: TraceChannels | undefined
  readonly maxBufferedBytes: number
  readonly maxSendBufferBytes: number
  readonly maxUnfinishedBytes: number
  readonly clock: Timeline
  readonly random: () => number
  readonly errors: AppErrors
  readonly nextTick: (f: () => void) => void
  readonly watchWakeUps: Platform['watchWakeUps']
  readonly holdProcess: Platform['holdProcess']
  readonly contexts: AsyncContexts | undefined
  readonly memoryUsage: () => number
}

/** Options of a supervisor's logic. Who runs it decides on inspection: `createActor(…, { inspect })`. @since 0.1.0 */
export interface SupervisorOptions extends Omit<ManagerOptions, 'inspect'> {
  /** The most links held at one time: dialing, Connected, pooled and closing together. An integer >= 1. */
  readonly maxConnections: number
}

/** What can be said, by name: an option that is added is added here. */
const DUPLICATES: ReadonlySet<unknown> = new Set<Duplicates>(['newest', 'oldest', 'several'])

const SUPERVISOR_OPTIONS = {
  maxConnections: true,
  poolTimeoutMs: true,
  maxIdle: true,
  transport: true,
  resolve: true,
  connectTimeoutMs: true,
  admission: true,
  duplicates: true,
  evictionGraceMs: true,
  score: true,
  staggerMs: true,
  maxWaiting: true,
  waitTimeoutMs: true,
  limits: true,
  rate: true,
  allow: true,
  deny: true,
  gate: true,
  reconnect: true,
  keepAlive: true,
  restore: true,
  breaker: true,
  heartbeat: true,
  maxLifetimeMs: true,
  onError: true,
  logger: true,
  retention: true,
  validate: true,
  closeTimeoutMs: true,
  metrics: true,
  maxBufferedBytes: true,
  maxSendBufferBytes: true,
  maxUnfinishedBytes: true,
  clock: true,
  random: true,
} as const satisfies Known<SupervisorOptions>
/** What a manager can be told beside its `maxConnections`. */
export const MANAGER_OPTIONS = {
  inspect: true,
  poolTimeoutMs: true,
  maxIdle: true,
  transport: true,
  resolve: true,
  connectTimeoutMs: true,
  admission: true,
  duplicates: true,
  evictionGraceMs: true,
  score: true,
  staggerMs: true,
  maxWaiting: true,
  waitTimeoutMs: true,
  limits: true,
  rate: true,
  allow: true,
  deny: true,
  gate: true,
  reconnect: true,
  keepAlive: true,
  restore: true,
  breaker: true,
  heartbeat: true,
  maxLifetimeMs: true,
  onError: true,
  logger: true,
  retention: true,
  validate: true,
  closeTimeoutMs: true,
  metrics: true,
  maxBufferedBytes: true,
  maxSendBufferBytes: true,
  maxUnfinishedBytes: true,
  clock: true,
  random: true,
} as const satisfies Known<ManagerOptions>
const RETENTION_OPTIONS = { peers: true, unproven: true } as const satisfies Known<RetentionOptions>
const METRICS_OPTIONS = { sampleMs: true, windowMs: true, latencyMs: true } as const satisfies Known<MetricsOptions>
const LIMITS_OPTIONS = { ...INBOUND_LIMITS_OPTIONS, dialing: true } as const satisfies Known<LimitsOptions>
const RECONNECT_OPTIONS = {
  baseMs: true,
  maxMs: true,
  attempts: true,
  stableMs: true,
  concurrency: true,
  shouldRetry: true,
} as const satisfies Known<ReconnectOptions>
const BREAKER_OPTIONS = { failures: true, openMs: true, maxOpenMs: true } as const satisfies Known<BreakerOptions>
const HEARTBEAT_OPTIONS = {
  idleMs: true,
  minTimeoutMs: true,
  maxTimeoutMs: true,
  misses: true,
  silenceMs: true,
} as const satisfies Known<HeartbeatOptions>

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkOptions(options: SupervisorOptions, platform: Platform): Settings {
  assertObject('options', options)
  assertKnown('', options, SUPERVISOR_OPTIONS)
  const { maxConnections, poolTimeoutMs, maxIdle, resolve = resolveByName, random = Math.random, clock = platform.clock, onError } = options
  const { connectTimeoutMs = 10_000, closeTimeoutMs = 5_000, maxBufferedBytes = 1_048_576, metrics = {} } = options
  assertInteger('maxConnections', maxConnections, 1)
  const limits = checkLimits(
    { ...(poolTimeoutMs === undefined ? {} : { poolTimeoutMs }), ...(maxIdle === undefined ? {} : { maxIdle }) },
    { maxConnections, poolTimeoutMs: DEFAULT_POOL_TIMEOUT_MS, maxIdle: Infinity },
  )
  assertFunction('resolve', resolve)
  assertFunction('random', random)
  assertObject('clock', clock)
  for (const method of ['now', 'setTimeout', 'clearTimeout'] as const) assertFunction(`clock.${method}`, clock[method])
  if (clock.wall !== undefined) assertFunction('clock.wall', clock.wall)
  if (onError !== undefined) assertFunction('onError', onError)
  const { logger } = options
  if (logger !== undefined) assertLogger(logger)
  const errors = new AppErrors(onError, platform.warn, platform.contexts)
  assertDuration('connectTimeoutMs', connectTimeoutMs, 1)
  assertDuration('closeTimeoutMs', closeTimeoutMs, 0)
  assertInteger('maxBufferedBytes', maxBufferedBytes, 1)
  const { maxSendBufferBytes = 16_777_216, maxUnfinishedBytes = 67_108_864 } = options
  if (maxSendBufferBytes !== Infinity) assertInteger('maxSendBufferBytes', maxSendBufferBytes, 1)
  if (maxUnfinishedBytes !== Infinity) assertInteger('maxUnfinishedBytes', maxUnfinishedBytes, 1)
  assertObject('metrics', metrics)
  assertKnown('metrics', metrics, METRICS_OPTIONS)
  const { sampleMs = 1_000, windowMs = 10_000, latencyMs = 5_000 } = metrics
  assertDuration('metrics.sampleMs', sampleMs, 1)
  assertDuration('metrics.windowMs', windowMs, 1)
  assertDuration('metrics.latencyMs', latencyMs, 1)
  const { admission = 'reject', maxWaiting = 500, waitTimeoutMs = 30_000 } = options
  if (admission !== 'reject' && admission !== 'queue' && admission !== 'evict' && typeof admission !== 'function')
    throw new TypeError(`admission must be 'reject', 'queue', 'evict' or a function, got ${String(admission)}`)
  const { duplicates = 'newest' } = options
  if (!DUPLICATES.has(duplicates)) throw new TypeError(`duplicates must be 'newest', 'oldest' or 'several', got ${spelled(duplicates)}`)
  const { evictionGraceMs = 30_000, score, staggerMs = 250 } = options
  assertDuration('evictionGraceMs', evictionGraceMs, 0)
  if (score !== undefined) assertFunction('score', score)
  assertDuration('staggerMs', staggerMs, 0)
  assertInteger('maxWaiting', maxWaiting, 1)
  assertDuration('waitTimeoutMs', waitTimeoutMs, 1)
  assertObject('limits', options.limits ?? {})
  assertKnown('limits', options.limits ?? {}, LIMITS_OPTIONS)
  const { dialing = 100 } = options.limits ?? {}
  assertInteger('limits.dialing', dialing, 1)
  const { maxLifetimeMs = Infinity, validate = false, keepAlive = false } = options
  assertBoolean('keepAlive', keepAlive)
  if (maxLifetimeMs !== Infinity) assertDuration('maxLifetimeMs', maxLifetimeMs, 1)
  assertBoolean('validate', validate)
  return {
    limits,
    admission,
    duplicates,
    evictionGraceMs,
    score,
    maxWaiting,
    waitTimeoutMs,
    maxDialing: dialing,
    reconnect: checkReconnect(options.reconnect),
    keepAlive,
    restore: options.restore === undefined ? undefined : checkSavedState(options.restore),
    breaker: checkBreaker(options.breaker),
    heartbeat: checkHeartbeat(options.heartbeat),
    maxLifetimeMs,
    validate,
    door: checkDoor(options),
    retention: checkRetention(options.retention),
    transports: bySchemes(options.transport ?? platform.transports()),
    resolve,
    connectTimeoutMs,
    staggerMs,
    closeTimeoutMs,
    metrics: { sampleMs, windowMs, latencyMs },
    maxBufferedBytes,
    maxSendBufferBytes,
    maxUnfinishedBytes,
    clock: Timeline.of(clock === platform.clock ? clock : new GuardedClock(clock, errors, platform.clock)),
    random: random === Math.random ? random : guardRandom(random, errors),
    errors,
    logger,
    contexts: platform.contexts,
    channels: platform.channels,
    nextTick: platform.nextTick,
    watchWakeUps: platform.watchWakeUps,
    holdProcess: platform.holdProcess,
    memoryUsage: platform.memoryUsage,
  }
}

function checkRetention(given: RetentionOptions = {}): Retention {
  assertObject('retention', given)
  assertKnown('retention', given, RETENTION_OPTIONS)
  const { peers = MAX_REMEMBERED, unproven = 0 } = given
  assertInteger('retention.peers', peers, 0)
  assertInteger('retention.unproven', unproven, 0)
  return { peers, unproven }
}

function checkReconnect(given: false | ReconnectOptions = false): Settings['reconnect'] {
  if (given !== false) assertObject('reconnect', given)
  assertKnown('reconnect', given || {}, RECONNECT_OPTIONS)
  const options: ReconnectOptions = given === false ? {} : given
  const { baseMs = 1_000, maxMs = 60_000, attempts = 5, stableMs = 30_000, concurrency = 5, shouldRetry } = options
  assertDuration('reconnect.baseMs', baseMs, 1)
  assertDuration('reconnect.maxMs', maxMs, 1)
  if (attempts !== Infinity) assertInteger('reconnect.attempts', attempts, 0)
  assertDuration('reconnect.stableMs', stableMs, 0)
  assertInteger('reconnect.concurrency', concurrency, 1)
  if (shouldRetry !== undefined) assertFunction('reconnect.shouldRetry', shouldRetry)
  return {
    baseMs,
    maxMs,
    attempts,
    stableMs,
    concurrency,
    isForAll: given !== false,
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
  }
}

function checkBreaker(given: false | BreakerOptions = {}): BreakerPolicy | undefined {
  if (given === false) return undefined
  assertObject('breaker', given)
  assertKnown('breaker', given, BREAKER_OPTIONS)
  const { failures = 5, openMs = 30_000, maxOpenMs = 300_000 } = given
  assertInteger('breaker.failures', failures, 1)
  assertDuration('breaker.openMs', openMs, 1)
  assertDuration('breaker.maxOpenMs', maxOpenMs, 1)
  return { failures, openMs, maxOpenMs }
}

function checkHeartbeat(given: false | HeartbeatOptions = {}): Settings['heartbeat'] {
  if (given !== false) assertObject('heartbeat', given)
  assertKnown('heartbeat', given || {}, HEARTBEAT_OPTIONS)
  const options: HeartbeatOptions = given === false ? {} : given
  const { idleMs = 15_000, minTimeoutMs = 5_000, maxTimeoutMs = 60_000, misses = 3, silenceMs = 60_000 } = options
  assertDuration('heartbeat.idleMs', idleMs, 1)
  assertDuration('heartbeat.minTimeoutMs', minTimeoutMs, 1)
  assertDuration('heartbeat.maxTimeoutMs', maxTimeoutMs, minTimeoutMs)
  assertInteger('heartbeat.misses', misses, 1)
  assertDuration('heartbeat.silenceMs', silenceMs, 1)
  return { idleMs, minTimeoutMs, maxTimeoutMs, misses, silenceMs, isOn: given !== false }
}

function bySchemes(given: Transport | readonly Transport[]): ReadonlyMap<string, Transport> {
  const transports = new Map<string, Transport>()
  const list: readonly Transport[] = Array.isArray(given) ? given : [given]
  for (const transport of list) {
    assertObject('transport', transport)
    assertFunction('transport.dial', transport.dial)
    if (!Array.isArray(transport.schemes)) throw new TypeError('transport.schemes must be an array of URL schemes')
    for (const scheme of transport.schemes as readonly unknown[]) {
      if (typeof scheme !== 'string' || scheme === '') throw new TypeError(`transport.schemes must hold URL schemes, got ${String(scheme)}`)
      const protocol = `${scheme.replace(/:$/, '').toLowerCase()}:`
      // The first to name a scheme serves it: a list is in order of preference.
      if (!transports.has(protocol)) transports.set(protocol, transport)
    }
  }
  return transports
}

/** Throws a TypeError unless `value` is an object. */
export function assertObject(name: string, value: unknown): asserts value is object {
  if (typeof value !== 'object' || value === null) throw new TypeError(`${name} must be an object, got ${describe(value)}`)
}

/** Throws a TypeError unless `value` is a function. */
function assertFunction(name: string, value: unknown): asserts value is (...args: never[]) => unknown {
  if (typeof value !== 'function') throw new TypeError(`${name} must be a function, got ${describe(value)}`)
}

/** Throws a TypeError unless `value` is a boolean. */
function assertBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, got ${describe(value)}`)
}

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value
}
