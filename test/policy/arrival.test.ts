/** What one host can do to us is bounded by that host alone, and what all can do by what all share. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '../../machines/domain/ip.ts'
import { decideArrival, hostRanges, type ArrivalPolicy, type ArrivalView } from '../../machines/policy/arrival.ts'

const POLICY: ArrivalPolicy = {
  perHost: 8,
  perSubnet: 64,
  hostRate: { perSecond: 5, burst: 16 },
  totalRate: { perSecond: 500, burst: 500 },
}
const buckets = fc.option(fc.record({ tokens: fc.double({ min: 0, max: 16, noNaN: true }), at: fc.nat(1_000) }), { nil: undefined })
const ips = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseIp(text) ?? { family: 4 as const, value: 0n })
const views: fc.Arbitrary<ArrivalView> = fc
  .record({
    at: fc.nat(2_000),
    access: fc.constantFrom('denied', 'allowed', 'neutral'),
    origin: fc.constantFrom('host', 'exempt', 'unknown'),
    isLoopback: fc.boolean(),
    ip: ips,
    live: fc.tuple(fc.nat(16), fc.nat(128)),
    hostBucket: buckets,
    totalBucket: buckets,
  })
  .map(({ ip, live, ...view }) => ({
    ...view,
    ranges: hostRanges(ip).map((range, index) => ({ ...range, live: live[index] ?? 0 })),
  }))

describe('decideArrival', () => {
  test('who is denied is refused and costs nothing, who is allowed passes and spends nothing', () => {
    fc.assert(
      fc.property(views, (view) => {
        expect(decideArrival({ ...view, access: 'denied' }, POLICY)).toEqual({ kind: 'refuse', reason: 'denied' })
        expect(decideArrival({ ...view, access: 'allowed' }, POLICY)).toEqual({ kind: 'pass' })
      }),
    )
  })

  test('nobody passes into a range that is full, and a refusal says which, with its numbers', () => {
    fc.assert(
      fc.property(views, (view) => {
        const arrival = decideArrival(view, POLICY)
        const full = view.ranges.find(({ kind, live }) => live >= (kind === 'host' ? 8 : 64))
        if (arrival.kind === 'pass') expect(full === undefined || view.access === 'allowed' || view.origin !== 'host').toBe(true)
        else if ('range' in arrival) {
          const limit = full?.kind === 'host' ? 8 : 64
          expect(arrival).toMatchObject({ reason: `${full?.kind}-limit`, range: full?.range, limit, current: full?.live })
        }
      }),
    )
  })

  test('who is refused spends no token that others share', () => {
    fc.assert(
      fc.property(views, (view) => {
        const arrival = decideArrival(view, POLICY)
        if (arrival.kind !== 'refuse') return
        if (arrival.reason === 'total-rate') expect(arrival.hostBucket).toBeUndefined()
        else expect(arrival.totalBucket).toBeUndefined()
      }),
    )
  })

  test('one host that floods us is held to its own rate, and takes nothing from another', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 50, maxLength: 300 }), (steps) => {
        let hostBucket: ArrivalView['hostBucket']
        let totalBucket: ArrivalView['totalBucket']
        let at = 0
        let passes = 0
        const ranges = hostRanges({ family: 4, value: 1n }).map((range) => ({ ...range, live: 0 }))
        for (const step of steps) {
          at += step
          const arrival = decideArrival(
            { at, access: 'neutral', origin: 'host', isLoopback: false, ranges, hostBucket, totalBucket },
            POLICY,
          )
          hostBucket = arrival.hostBucket ?? hostBucket
          totalBucket = arrival.totalBucket ?? totalBucket
          if (arrival.kind === 'pass') passes++
          else expect(arrival.reason).toBe('host-rate')
        }
        expect(passes).toBeLessThanOrEqual(16 + (at * 5) / 1_000)
        const other = hostRanges({ family: 4, value: 2n }).map((range) => ({ ...range, live: 0 }))
        const next = {
          at,
          access: 'neutral',
          origin: 'host',
          isLoopback: false,
          ranges: other,
          hostBucket: undefined,
          totalBucket,
        } as const
        expect(decideArrival(next, POLICY).kind).toBe('pass')
      }),
    )
  })

  test('exempt ranges have no limits of their own, loopback none at all, and what is no IP is not counted', () => {
    fc.assert(
      fc.property(views, (view) => {
        const drained = { ...view, access: 'neutral', totalBucket: { tokens: 0, at: view.at } } as const
        const exempt = { ...drained, origin: 'exempt' } as const
        const busy = { kind: 'refuse', reason: 'total-rate', retryAfterMs: 2 }
        expect(decideArrival({ ...exempt, isLoopback: false }, POLICY)).toMatchObject(busy)
        expect(decideArrival({ ...exempt, isLoopback: true }, POLICY)).toEqual({ kind: 'pass' })
        expect(decideArrival({ ...drained, origin: 'unknown' }, POLICY)).toEqual({ kind: 'pass' })
      }),
    )
  })

  test('without rates and limits everybody passes who is not denied', () => {
    const open: ArrivalPolicy = { perHost: Infinity, perSubnet: Infinity, hostRate: undefined, totalRate: undefined }
    fc.assert(
      fc.property(views, (view) => {
        expect(decideArrival(view, open).kind).toBe(view.access === 'denied' ? 'refuse' : 'pass')
      }),
    )
  })
})

describe('hostRanges', () => {
  test('an IPv4 host is its /32, an IPv6 host its /56, in its /48', () => {
    const ranges = (text: string) => hostRanges(parseIp(text) ?? { family: 4, value: 0n }).map(({ range, kind }) => `${kind} ${range}`)
    expect(ranges('::ffff:192.0.2.1')).toEqual(['host 192.0.2.1/32'])
    expect(ranges('2001:db8:1:2345::9')).toEqual(['host 2001:db8:1:2300:0:0:0:0/56', 'subnet 2001:db8:1:0:0:0:0:0/48'])
  })
})
