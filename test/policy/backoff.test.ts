/** Reconnect pauses have full jitter, a bound, and an end where one was asked for. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attemptsAfter, backoffPause } from '../../machines/policy/backoff.ts'

const policies = fc.record({ baseMs: fc.integer({ min: 1, max: 10_000 }), maxMs: fc.integer({ min: 1, max: 100_000 }) })
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('reconnect: backoff with full jitter', () => {
  test('a pause is a random part of min(maxMs, baseMs · 2^n), however large n is', () => {
    fc.assert(
      fc.property(policies, fc.nat(5_000), randoms, (policy, attempt, random) => {
        const pause = backoffPause(attempt, random, { ...policy, attempts: Infinity })
        const top = Math.min(policy.maxMs, policy.baseMs * 2 ** attempt)
        expect(pause).toBeGreaterThanOrEqual(0)
        expect(pause).toBeLessThanOrEqual(top)
        expect(pause).toBeCloseTo(random * top)
      }),
    )
  })

  test('there are exactly so many attempts in a row', () => {
    fc.assert(
      fc.property(policies, fc.nat(20), fc.nat(40), (policy, attempts, attempt) => {
        expect(backoffPause(attempt, 0.5, { ...policy, attempts }) === undefined).toBe(attempt >= attempts)
      }),
    )
  })

  test('attempts count from zero after a connection that was stable, and go on after one that was not', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(100_000), fc.nat(100_000), (attempt, connectedMs, stableMs) => {
        expect(attemptsAfter(attempt, connectedMs, stableMs)).toBe(connectedMs >= stableMs ? 0 : attempt)
      }),
    )
  })
})
