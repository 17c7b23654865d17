/** A pooled link is used before its TTL is over, or not at all. */
import type { Limits } from '../domain/limits.ts'

/** Whether a link pooled at `pooledAt` may be used at `at`. At exactly the TTL it is over. @since 0.1.0 */
export function isFresh(pooledAt: number, at: number, poolTimeoutMs: number): boolean {
  return at - pooledAt < poolTimeoutMs
}

/** A pooled link that was idle for longer than this may have died unnoticed, in milliseconds. */
const TRUSTED_IDLE_MS = 500

/** The shortest time that a pooled link is given to show that it lives, in milliseconds. */
const LEAST_CHECK_MS = 1_000

/** Up to this part of a link's lifetime is taken off at random, so that links which opened together do not end together. */
const LIFETIME_JITTER = 0.1

/** Whether a link pooled at `pooledAt` has been idle for so long that it is to be checked before it is used at `at`. */
export function needsCheck(pooledAt: number, at: number): boolean {
  return at - pooledAt > TRUSTED_IDLE_MS
}

/**
 * How long that check may take, in milliseconds: a few of the link's round trips, and at most half the time of a
 * connect, so that there is time left to dial.
 */
export function checkTimeout(latencyMs: number | null, connectTimeoutMs: number): number {
  return Math.min(connectTimeoutMs / 2, Math.max(LEAST_CHECK_MS, 4 * (latencyMs ?? 0)))
}

/** From when on a link is not pooled or reused any more, in milliseconds since the epoch. @param random a number from 0 up to 1 */
export function retiresAt(openedAt: number, maxLifetimeMs: number, random: number): number {
  return openedAt + maxLifetimeMs * (1 - LIFETIME_JITTER * random)
}

/** Whether these limits pool links at all. @since 0.1.0 */
export function poolsLinks(limits: Limits): boolean {
  return limits.poolTimeoutMs > 0 && limits.maxIdle > 0
}

/** How many pooled links must yield so that the limits hold, given the links held and those of them that are pooled. @since 0.1.0 */
export function excessIdle(held: number, idle: number, limits: Limits): number {
  return Math.min(idle, Math.max(held - limits.maxConnections, idle - limits.maxIdle, 0))
}
