/** Limits are checked once, where they enter, and are whole and in range ever after. */

import { assertKnown, type Known } from './options.ts'

/** The limits of a supervisor. @since 0.1.0 */
export interface Limits {
  /** The most links held at one time: dialing, Connected, pooled and closing together. An integer >= 1. */
  readonly maxConnections: number
  /** How long a pooled link waits for reuse, in milliseconds; 0: no pooling. */
  readonly poolTimeoutMs: number
  /** The most links that wait in the pool; `Infinity`: as many as fit under `maxConnections`. */
  readonly maxIdle: number
}

const LIMITS = { maxConnections: true, poolTimeoutMs: true, maxIdle: true } as const satisfies Known<Limits>

/** The seed's pool TTL: five minutes, in milliseconds. @since 0.1.0 */
export const DEFAULT_POOL_TIMEOUT_MS = 300_000

/**
 * Checks limits and fills in what is left out from `base`.
 *
 * @throws TypeError or RangeError that names the limit
 */
export function checkLimits(limits: Partial<Limits>, base: Limits): Limits {
  assertKnown('', limits, LIMITS)
  const { maxConnections = base.maxConnections, poolTimeoutMs = base.poolTimeoutMs, maxIdle = base.maxIdle } = limits
  assertInteger('maxConnections', maxConnections, 1)
  assertDuration('poolTimeoutMs', poolTimeoutMs, 0)
  if (maxIdle !== Infinity) assertInteger('maxIdle', maxIdle, 0)
  return { maxConnections, poolTimeoutMs, maxIdle }
}

/** Throws unless `value` is a safe integer of at least `least`. */
export function assertInteger(name: string, value: unknown, least: number): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be an integer >= ${least}, got ${value}`)
}

/** Throws unless `value` is a finite number of milliseconds of at least `least`. */
export function assertDuration(name: string, value: unknown, least: number): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!Number.isFinite(value) || value < least) {
    throw new RangeError(`${name} must be a finite number of milliseconds >= ${least}, got ${value}`)
  }
}
