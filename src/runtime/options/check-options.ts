/** The check of a manager's options, once, where they enter; what is left out comes from `defaults.ts`. */
import { assertDuration, assertInteger, checkLimits } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Duplicates } from '../../../machines/policy/duel.ts'
import type { BreakerPolicy } from '../../../machines/policy/breaker.ts'
import type { Retention } from '../../../machines/policy/memory.ts'
import type { Transport } from '../../transports/transport.ts'
import { AppErrors } from '../callbacks/app-callback.ts'
import {
  BREAKER_DEFAULTS,
  DEFAULTS,
  HEARTBEAT_DEFAULTS,
  DIALING_DEFAULT,
  METRICS_DEFAULTS,
  RECONNECT_DEFAULTS,
  RETENTION_DEFAULTS,
  withDefaults,
} from './defaults.ts'
import { checkDoor, INBOUND_LIMITS_OPTIONS } from './door-settings.ts'
import { spelled } from '../errors/failures.ts'
import { assertFunction, assertIsBoolean, assertObject } from './given-options.ts'
import { GuardedClock, guardRandom } from '../callbacks/guarded-sources.ts'
import type {
  BreakerOptions,
  HeartbeatOptions,
  LimitsOptions,
  ManagerOptions,
  MetricsOptions,
  ReconnectOptions,
  RetentionOptions,
  SupervisorOptions,
} from './options.ts'
import { assertLogger } from './logger.ts'
import { resolveByName } from './resolved.ts'
import { checkSavedState } from './saved-state.ts'
import type { Platform, Settings } from './settings.ts'
import { Timeline } from '../time/timeline.ts'

const DUPLICATES: ReadonlySet<unknown> = new Set<Duplicates>(['newest', 'oldest', 'several'])

/** What can be said, by name: an option that is added is added here. */
const KNOWN = {
  fleet: true,
  olderFence: true,
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
} as const satisfies Known<Omit<ManagerOptions, 'inspect'>>
const SUPERVISOR_OPTIONS = { maxConnections: true, ...KNOWN } as const satisfies Known<SupervisorOptions>
/** What a manager can be told beside its `maxConnections`. */
export const MANAGER_OPTIONS = { inspect: true, ...KNOWN } as const satisfies Known<ManagerOptions>
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
  const given = withDefaults(DEFAULTS, options)
  const { maxConnections, resolve = resolveByName, random = Math.random, clock = platform.clock, onError } = options
  const { connectTimeoutMs, closeTimeoutMs, maxBufferedBytes, maxSendBufferBytes, maxUnfinishedBytes } = given
  const { metrics = {} } = options
  assertInteger('maxConnections', maxConnections, 1)
  const { poolTimeoutMs, maxIdle } = given
  const limits = checkLimits({ poolTimeoutMs, maxIdle }, { maxConnections, poolTimeoutMs, maxIdle })
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
  if (maxSendBufferBytes !== Infinity) assertInteger('maxSendBufferBytes', maxSendBufferBytes, 1)
  if (maxUnfinishedBytes !== Infinity) assertInteger('maxUnfinishedBytes', maxUnfinishedBytes, 1)
  assertObject('metrics', metrics)
  assertKnown('metrics', metrics, METRICS_OPTIONS)
  const { sampleMs, windowMs, latencyMs } = withDefaults(METRICS_DEFAULTS, metrics)
  assertDuration('metrics.sampleMs', sampleMs, 1)
  assertDuration('metrics.windowMs', windowMs, 1)
  assertDuration('metrics.latencyMs', latencyMs, 1)
  const { admission, maxWaiting, waitTimeoutMs, duplicates, evictionGraceMs, staggerMs } = given
  if (admission !== 'reject' && admission !== 'queue' && admission !== 'evict' && typeof admission !== 'function')
    throw new TypeError(`admission must be 'reject', 'queue', 'evict' or a function, got ${String(admission)}`)
  if (!DUPLICATES.has(duplicates)) throw new TypeError(`duplicates must be 'newest', 'oldest' or 'several', got ${spelled(duplicates)}`)
  const { score, fleet } = options
  const { olderFence } = given
  if (olderFence !== 'admit' && olderFence !== 'refuse')
    throw new TypeError(`olderFence must be 'admit' or 'refuse', got ${spelled(olderFence)}`)
  if (fleet !== undefined) {
    assertObject('fleet', fleet)
    assertFunction('fleet.join', fleet.join)
  }
  assertDuration('evictionGraceMs', evictionGraceMs, 0)
  if (score !== undefined) assertFunction('score', score)
  assertDuration('staggerMs', staggerMs, 0)
  assertInteger('maxWaiting', maxWaiting, 1)
  assertDuration('waitTimeoutMs', waitTimeoutMs, 1)
  assertObject('limits', options.limits ?? {})
  assertKnown('limits', options.limits ?? {}, LIMITS_OPTIONS)
  const { dialing = DIALING_DEFAULT } = options.limits ?? {}
  assertInteger('limits.dialing', dialing, 1)
  const { maxLifetimeMs, validate, keepAlive } = given
  assertIsBoolean('keepAlive', keepAlive)
  if (maxLifetimeMs !== Infinity) assertDuration('maxLifetimeMs', maxLifetimeMs, 1)
  assertIsBoolean('validate', validate)
  return {
    limits,
    admission,
    duplicates,
    olderFence,
    fleet,
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
  const { peers, unproven } = withDefaults(RETENTION_DEFAULTS, given)
  assertInteger('retention.peers', peers, 0)
  assertInteger('retention.unproven', unproven, 0)
  return { peers, unproven }
}

function checkReconnect(given: false | ReconnectOptions = false): Settings['reconnect'] {
  if (given !== false) assertObject('reconnect', given)
  assertKnown('reconnect', given || {}, RECONNECT_OPTIONS)
  const options: ReconnectOptions = given === false ? {} : given
  const { baseMs, maxMs, attempts, stableMs, concurrency } = withDefaults(RECONNECT_DEFAULTS, options)
  const { shouldRetry } = options
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
  const { failures, openMs, maxOpenMs } = withDefaults(BREAKER_DEFAULTS, given)
  assertInteger('breaker.failures', failures, 1)
  assertDuration('breaker.openMs', openMs, 1)
  assertDuration('breaker.maxOpenMs', maxOpenMs, 1)
  return { failures, openMs, maxOpenMs }
}

function checkHeartbeat(given: false | HeartbeatOptions = {}): Settings['heartbeat'] {
  if (given !== false) assertObject('heartbeat', given)
  assertKnown('heartbeat', given || {}, HEARTBEAT_OPTIONS)
  const options: HeartbeatOptions = given === false ? {} : given
  const { idleMs, minTimeoutMs, maxTimeoutMs, misses, silenceMs } = withDefaults(HEARTBEAT_DEFAULTS, options)
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
