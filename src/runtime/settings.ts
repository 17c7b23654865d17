/** Keeps one thing true: options are checked once, where they enter, and every default is said here. */
import type { InspectionEvent, Observer } from 'xstate'
import { assertDuration, assertInteger, checkLimits, DEFAULT_POOL_TIMEOUT_MS, type Limits } from '../../machines/domain/limits.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Clock } from '../clock.ts'
import type { Transport } from '../transports/transport.ts'
import { resolveByName, type DialSettings, type Resolved } from './dial.ts'

/** What a manager can be told. Everything has a default. */
export interface ManagerOptions {
  /** How long a pooled link waits for reuse, in milliseconds; 0: no pooling. @default 300_000 */
  readonly poolTimeoutMs?: number
  /** The most links that wait in the pool. @default Infinity: as many as fit under `maxConnections` */
  readonly maxIdle?: number
  /** What moves the bytes, chosen by URL scheme. @default in Node `[tcp(), websocket()]`, in browsers `[websocket()]` */
  readonly transport?: Transport | readonly Transport[]
  /** The addresses of a peer, best first. @default the peer id itself, where it is a URL */
  readonly resolve?: (peerId: PeerId) => Resolved | Promise<Resolved>
  /** The longest that a dial may take, all addresses together, in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number
  /** How long a graceful close may take before it is aborted, in milliseconds. @default 5_000 */
  readonly closeTimeoutMs?: number
  /** How the metrics are taken. @default every second, over ten seconds; round trips every five */
  readonly metrics?: MetricsOptions
  /** How many bytes of messages that nobody reads wait on each link before it is paused. @default 1_048_576 */
  readonly maxBufferedBytes?: number
  /** Where time comes from. @default the platform's */
  readonly clock?: Clock
  /** Where randomness comes from: numbers from 0 up to 1. Nothing draws from it yet. @default Math.random */
  readonly random?: () => number
  /** Is shown every XState inspection event. It makes each event about ten times dearer: only while somebody looks. @default nobody */
  readonly inspect?: Observer<InspectionEvent> | ((event: InspectionEvent) => void)
}

/** How the metrics are taken. */
export interface MetricsOptions {
  /** How often traffic is sampled and `metrics$` emits, in milliseconds. @default 1_000 */
  readonly sampleMs?: number
  /** What rates and latency are of, in milliseconds. @default 10_000 */
  readonly windowMs?: number
  /** How often each link's round trip is measured, in milliseconds. @default 5_000 */
  readonly latencyMs?: number
}

/** What the platform provides. */
export interface Platform {
  readonly clock: Clock
  /** The transports of a manager that is told of none. */
  transports(): readonly Transport[]
  /** Bytes resident; 0 where not to be had. */
  memoryUsage(): number
  /** Calls back in the next tick of the event loop. */
  nextTick(f: () => void): void
}

/** Checked options, with every default filled in. */
export interface Settings extends DialSettings {
  readonly limits: Limits
  readonly closeTimeoutMs: number
  readonly metrics: Required<MetricsOptions>
  readonly maxBufferedBytes: number
  readonly clock: Clock
  readonly random: () => number
  readonly nextTick: (f: () => void) => void
  readonly memoryUsage: () => number
}

/** Options of a supervisor's logic. Who runs it decides on inspection: `createActor(…, { inspect })`. */
export interface SupervisorOptions extends Omit<ManagerOptions, 'inspect'> {
  /** The most links held at one time: dialing, Connected, pooled and closing together. An integer >= 1. */
  readonly maxConnections: number
}

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkOptions(options: SupervisorOptions, platform: Platform): Settings {
  assertObject('options', options)
  const { maxConnections, poolTimeoutMs, maxIdle, resolve = resolveByName, random = Math.random, clock = platform.clock } = options
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
  assertDuration('connectTimeoutMs', connectTimeoutMs, 1)
  assertDuration('closeTimeoutMs', closeTimeoutMs, 0)
  assertInteger('maxBufferedBytes', maxBufferedBytes, 1)
  assertObject('metrics', metrics)
  const { sampleMs = 1_000, windowMs = 10_000, latencyMs = 5_000 } = metrics
  assertDuration('metrics.sampleMs', sampleMs, 1)
  assertDuration('metrics.windowMs', windowMs, 1)
  assertDuration('metrics.latencyMs', latencyMs, 1)
  return {
    limits,
    transports: bySchemes(options.transport ?? platform.transports()),
    resolve,
    connectTimeoutMs,
    closeTimeoutMs,
    metrics: { sampleMs, windowMs, latencyMs },
    maxBufferedBytes,
    clock,
    random,
    nextTick: platform.nextTick,
    memoryUsage: platform.memoryUsage,
  }
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

function describe(value: unknown): string {
  return value === null ? 'null' : typeof value
}
