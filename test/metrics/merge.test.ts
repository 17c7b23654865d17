import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { TrafficSample } from '../../src/metrics/fold-input.ts'
import { initialMetrics, readMetrics, reduceMetrics } from '../../src/metrics/fold.ts'
import { mergeMetrics } from '../../src/metrics/merge.ts'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'
import { happenings, Model, START, type Happening } from './legal-moves.ts'
import { trips } from './samples.ts'

describe('mergeMetrics', () => {
  test('metrics of two shards merge to the metrics of both', () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const { shards, both } = foldShards(steps)

        expectClose(mergeMetrics(...shards), both)
        expectClose(mergeMetrics(...throughJson(shards)), both)
      }),
    )
  })

  test('merging is associative and commutative, through JSON or not', () => {
    fc.assert(
      fc.property(happenings, happenings, (left, right) => {
        const [a, b] = foldShards(left).shards
        const [c] = throughJson(foldShards(right).shards)

        const all = mergeMetrics(a, b, c)

        expectClose(mergeMetrics(mergeMetrics(a, b), c), all)
        expectClose(mergeMetrics(a, mergeMetrics(b, c)), all)
        expectClose(mergeMetrics(c, throughJson(mergeMetrics(b, a))), all)
      }),
    )
  })

  test('the metrics of one shard merge to themselves', () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const [metrics] = foldShards(steps).shards

        expectClose(mergeMetrics(metrics), metrics)
      }),
    )
  })

  test('refuses to merge nothing', () => {
    expect(() => mergeMetrics()).toThrow(RangeError)
  })

  test('a limit that is not known makes the whole not known, also when JSON has written it as null', () => {
    const unknown = readMetrics(initialMetrics({ at: 0 }))
    const known = readMetrics(initialMetrics({ at: 0, limit: 5 }))

    expect(mergeMetrics(known, throughJson(unknown))).toMatchObject({ limit: Infinity, pool: { capacity: Infinity, utilization: 0 } })
  })

  test('where a pool does not tell its capacity, its utilization does, or else its limit', () => {
    const metrics = readMetrics(initialMetrics({ at: 0, limit: 10 }))
    const { capacity: _, ...pool } = metrics.pool
    const silent = (size: number, utilization: number) =>
      ({ ...metrics, pool: { ...pool, size, utilization } }) as unknown as NetworkMetrics

    expect(mergeMetrics(silent(2, 0.5), silent(0, 0)).pool).toMatchObject({ size: 2, capacity: 14, utilization: 2 / 14 })
  })
})

/** Folds what happens twice: each of two shards for itself, and both as if they were one. */
function foldShards(steps: readonly Happening[]): { shards: [NetworkMetrics, NetworkMetrics]; both: NetworkMetrics } {
  const limits = [
    { limit: 8, maxIdle: 3 },
    { limit: 5, maxIdle: Infinity },
  ]
  const sum = () => ({
    limit: limits[0]!.limit + limits[1]!.limit,
    maxIdle: limits.reduce((total, { limit, maxIdle }) => total + Math.min(limit, maxIdle), 0),
  })
  const models = [new Model(), new Model()]
  const states = limits.map((limit) => initialMetrics({ at: START, ...limit }))
  let both = initialMetrics({ at: START, ...sum() })
  let at = START
  for (const { shard, peer, pick, after, what, traffic, isStale, trips: measured, limit, maxIdle } of steps) {
    at += after
    if (what === 'sample') {
      // Every collector samples at this instant; this shard has all of the traffic but one message and one round trip.
      const busy: TrafficSample = { kind: 'sample', at, ...traffic, latency: trips(...measured) }
      const quiet: TrafficSample = { kind: 'sample', at, messages: 1, bytesIn: 2, bytesOut: 3, memoryUsage: 4, latency: trips(5) }
      if (isStale) Object.assign(busy, { memoryUsageStale: true })
      states[shard] = reduceMetrics(states[shard]!, busy)
      states[1 - shard] = reduceMetrics(states[1 - shard]!, quiet)
      both = reduceMetrics(both, {
        kind: 'sample',
        at,
        messages: busy.messages + 1,
        bytesIn: busy.bytesIn + 2,
        bytesOut: busy.bytesOut + 3,
        memoryUsage: busy.memoryUsage + 4,
        latency: trips(...measured, 5),
        ...(isStale ? ({ memoryUsageStale: true } as const) : undefined),
      })
      continue
    }
    if (what === 'limits') {
      limits[shard] = { limit, maxIdle }
      states[shard] = reduceMetrics(states[shard]!, { kind: 'limits', limit, maxIdle })
      both = reduceMetrics(both, { kind: 'limits', ...sum() })
      continue
    }
    const input = what === 'move' ? models[shard]!.move(`peer-${peer}`, pick, at) : { kind: 'inbound' as const, accepted: pick % 2 === 0 }
    states[shard] = reduceMetrics(states[shard]!, input)
    both = reduceMetrics(both, input)
  }
  return { shards: [readMetrics(states[0]!, at), readMetrics(states[1]!, at)], both: readMetrics(both, at) }
}

/** Equal, but for the last digits of sums that were added in another order. */
function expectClose(got: NetworkMetrics, wanted: NetworkMetrics): void {
  expect(differences(got, wanted)).toEqual([])
}

/** Where two values differ, and in what. */
function differences(got: unknown, wanted: unknown, path = 'metrics'): string[] {
  if (typeof got === 'object' && got !== null && typeof wanted === 'object' && wanted !== null) {
    const keys = new Set([...Object.keys(got), ...Object.keys(wanted)])
    return [...keys].flatMap((key) =>
      differences((got as Record<string, unknown>)[key], (wanted as Record<string, unknown>)[key], `${path}.${key}`),
    )
  }
  const same =
    typeof got === 'number' && typeof wanted === 'number' && got !== wanted
      ? Math.abs(got - wanted) <= 1e-9 * Math.max(1, Math.abs(got), Math.abs(wanted))
      : Object.is(got, wanted)
  return same ? [] : [`${path}: ${String(got)}, wanted ${String(wanted)}`]
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
