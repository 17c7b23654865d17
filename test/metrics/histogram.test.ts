import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { LatencyHistogram } from '../../src/metrics/histogram.ts'

const HOUR = 3_600_000
const latency = fc.oneof(
  fc.double({ min: 0, max: 1, noNaN: true }),
  fc.double({ min: 0, max: 1_000, noNaN: true }),
  fc.double({ min: 0, max: HOUR, noNaN: true }),
  fc.integer({ min: 0, max: HOUR }),
)
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 })

describe('LatencyHistogram', () => {
  test('a percentile is that of the sorted round trips, to 1/64 or half a microsecond', () => {
    fc.assert(
      fc.property(latencies, fc.double({ min: 0, max: 100, noNaN: true }), (values, p) => {
        const histogram = recorded(values)

        const got = histogram.percentile(p)

        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil((p * values.length) / 100)) - 1]!
        expect(Math.abs(got - exact)).toBeLessThanOrEqual(Math.max(exact / 64, 0.0005) + 1e-9)
      }),
    )
  })

  test('count, sum and max are exact, and percentiles rise up to the maximum', () => {
    fc.assert(
      fc.property(latencies, (values) => {
        const histogram = recorded(values)

        const totals = histogram.totals()!

        expect(totals.count).toBe(values.length)
        expect(totals.sum).toBe(values.reduce((a, b) => a + b, 0))
        expect(totals.max).toBe(Math.max(...values))
        expect(totals.buckets.reduce((sum, [, count]) => sum + count, 0)).toBe(values.length)
        const rising = [0, 50, 95, 99, 100].map((p) => histogram.percentile(p))
        expect(rising).toEqual(rising.toSorted((a, b) => a - b))
        expect(rising.at(-1)).toBeLessThanOrEqual(totals.max)
      }),
    )
  })

  test('two histograms add up to the histogram of both', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const sum = new LatencyHistogram()
        sum.add(JSON.parse(JSON.stringify(recorded(left).totals())))
        sum.add(JSON.parse(JSON.stringify(recorded(right).totals())))

        const both = recorded([...left, ...right]).totals()!

        expect(sum.totals()).toEqual({ ...both, sum: expect.closeTo(both.sum, 3) })
      }),
    )
  })

  test('tells microseconds apart, and an hour from an hour and a bit', () => {
    const values = [0.001, 0.002, 0.063, HOUR, HOUR * 1.05]

    const buckets = recorded(values).totals()!.buckets

    expect(buckets).toHaveLength(values.length)
  })

  test('what is beyond 71 minutes is counted in the last bucket, for which its exact maximum speaks', () => {
    const histogram = recorded([1, HOUR * 5, HOUR * 1_000_000])

    expect(histogram.totals()!.buckets.at(-1)).toEqual([895, 2])
    expect(histogram.percentile(50)).toBe(HOUR * 1_000_000)
    expect(histogram.count).toBe(3)
  })

  test('what is no duration is not counted', () => {
    expect(recorded([Number.NaN, Infinity, -Infinity, -1]).totals()).toBeNull()
  })

  test('is empty again after clear, and says 0 of nothing', () => {
    const histogram = recorded([5, 6])

    histogram.clear()

    expect(histogram.totals()).toBeNull()
    expect(histogram.percentile(99)).toBe(0)
    histogram.record(2)
    expect(histogram.totals()).toEqual(recorded([2]).totals())
  })
})

function recorded(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram()
  for (const value of values) histogram.record(value)
  return histogram
}
