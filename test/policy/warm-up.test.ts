/** A peer is opened in advance exactly where there is room, and a refusal says why and by which numbers. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decideWarmUp, type WarmUpLimits, type WarmUpView } from '../../machines/policy/warm-up.ts'

const limits: fc.Arbitrary<WarmUpLimits> = fc.record({
  maxConnections: fc.integer({ min: 1, max: 6 }),
  maxIdle: fc.oneof(fc.constant(Infinity), fc.nat(6)),
  poolTimeoutMs: fc.constantFrom(0, 1, 300_000),
})
const view: fc.Arbitrary<WarmUpView> = fc.record({
  isHeld: fc.boolean(),
  isCircuitOpen: fc.boolean(),
  held: fc.nat(8),
  idle: fc.nat(6),
  opening: fc.nat(6),
})

test('one that is opened leaves both limits kept, and takes what nobody has', () => {
  fc.assert(
    fc.property(view, limits, (v, given) => {
      if (decideWarmUp(v, given).kind === 'skip') return
      expect(v.isHeld || v.isCircuitOpen).toBe(false)
      expect(v.held + 1).toBeLessThanOrEqual(given.maxConnections)
      expect(v.idle + v.opening + 1).toBeLessThanOrEqual(given.maxIdle)
      expect(given.poolTimeoutMs).toBeGreaterThan(0)
    }),
  )
})

test('one that is skipped could not be opened, and the numbers of its reason say so', () => {
  fc.assert(
    fc.property(view, limits, (v, given) => {
      const decision = decideWarmUp(v, given)
      if (decision.kind === 'open') return
      const { reason, current, limit } = decision
      if (reason === 'held') expect(v.isHeld).toBe(true)
      else if (reason === 'circuit-open') expect(v.isCircuitOpen).toBe(true)
      else if (reason === 'no-pool') expect(given.poolTimeoutMs === 0 || given.maxIdle === 0).toBe(true)
      else expect(current).toBeGreaterThanOrEqual(limit)
    }),
  )
})
