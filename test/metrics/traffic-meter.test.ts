import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { TrafficMeter } from '../../src/metrics/traffic-meter.ts'
import { sampleOf, trips } from './samples.ts'

const traffic = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constantFrom('messageIn' as const, 'messageOut' as const, 'record' as const, 'roundTrip' as const),
      by: fc.nat(5_000),
    }),
    fc.record({ what: fc.constant('take' as const), by: fc.nat() }),
  ),
)

describe('TrafficMeter', () => {
  test('each message and round trip is in exactly one sample', () => {
    fc.assert(
      fc.property(traffic, (calls) => {
        const meter = new TrafficMeter()
        const samples = calls.flatMap(({ what, by }) => (what === 'take' ? [meter.take(by, 0)] : (meter[what](by), [])))
        samples.push(meter.take(0, 0))

        const total = (of: (sample: (typeof samples)[number]) => number): number => samples.reduce((sum, sample) => sum + of(sample), 0)

        const bytes = (...kinds: string[]): number => calls.reduce((sum, { what, by }) => sum + (kinds.includes(what) ? by : 0), 0)
        expect(total(({ messages }) => messages)).toBe(calls.filter(({ what }) => what !== 'take' && what !== 'roundTrip').length)
        expect(total(({ messagesIn = 0 }) => messagesIn)).toBe(calls.filter(({ what }) => what === 'messageIn').length)
        expect(total(({ bytesIn }) => bytesIn)).toBe(bytes('messageIn'))
        expect(total(({ bytesOut }) => bytesOut)).toBe(bytes('messageOut', 'record'))
        expect(total(({ latency }) => latency?.count ?? 0)).toBe(calls.filter(({ what }) => what === 'roundTrip').length)
        expect(total(({ latency }) => latency?.sum ?? 0)).toBe(bytes('roundTrip'))
      }),
    )
  })

  test('a sample says when, how much memory, and what was measured', () => {
    const meter = new TrafficMeter()
    meter.messageIn(3)
    meter.messageOut(4)
    meter.roundTrip(12.5)

    expect(meter.take(77, 1024)).toEqual(
      sampleOf({ at: 77, messages: 2, messagesIn: 1, bytesIn: 3, bytesOut: 4, memoryUsage: 1024, latency: trips(12.5) }),
    )
    expect(meter.take(78, 1025)).toEqual(sampleOf({ at: 78, memoryUsage: 1025 }))
  })
})
