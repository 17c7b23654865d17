/** The options of a fleet: what each means, its unit and its default. */
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { isWellFormed } from '../../machines/domain/peer-id.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { FleetStore } from './store.ts'

/** What a node of a fleet can be told. @since 0.2.0 */
export interface FleetOptions {
  /** Where the nodes of the fleet meet. It stays the caller's, who closes it after the manager's `shutdown`. */
  readonly store: FleetStore
  /** The most links of the whole fleet at one time, all nodes together. */
  readonly limit: number
  /** The name of this node, as others see it. @default `node-` and something random */
  readonly name?: string
  /** The name of the fleet: fleets of two names share a store, and know nothing of each other. @default 'fleet' */
  readonly fleet?: string
  /**
   * How long this node owns what it owns without hearing from the store, in milliseconds, counted from when it sent its last
   * renewal; it renews at a third of it. A node that dies is noticed after this and `lockDelayMs`. @default 15_000
   */
  readonly leaseMs?: number
  /** How much longer than `leaseMs` the store keeps what a node owns that cannot be heard, in milliseconds: for clocks that run at another pace. @default a fifth of `leaseMs` */
  readonly lockDelayMs?: number
  /**
   * What happens when a peer that another node owns proves its id here: the `newest` link wins, this node takes the peer over
   * and the other one closes its link; or the owner may `keep` it, and the newcomer is refused. @default 'newest'
   */
  readonly onConflict?: 'newest' | 'keep'
  /**
   * What becomes of the links that are held when the lease ends because the store does not answer: this node has to `close`
   * them, or may `keep` them, though others may own the same peers by then and the limit may be passed. @default 'close'
   */
  readonly onStoreLost?: 'close' | 'keep'
  /** How many permits a node leases at a time. @default a thirty-second of `limit` */
  readonly block?: number
  /** How long a request waits for a permit when the fleet has none left, in milliseconds, before it is refused. @default 500 */
  readonly permitWaitMs?: number
  /** How long the kept peers of a node that is gone are left alone, in milliseconds. @default 1_000 */
  readonly takeoverGraceMs?: number
  /** How many such peers this node takes over a second at most. @default 20 */
  readonly takeoverPerSecond?: number
  /** How often this node publishes its metrics, in milliseconds. @default 5_000 */
  readonly publishMs?: number
  /**
   * Whether nobody can hold anything of this fleet yet: a store without data is then taken for a new one, and not for one
   * that has lost its data, after which nothing is granted for one full lease. Only for a fleet that starts as a whole.
   * @default true for `memoryStore()` and `clusterStore()`, which end with their nodes; else false
   */
  readonly isNew?: boolean
}

/** Checked options, with every default filled in. */
export type FleetSettings = Required<FleetOptions>

const KNOWN = {
  store: true,
  limit: true,
  name: true,
  fleet: true,
  leaseMs: true,
  lockDelayMs: true,
  onConflict: true,
  onStoreLost: true,
  block: true,
  permitWaitMs: true,
  takeoverGraceMs: true,
  takeoverPerSecond: true,
  publishMs: true,
  isNew: true,
} as const satisfies Known<FleetOptions>

const STORE_METHODS = ['life', 'grant', 'renew', 'revoke', 'get', 'list', 'write', 'watch', 'close'] as const

/** Engines whose data is lost only together with all nodes. */
const ENDS_WITH_ITS_NODES: ReadonlySet<string> = new Set(['memory', 'cluster'])

/** The longest name of a node or a fleet, in characters: both are shown to other sides. */
const MAX_NAME_LENGTH = 128

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkFleetOptions(options: FleetOptions): FleetSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { store, limit, fleet = 'fleet', leaseMs = 15_000, onConflict = 'newest', onStoreLost = 'close' } = options
  const { permitWaitMs = 500, takeoverGraceMs = 1_000, takeoverPerSecond = 20, publishMs = 5_000 } = options
  if (typeof store !== 'object' || store === null) throw new TypeError('store must be a FleetStore: memoryStore(), redisStore(…), …')
  for (const method of STORE_METHODS) {
    if (typeof store[method] !== 'function') throw new TypeError(`store must be a FleetStore: it has no method ${method}`)
  }
  assertInteger('limit', limit, 1)
  const { name = `node-${Math.random().toString(36).slice(2, 8)}` } = options
  assertName('name', name)
  assertName('fleet', fleet)
  assertDuration('leaseMs', leaseMs, 100)
  const {
    lockDelayMs = Math.ceil(leaseMs / 5),
    block = Math.max(1, Math.ceil(limit / 32)),
    isNew = ENDS_WITH_ITS_NODES.has(store.name),
  } = options
  assertDuration('lockDelayMs', lockDelayMs, 0)
  if (onConflict !== 'newest' && onConflict !== 'keep')
    throw new TypeError(`onConflict must be 'newest' or 'keep', got ${String(onConflict)}`)
  if (onStoreLost !== 'close' && onStoreLost !== 'keep')
    throw new TypeError(`onStoreLost must be 'close' or 'keep', got ${String(onStoreLost)}`)
  assertInteger('block', block, 1)
  assertDuration('permitWaitMs', permitWaitMs, 0)
  assertDuration('takeoverGraceMs', takeoverGraceMs, 0)
  if (typeof takeoverPerSecond !== 'number' || !(takeoverPerSecond > 0) || takeoverPerSecond === Infinity)
    throw new RangeError(`takeoverPerSecond must be a finite number above 0, got ${String(takeoverPerSecond)}`)
  assertDuration('publishMs', publishMs, 1)
  if (typeof isNew !== 'boolean') throw new TypeError(`isNew must be a boolean, got ${typeof isNew}`)
  return {
    store,
    limit,
    name,
    fleet,
    leaseMs,
    lockDelayMs,
    onConflict,
    onStoreLost,
    block,
    permitWaitMs,
    takeoverGraceMs,
    takeoverPerSecond,
    publishMs,
    isNew,
  }
}

function assertName(option: string, name: unknown): asserts name is string {
  if (typeof name !== 'string') throw new TypeError(`${option} must be a string, got ${typeof name}`)
  if (!isWellFormed(name)) throw new RangeError(`${option} must be well-formed Unicode: it has a lone surrogate`)
  if (name.length === 0 || name.length > MAX_NAME_LENGTH) throw new RangeError(`${option} must have 1 to ${MAX_NAME_LENGTH} characters`)
}
