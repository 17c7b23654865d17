/** Durations are those that went by, instants follow the wall clock, and neither goes backwards. */
import fc from 'fast-check'
import { VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { LEAP_MS, Timeline } from '../../src/runtime/time/timeline.ts'

const HOUR = 3_600_000

type Step = { readonly pass: number } | { readonly leap: number }

const ms = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 60 * 24 * HOUR }))
const step: fc.Arbitrary<Step> = fc.oneof(
  ms.map((pass) => ({ pass })),
  fc.tuple(ms, fc.boolean()).map(([length, isBack]) => ({ leap: isBack ? -length : length })),
)

describe('whichever way the wall clock leaps', () => {
  test('neither the line nor its instants ever go backwards, and what was shown is shown again', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const clock = new VirtualClock()
        const time = new Timeline(clock)
        const seen: { readonly at: number; readonly shown: number }[] = []
        for (const one of steps) {
          if ('pass' in one) clock.advance(one.pass)
          else clock.leap(one.leap)
          const at = time.now()
          const last = seen.at(-1)
          expect(at).toBeGreaterThanOrEqual(last?.at ?? 0)
          expect(time.instant(at)).toBeGreaterThanOrEqual((last?.shown ?? 0) - 0.01)
          seen.push({ at, shown: time.instant(at) })
        }
        for (const { at, shown } of seen) expect(Math.abs(time.instant(at) - shown)).toBeLessThan(0.01)
      }),
    )
  })

  test('instants are those of the wall clock again once it has caught up', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const clock = new VirtualClock()
        const time = new Timeline(clock)
        for (const one of steps) {
          if ('pass' in one) clock.advance(one.pass)
          else clock.leap(one.leap)
          time.now()
        }
        const aheadMs = time.instant(time.now()) - clock.wall()
        expect(aheadMs).toBeGreaterThan(-0.01)
        clock.advance(aheadMs * 1.12 + 1)
        expect(Math.abs(time.instant(time.now()) - clock.wall())).toBeLessThan(0.01)
      }),
    )
  })

  test('the line goes on by what went by, and by what it leapt ahead', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const clock = new VirtualClock()
        const time = new Timeline(clock)
        let told = 0
        time.onLeap((length) => (told += length))
        for (const one of steps) {
          const before = time.now()
          if ('pass' in one) clock.advance(one.pass)
          else clock.leap(one.leap)
          const went = time.now() - before
          if ('pass' in one) expect(Math.abs(went - one.pass)).toBeLessThanOrEqual(LEAP_MS)
          else if (one.leap <= -LEAP_MS) expect(went).toBeLessThan(LEAP_MS)
          else if (one.leap >= 0) expect(Math.abs(went - one.leap)).toBeLessThan(0.01)
        }
        // Small steps may add up to a leap that is told with the next look at the steady clock; nothing is told that did not happen.
        const ahead = steps.reduce((sum, one) => sum + ('leap' in one && one.leap > 0 ? one.leap : 0), 0)
        expect(told).toBeLessThanOrEqual(ahead + 0.01)
      }),
    )
  })

  test('a clock of one hand that is set back stood still, and everything after it is on time', () => {
    let now = 10 * HOUR
    const time = new Timeline({ now: () => now, setTimeout: () => 0, clearTimeout: () => {} })
    now -= HOUR
    expect(time.now()).toBe(10 * HOUR)
    now += 500
    expect(time.now()).toBe(10 * HOUR + 500)
    now += 2 * HOUR
    expect(time.instant(time.now())).toBeCloseTo(now, 2)
  })
})
