import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { TrafficSample } from '../../src/metrics/fold-input.ts'
import { initialMetrics, readMetrics, reduceMetrics } from '../../src/metrics/fold.ts'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'
import { START } from './legal-moves.ts'
import { sampleOf, trips } from './samples.ts'

const samples = fc.array(
  fc.record({
    after: fc.oneof(fc.constant(0), fc.constant(1_000), fc.integer({ min: 1, max: 30_000 })),
    messages: fc.nat(1_000),
    bytesIn: fc.nat(1_000_000),
    bytesOut: fc.nat(1_000_000),
    measured: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 30, size: 'max' },
)

describe('the window', () => {
  test('rates and latency are those of the samples of the last windowMs, over the time they cover', () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 1, max: 20_000 }), (steps, windowMs) => {
        let state = initialMetrics({ at: START, windowMs })
        let at = START
        const taken: (TrafficSample & { since: number; measured: readonly number[] })[] = []
        for (const { after, measured, ...traffic } of steps) {
          const since = at
          at += after
          const sample = sampleOf({ at, ...traffic, latency: trips(...measured) })
          taken.push({ ...sample, since, measured })
          state = reduceMetrics(state, sample)

          const metrics = readMetrics(state)

          const inside = taken.filter((one) => one.at > at - windowMs)
          const seconds = (at - inside[0]!.since) / 1_000
          const rate = (of: (one: TrafficSample) => number): number =>
            seconds === 0 ? 0 : inside.reduce((sum, one) => sum + of(one), 0) / seconds
          expect(metrics.messagesPerSecond).toBeCloseTo(
            rate((one) => one.messages),
            6,
          )
          expect(metrics.bytesPerSecond.in).toBeCloseTo(
            rate((one) => one.bytesIn),
            4,
          )
          expect(metrics.bytesPerSecond.out).toBeCloseTo(
            rate((one) => one.bytesOut),
            4,
          )
          const all = inside.flatMap((one) => one.measured)
          expect(metrics.latency?.count ?? 0).toBe(all.length)
          expect(metrics.latency?.max ?? null).toBe(all.length === 0 ? null : Math.max(...all))
          expect(metrics.avgLatency === null).toBe(all.length === 0)
          expect(metrics.avgLatency ?? 0).toBeCloseTo(all.reduce((a, b) => a + b, 0) / (all.length || 1), 9)
        }
      }),
    )
  })

  test('is the time since the start, while that is shorter', () => {
    expect(folded([{ at: START + 500, messages: 5 }]).messagesPerSecond).toBe(10)
    expect(
      folded([
        { at: START + 500, messages: 5 },
        { at: START + 1_000, messages: 15 },
      ]).messagesPerSecond,
    ).toBe(20)
  })

  test('lets go of a sample exactly when it is windowMs old', () => {
    const burst = { at: START + 1_000, messages: 1_000 }
    const quiet = (until: number) => Array.from({ length: until - 1 }, (_, i) => ({ at: START + (i + 2) * 1_000 }))

    expect(folded([burst, ...quiet(10)]).messagesPerSecond).toBe(100)
    expect(folded([burst, ...quiet(11)]).messagesPerSecond).toBe(0)
  })

  test('a sample that was late tells no higher rate than there was', () => {
    expect(
      folded([
        { at: START + 1_000, messages: 10 },
        { at: START + 31_000, messages: 300 },
      ]).messagesPerSecond,
    ).toBe(10)
  })

  test('a window shorter than a sample is that sample', () => {
    expect(
      folded(
        [
          { at: START + 1_000, messages: 99 },
          { at: START + 2_000, messages: 7 },
        ],
        10,
      ).messagesPerSecond,
    ).toBe(7)
  })

  test('no time at all gives no rate, and what was counted in it shows with the next sample', () => {
    expect(folded([{ at: START, messages: 10, bytesIn: 1 }])).toMatchObject({ messagesPerSecond: 0, bytesPerSecond: { in: 0, out: 0 } })
    expect(folded([{ at: START, messages: 10 }, { at: START + 1_000 }]).messagesPerSecond).toBe(10)
  })

  test('latency is null when the last round trip has left the window; memory is the last sample’s', () => {
    const measured = { at: START + 1_000, latency: trips(3, 5), memoryUsage: 7 }

    expect(folded([measured])).toMatchObject({ avgLatency: 4, latency: { count: 2, max: 5 }, memoryUsage: 7 })
    expect(folded([measured, { at: START + 11_000, memoryUsage: 8 }])).toMatchObject({ avgLatency: null, latency: null, memoryUsage: 8 })
  })
})

function folded(taken: readonly (Partial<TrafficSample> & { at: number })[], windowMs = 10_000): NetworkMetrics {
  return readMetrics(taken.map(sampleOf).reduce(reduceMetrics, initialMetrics({ at: START, windowMs })))
}
