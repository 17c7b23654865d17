/** A bucket lets through its burst and its rate, in any stretch of time, and no more; and no less. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { takeToken, type Bucket } from '../../machines/policy/token-bucket.ts'

const policies = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 20 }) })
const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(3_000)), { maxLength: 200 })

/** When attempts passed, in ms. */
function passed(steps: readonly number[], policy: { perSecond: number; burst: number }): number[] {
  let bucket: Bucket | undefined
  let at = 0
  const times: number[] = []
  for (const step of steps) {
    at += step
    const taken = takeToken(bucket, at, policy)
    bucket = taken.bucket
    if (taken.retryAfterMs === 0) times.push(at)
  }
  return times
}

describe('takeToken', () => {
  test('in any stretch of time no more pass than the burst and what the rate gives meanwhile', () => {
    fc.assert(
      fc.property(pauses, policies, (steps, policy) => {
        const times = passed(steps, policy)
        for (let first = 0; first < times.length; first++) {
          for (let last = first; last < times.length; last++) {
            const ms = (times[last] ?? 0) - (times[first] ?? 0)
            expect(last - first + 1).toBeLessThanOrEqual(policy.burst + (ms * policy.perSecond) / 1_000 + 1e-6)
          }
        }
      }),
    )
  })

  test('a full burst passes at once after a pause, however long', () => {
    fc.assert(
      fc.property(policies, fc.nat(1_000_000), (policy, extra) => {
        const refill = (policy.burst / policy.perSecond) * 1_000
        const drained = takeToken({ tokens: 0, at: 0 }, 0, policy)
        expect(drained.retryAfterMs).toBeGreaterThan(0)
        let { bucket } = drained
        for (let i = 0; i < policy.burst; i++) {
          const taken = takeToken(bucket, Math.ceil(refill) + extra, policy)
          expect(taken.retryAfterMs).toBe(0)
          bucket = taken.bucket
        }
        expect(takeToken(bucket, Math.ceil(refill) + extra, policy).retryAfterMs).toBeGreaterThan(0)
      }),
    )
  })

  test('who comes back when told to, passes; who comes before that, does not', () => {
    fc.assert(
      fc.property(policies, fc.double({ min: 0, max: 0.99, noNaN: true }), (policy, tokens) => {
        const { bucket, retryAfterMs } = takeToken({ tokens, at: 0 }, 0, policy)
        expect(takeToken(bucket, retryAfterMs, policy).retryAfterMs).toBe(0)
        expect(takeToken(bucket, retryAfterMs * 0.9, policy).retryAfterMs).toBeGreaterThan(0)
      }),
    )
  })

  test('a clock that goes back gives no tokens', () => {
    expect(takeToken({ tokens: 0.5, at: 1_000 }, 0, { perSecond: 5, burst: 16 }).retryAfterMs).toBeGreaterThan(0)
  })
})
