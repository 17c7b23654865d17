/** A link is asked in time, given time to answer, and lost only after silence and misses, both. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  answerTimeout,
  type HeartbeatPolicy,
  isAsked,
  isLost,
  lookEveryMs,
  smoothRoundTrip,
  type SmoothedRoundTrip,
  STALL_MS,
} from '../../machines/policy/heartbeat.ts'

const policy: fc.Arbitrary<HeartbeatPolicy> = fc
  .record({
    idleMs: fc.integer({ min: 1, max: 30_000 }),
    minTimeoutMs: fc.integer({ min: 1, max: 10_000 }),
    more: fc.nat(60_000),
    misses: fc.integer({ min: 1, max: 5 }),
    silenceMs: fc.integer({ min: 1, max: 120_000 }),
  })
  .map(({ more, ...rest }) => ({ ...rest, maxTimeoutMs: rest.minTimeoutMs + more }))
const trips = fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 30 })
const smoothed: fc.Arbitrary<SmoothedRoundTrip | undefined> = fc.option(
  trips.map((ms) => smooth(ms)),
  { nil: undefined },
)
const view = fc.record({ misses: fc.nat(8), silentMs: fc.nat(200_000), lateMs: fc.nat(3_000) })

describe('smoothRoundTrip', () => {
  test('the mean stays within what was measured, and the deviation within its span', () => {
    fc.assert(
      fc.property(trips, (ms) => {
        const { mean, deviation } = smooth(ms)
        const [least, most] = [Math.min(...ms), Math.max(...ms)]
        expect(mean).toBeGreaterThanOrEqual(least - 1e-6)
        expect(mean).toBeLessThanOrEqual(most + 1e-6)
        expect(deviation).toBeGreaterThanOrEqual(0)
        expect(deviation).toBeLessThanOrEqual(Math.max(most - least, (ms[0] ?? 0) / 2) + 1e-6)
      }),
    )
  })

  test('round trips that are all alike leave their length and no deviation', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 60_000, noNaN: true }), (ms) => {
        const { mean, deviation } = smooth(Array.from({ length: 60 }, () => ms))
        expect(mean).toBeCloseTo(ms, 3)
        expect(deviation).toBeLessThan(0.01)
      }),
    )
  })
})

describe('answerTimeout', () => {
  test('an answer is given time within the bounds, and more of it after each miss', () => {
    fc.assert(
      fc.property(smoothed, fc.nat(8), policy, (trip, misses, given) => {
        const ms = answerTimeout(trip, misses, given)
        expect(ms).toBeGreaterThanOrEqual(given.minTimeoutMs)
        expect(ms).toBeLessThanOrEqual(given.maxTimeoutMs)
        expect(answerTimeout(trip, misses + 1, given)).toBe(Math.min(given.maxTimeoutMs, ms * 2))
      }),
    )
  })

  test('a link as slow as it always was answers in time, wherever the bounds allow', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 60_000, noNaN: true }), fc.nat(20), policy, (ms, more, given) => {
        const wait = answerTimeout(smooth(Array.from({ length: 1 + more }, () => ms)), 0, given)
        expect(wait).toBeGreaterThanOrEqual(Math.min(ms * 0.999, given.maxTimeoutMs))
      }),
    )
  })
})

describe('lookEveryMs', () => {
  test('no wait is shorter than the pause between two looks', () => {
    fc.assert(
      fc.property(policy, smoothed, (given, trip) => {
        expect(lookEveryMs(given)).toBeLessThanOrEqual(given.idleMs)
        expect(lookEveryMs(given)).toBeLessThanOrEqual(answerTimeout(trip, 0, given))
      }),
    )
  })
})

describe('isAsked', () => {
  test('a link is asked after silence, or again after a miss', () => {
    fc.assert(
      fc.property(view, policy, (v, given) => {
        expect(isAsked(v, given)).toBe(v.misses > 0 || v.silentMs >= given.idleMs)
      }),
    )
  })
})

describe('isLost', () => {
  test('lost after so many misses and so much silence, both, and never when our own timer came late', () => {
    fc.assert(
      fc.property(view, policy, (v, given) => {
        expect(isLost(v, given)).toBe(v.misses >= given.misses && v.silentMs >= given.silenceMs && v.lateMs < STALL_MS)
      }),
    )
  })

  test('looked at in turn, a link that answers in time is never lost; one that never does is, and not before', () => {
    fc.assert(
      fc.property(policy, fc.boolean(), fc.nat(100), (given, answers, percent) => {
        const every = lookEveryMs(given)
        const delay = (given.minTimeoutMs * percent) / 100
        const patience = given.silenceMs + given.idleMs + (given.misses + 2) * (given.maxTimeoutMs + every)
        let heardAt = 0
        let misses = 0
        let askedAt: number | undefined
        let lostAt: number | undefined
        for (let now = every; now <= patience && lostAt === undefined; now += every) {
          if (answers && askedAt !== undefined && now >= askedAt + delay) {
            heardAt = askedAt + delay
            misses = 0
            askedAt = undefined
          }
          if (askedAt !== undefined && now >= askedAt + answerTimeout(undefined, misses, given)) {
            misses++
            askedAt = undefined
          }
          const seen = { misses, silentMs: now - heardAt, lateMs: 0 }
          if (isLost(seen, given)) lostAt = now
          else if (askedAt === undefined && isAsked(seen, given)) askedAt = now
        }
        if (answers) expect(lostAt).toBeUndefined()
        else expect(lostAt).toBeGreaterThanOrEqual(given.silenceMs)
      }),
      // Bounds of a millisecond make many looks.
      { numRuns: 50 },
    )
  })
})

function smooth(ms: readonly number[]): SmoothedRoundTrip {
  let trip: SmoothedRoundTrip | undefined
  for (const one of ms) trip = smoothRoundTrip(trip, one)
  if (trip === undefined) throw new Error('nothing was measured')
  return trip
}
