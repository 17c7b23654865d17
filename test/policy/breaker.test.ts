/** A breaker opens after so many failures in a row, lets exactly one probe through, and no success leaves a trace. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { afterFailure, afterNothing, askBreaker, CLOSED, probing, type Breaker } from '../../machines/policy/breaker.ts'

const policies = fc.record({
  failures: fc.integer({ min: 1, max: 8 }),
  openMs: fc.integer({ min: 1, max: 1_000 }),
  maxOpenMs: fc.integer({ min: 1, max: 3_000 }),
})
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const steps = fc.array(fc.record({ pause: fc.nat(2_000), outcome: fc.constantFrom('failure', 'success', 'nothing'), random: randoms }), {
  maxLength: 60,
})

describe('breaker', () => {
  test('over any history it is open only after enough failures in a row, for 30 s · k of its own, at most its maximum, less a tenth', () => {
    fc.assert(
      fc.property(policies, steps, (policy, history) => {
        let breaker: Breaker = CLOSED
        let at = 1_000
        let inARow = 0
        let opened = 0
        for (const { pause, outcome, random } of history) {
          at += pause
          const verdict = askBreaker(breaker, at, policy)
          if (verdict.kind === 'refuse') {
            expect(inARow).toBeGreaterThanOrEqual(policy.failures)
            expect(verdict.retryAfterMs).toBeGreaterThan(0)
            expect(verdict.retryAfterMs).toBeLessThanOrEqual(Math.min(policy.maxOpenMs, policy.openMs * opened))
            continue
          }
          expect(verdict.kind === 'probe').toBe(inARow >= policy.failures)
          if (verdict.kind === 'probe') {
            breaker = probing(breaker)
            // Exactly one: whoever asks while it is under way is refused.
            expect(askBreaker(breaker, at, policy)).toEqual({ kind: 'refuse', retryAfterMs: policy.openMs })
          }
          if (outcome === 'failure') {
            breaker = afterFailure(breaker, at, random, policy)
            inARow++
            if (inARow >= policy.failures) {
              opened++
              const whole = Math.min(policy.maxOpenMs, policy.openMs * opened)
              expect(breaker.openUntil - at).toBeGreaterThan(whole * 0.9 - 1e-6)
              expect(breaker.openUntil - at).toBeLessThanOrEqual(whole)
            }
          } else if (outcome === 'success') {
            breaker = CLOSED
            inARow = opened = 0
          } else {
            breaker = afterNothing(breaker)
          }
          expect(breaker.failures).toBe(inARow)
        }
      }),
    )
  })
})
