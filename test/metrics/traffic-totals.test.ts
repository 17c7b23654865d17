import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { initialMetrics, readMetrics, reduceMetrics } from '../../src/metrics/fold.ts'
import { mergeMetrics } from '../../src/metrics/merge.ts'
import { TrafficMeter } from '../../src/metrics/traffic-meter.ts'
import { sampleOf } from './samples.ts'

const calls = fc.array(
  fc.record({ what: fc.constantFrom('messageIn' as const, 'messageOut' as const, 'record' as const, 'take' as const), by: fc.nat(5_000) }),
)

describe('totals since the start', () => {
  test('count every message and byte once, at any instant, also between two samples', () => {
    fc.assert(
      fc.property(calls, (sequence) => {
        const meter = new TrafficMeter()
        let state = initialMetrics({ at: 0 })
        const expected = { messages: { in: 0, out: 0 }, bytes: { in: 0, out: 0 } }
        for (const { what, by } of sequence) {
          if (what === 'take') state = reduceMetrics(state, meter.take(0, 0))
          else {
            meter[what](by)
            const way = what === 'messageIn' ? 'in' : 'out'
            expected.messages[way]++
            expected.bytes[way] += by
          }

          expect(readMetrics(state, 0, meter.pending).totals).toEqual(expected)
        }
      }),
    )
  })

  test('never fall when the window has moved on', () => {
    let state = initialMetrics({ at: 0, windowMs: 1_000 })
    state = reduceMetrics(state, sampleOf({ at: 500, messages: 3, messagesIn: 1, bytesIn: 10, bytesOut: 20 }))
    state = reduceMetrics(state, sampleOf({ at: 50_000 }))

    expect(readMetrics(state)).toMatchObject({ messagesPerSecond: 0, totals: { messages: { in: 1, out: 2 }, bytes: { in: 10, out: 20 } } })
  })

  test('merge by addition, and those of an earlier version count as none', () => {
    const one = readMetrics(reduceMetrics(initialMetrics({ at: 0 }), sampleOf({ at: 1, messages: 2, messagesIn: 2, bytesIn: 7 })))
    const { totals: _, ...earlier } = one

    expect(mergeMetrics(one, one).totals).toEqual({ messages: { in: 4, out: 0 }, bytes: { in: 14, out: 0 } })
    expect(mergeMetrics(one, earlier as typeof one).totals).toEqual(one.totals)
  })
})
