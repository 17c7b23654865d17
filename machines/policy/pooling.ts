/** Keeps one thing true: a pooled link is used before its TTL is over, or not at all. */
import type { Limits } from '../domain/limits.ts'

/** Whether a link pooled at `pooledAt` may be used at `at`. At exactly the TTL it is over. */
export function isFresh(pooledAt: number, at: number, poolTimeoutMs: number): boolean {
  return at - pooledAt < poolTimeoutMs
}

/** Whether these limits pool links at all. */
export function poolsLinks(limits: Limits): boolean {
  return limits.poolTimeoutMs > 0 && limits.maxIdle > 0
}

/** How many pooled links must yield so that the limits hold, given the links held and those of them that are pooled. */
export function excessIdle(held: number, idle: number, limits: Limits): number {
  return Math.min(idle, Math.max(held - limits.maxConnections, idle - limits.maxIdle, 0))
}
