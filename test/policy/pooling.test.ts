/** A pooled link is used before its TTL is over, or not at all, and just as many yield as must. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_POOL_TIMEOUT_MS, type Limits } from '../../machines/domain/limits.ts'
import { checkTimeout, excessIdle, isFresh, needsCheck, poolsLinks, retiresAt } from '../../machines/policy/pooling.ts'

const instants = fc.nat(1_000_000)
const limits: fc.Arbitrary<Limits> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 8 }),
  poolTimeoutMs: fc.constantFrom(0, 1, DEFAULT_POOL_TIMEOUT_MS),
  maxIdle: fc.oneof(fc.constant(Infinity), fc.nat(8)),
})

describe('isFresh', () => {
  test('a link may be used until just before its TTL is over', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 1, max: 10_000 }), fc.nat(9_999), (pooledAt, ttl, age) => {
        expect(isFresh(pooledAt, pooledAt + (age % ttl), ttl)).toBe(true)
      }),
    )
  })

  test('at exactly the TTL it is over, and it stays over', () => {
    fc.assert(
      fc.property(instants, fc.nat(10_000), fc.nat(10_000), (pooledAt, ttl, past) => {
        expect([isFresh(pooledAt, pooledAt + ttl, ttl), isFresh(pooledAt, pooledAt + ttl + past, ttl)]).toEqual([false, false])
      }),
    )
  })
})

describe('needsCheck', () => {
  test('a link is checked when it was idle for longer than 500 ms', () => {
    fc.assert(
      fc.property(instants, fc.nat(2_000), (pooledAt, idle) => {
        expect(needsCheck(pooledAt, pooledAt + idle)).toBe(idle > 500)
      }),
    )
  })
})

describe('checkTimeout', () => {
  test('a check leaves half the time for a dial, and gives a slow link its time where it can', () => {
    fc.assert(
      fc.property(fc.option(fc.nat(5_000)), fc.integer({ min: 1, max: 60_000 }), (latency, connectMs) => {
        const ms = checkTimeout(latency, connectMs)
        expect(ms).toBeLessThanOrEqual(connectMs / 2)
        expect(ms >= 4 * (latency ?? 0) || ms === connectMs / 2).toBe(true)
        expect(ms >= 1_000 || ms === connectMs / 2).toBe(true)
      }),
    )
  })
})

describe('retiresAt', () => {
  test('a link lives as long as it may, less up to a tenth', () => {
    fc.assert(
      fc.property(
        instants,
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (at, most, random) => {
          const lifetime = retiresAt(at, most, random) - at
          expect(lifetime).toBeLessThanOrEqual(most + 1e-3)
          expect(lifetime).toBeGreaterThanOrEqual(most * 0.9 - 1e-3)
        },
      ),
    )
  })

  test('links that opened together do not end together', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.5, noNaN: true }), fc.double({ min: 0.6, max: 0.99, noNaN: true }), (a, b) => {
        expect(retiresAt(0, 1_000_000, a)).toBeGreaterThan(retiresAt(0, 1_000_000, b))
      }),
    )
  })
})

describe('poolsLinks', () => {
  test('links are pooled where they may wait for some time and some may wait', () => {
    fc.assert(
      fc.property(limits, (given) => {
        expect(poolsLinks(given)).toBe(given.poolTimeoutMs !== 0 && given.maxIdle !== 0)
      }),
    )
  })
})

describe('excessIdle', () => {
  const crowds = fc.nat(12).chain((held) => fc.record({ held: fc.constant(held), idle: fc.nat(held) }))

  test('when so many have yielded the limits hold, or none is left that could', () => {
    fc.assert(
      fc.property(crowds, limits, ({ held, idle }, given) => {
        const excess = excessIdle(held, idle, given)
        expect(excess).toBeLessThanOrEqual(idle)
        const kept = idle - excess
        expect(kept === 0 || (held - excess <= given.maxConnections && kept <= given.maxIdle)).toBe(true)
      }),
    )
  })

  test('and not one of them has yielded in vain', () => {
    fc.assert(
      fc.property(crowds, limits, ({ held, idle }, given) => {
        const excess = excessIdle(held, idle, given)
        expect(Number.isInteger(excess) && excess >= 0).toBe(true)
        if (excess === 0) return
        const oneLess = excess - 1
        expect(held - oneLess > given.maxConnections || idle - oneLess > given.maxIdle).toBe(true)
      }),
    )
  })
})
