/** The default of every option, in one place: what is in force where an option is left out. The docstrings say the same, and a test compares them. */
import { LOOPBACK, PRIVATE } from '../../../machines/domain/cidr-set.ts'
import { DEFAULT_POOL_TIMEOUT_MS } from '../../../machines/domain/limits.ts'
import { MAX_REMEMBERED } from '../../../machines/policy/memory.ts'

/** Of the options of a manager that stand by themselves. */
export const DEFAULTS = {
  poolTimeoutMs: DEFAULT_POOL_TIMEOUT_MS,
  maxIdle: Infinity,
  connectTimeoutMs: 10_000,
  admission: 'reject',
  duplicates: 'newest',
  olderFence: 'admit',
  evictionGraceMs: 30_000,
  staggerMs: 250,
  maxWaiting: 500,
  waitTimeoutMs: 30_000,
  keepAlive: false,
  maxLifetimeMs: Infinity,
  validate: false,
  closeTimeoutMs: 5_000,
  maxBufferedBytes: 1_048_576,
  maxSendBufferBytes: 16_777_216,
  maxUnfinishedBytes: 67_108_864,
} as const

/** Of `limits`, for arriving links. The share of the slots that they may use follows from `maxConnections`. */
export const INBOUND_DEFAULTS = { pendingInbound: 10, perHost: 8, perSubnet: 64, exempt: [...LOOPBACK, ...PRIVATE] } as const

/** Of `limits`: how many dials may be under way at one time. */
export const DIALING_DEFAULT = 100

/** Of `rate`. */
export const RATE_DEFAULTS = { perSecond: 5, burst: 16, total: 500 } as const

/** Of `reconnect`. */
export const RECONNECT_DEFAULTS = { baseMs: 1_000, maxMs: 60_000, attempts: 5, stableMs: 30_000, concurrency: 5 } as const

/** Of `breaker`. */
export const BREAKER_DEFAULTS = { failures: 5, openMs: 30_000, maxOpenMs: 300_000 } as const

/** Of `heartbeat`. */
export const HEARTBEAT_DEFAULTS = { idleMs: 15_000, minTimeoutMs: 5_000, maxTimeoutMs: 60_000, misses: 3, silenceMs: 60_000 } as const

/** Of `metrics`. */
export const METRICS_DEFAULTS = { sampleMs: 1_000, windowMs: 10_000, latencyMs: 5_000 } as const

/** Of `retention`: the 10_000 peers without a link that are remembered. */
export const RETENTION_DEFAULTS = { peers: MAX_REMEMBERED, unproven: 0 } as const

/** Of the option `queue` of `keep`. */
export const KEEP_QUEUE_DEFAULTS = { maxMessages: 1_000, maxBytes: 1_048_576 } as const

/** How long `shutdown` waits for links to close, in milliseconds, before it aborts them: the shutdown timeout. */
export const DEFAULT_SHUTDOWN_TIMEOUT_MS = 5_000

/** What is given of these options, and the default of each that is left out. Each is read once. */
export function withDefaults<Defaults extends object, Options extends { readonly [Name in keyof Defaults]?: unknown }>(
  defaults: Defaults,
  options: Options,
): { readonly [Name in keyof Defaults]: Exclude<Options[Name], undefined> } {
  const inForce: Partial<Record<keyof Defaults, unknown>> = {}
  for (const name of Object.keys(defaults) as (keyof Defaults)[]) {
    const { [name]: value = defaults[name] } = options
    inForce[name] = value
  }
  return inForce as { readonly [Name in keyof Defaults]: Exclude<Options[Name], undefined> }
}
