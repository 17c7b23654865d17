import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { from, lastValueFrom, toArray } from 'rxjs'
import type { FoldInput } from '../../src/metrics/fold-input.ts'
import { initialMetrics, readMetrics, reduceMetrics, type MetricsState } from '../../src/metrics/fold.ts'
import { foldMetrics } from '../../src/metrics/operators.ts'
import { happenings, Model, START, type Happening } from './legal-moves.ts'
import { trips } from './samples.ts'

describe('the fold', () => {
  test('every gauge equals a recount', () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        const model = new Model()
        let state = initialMetrics({ at: START, limit: 20 })
        let at = START
        for (const { peer, pick, after } of steps) {
          at += after
          state = reduceMetrics(state, model.move(`peer-${peer}`, pick, at))

          const metrics = readMetrics(state)

          expect(metrics.at).toBe(at)
          expect(metrics.byStatus).toEqual({
            Connecting: model.count('Connecting'),
            Connected: model.count('Connected'),
            Disconnected: model.count('Disconnected'),
            Failed: model.count('Failed'),
          })
          expect(metrics.connections).toBe(model.count('Connected'))
          expect(metrics.dialing).toBe(model.count('Connecting'))
          expect(metrics.pooled).toBe(model.count('Disconnected.pooled'))
          expect(metrics.closing).toBe(model.count('Disconnected.closing'))
          const { started, succeeded, failed, hits, misses, expired, evicted } = model.tally
          expect(metrics.dials).toEqual({ started, succeeded, failed })
          expect(metrics.pool).toEqual({
            size: metrics.pooled,
            capacity: 20,
            hits,
            misses,
            expired,
            evicted,
            utilization: metrics.pooled / 20,
            hitRatio: hits + misses === 0 ? null : hits / (hits + misses),
          })
        }
      }),
    )
  })

  test('the fold is a fold: cut anywhere, stored and read back, the pieces give the same metrics', async () => {
    await fc.assert(
      fc.asyncProperty(happenings, fc.nat(), async (steps, cut) => {
        const inputs = inputsOf(steps)
        const begun = initialMetrics({ at: START, limit: 20 })
        const whole = inputs.reduce(reduceMetrics, begun)

        const at = inputs.length === 0 ? 0 : cut % (inputs.length + 1)
        const half = throughJson(inputs.slice(0, at).reduce(reduceMetrics, begun))
        const pieces = throughJson(inputs.slice(at)).reduce(reduceMetrics, half)

        expect(throughJson(pieces)).toEqual(throughJson(whole))
        expect(readMetrics(pieces)).toEqual(readMetrics(whole))
        const emitted = await lastValueFrom(from(inputs.slice(at)).pipe(foldMetrics({ initial: half }), toArray()))
        expect(emitted.at(-1) ?? readMetrics(half)).toEqual(readMetrics(whole))
      }),
    )
  })

  test('a state is never changed, nor what it was made of', () => {
    fc.assert(
      fc.property(happenings, (steps) => {
        let state = frozen(initialMetrics({ at: START }))
        for (const input of inputsOf(steps)) {
          state = frozen(reduceMetrics(state, frozen(input)))
          frozen(readMetrics(state))
        }
      }),
    )
  })

  test('counts a dial once, however many substates it goes through, and a reconnect by backoff as no pool miss', () => {
    const model = new Model()
    // waiting, dialing, dial-failed; then backoff
    const moves = [model.move('a', 0, 1), model.move('a', 7, 2), model.move('a', 8, 3), model.move('a', 7, 4)]
    expect(moves.map(({ toState }) => toState)).toEqual(['Connecting.waiting', 'Connecting.dialing', 'Failed', 'Connecting.dialing'])

    const { dials, pool } = readMetrics(moves.reduce(reduceMetrics, initialMetrics({ at: 0 })))

    expect(dials).toEqual({ started: 2, succeeded: 0, failed: 1 })
    expect(pool.misses).toBe(1)
  })

  test('counts inbound links by their outcome, and takes new limits', () => {
    const inputs: FoldInput[] = [
      { kind: 'inbound', accepted: true },
      { kind: 'inbound', accepted: true },
      { kind: 'inbound', accepted: false },
      { kind: 'limits', limit: 7, maxIdle: 3 },
    ]

    const metrics = readMetrics(inputs.reduce(reduceMetrics, initialMetrics({ at: 5 })))

    expect(metrics).toMatchObject({ at: 5, limit: 7, inbound: { accepted: 2, rejected: 1 }, pool: { capacity: 3 } })
  })

  test('a pool that was made smaller than what is in it is full, and one that may hold nothing is empty', () => {
    const model = new Model()
    const pooled = [model.move('a', 2, 1), model.move('a', 0, 1)].reduce<MetricsState>(reduceMetrics, initialMetrics({ at: 0, limit: 4 }))

    const shares = [4, 0].map((maxIdle) => readMetrics(reduceMetrics(pooled, { kind: 'limits', limit: 4, maxIdle })).pool.utilization)

    expect(shares).toEqual([0.25, 1])
    expect(readMetrics(initialMetrics({ at: 0, limit: 4, maxIdle: 0 })).pool.utilization).toBe(0)
  })

  test('is read as of any instant', () => {
    expect(readMetrics(initialMetrics({ at: 5 }), 9).at).toBe(9)
  })

  test('refuses a wrong start by name', () => {
    expect(() => initialMetrics({ at: Number.NaN })).toThrow(/^at must be/)
    expect(() => initialMetrics({ at: 0, limit: 0 })).toThrow(/^limit must be/)
    expect(() => initialMetrics({ at: 0, maxIdle: -1 })).toThrow(/^maxIdle must be/)
    expect(() => initialMetrics({ at: 0, windowMs: 0 })).toThrow(/^windowMs must be/)
  })
})

function inputsOf(steps: readonly Happening[]): FoldInput[] {
  const model = new Model()
  let at = START
  return steps.map(({ peer, pick, after, what, traffic, isStale, trips: measured, limit, maxIdle }) => {
    at += after
    switch (what) {
      case 'move':
        return model.move(`peer-${peer}`, pick, at)
      case 'sample':
        return {
          kind: 'sample',
          at,
          ...traffic,
          latency: trips(...measured),
          ...(isStale ? ({ memoryUsageStale: true } as const) : undefined),
        }
      case 'inbound':
        return { kind: 'inbound', accepted: pick % 2 === 0 }
      case 'limits':
        return { kind: 'limits', limit, maxIdle: Math.min(maxIdle, limit) }
    }
  })
}

function throughJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) frozen(inner)
  }
  return value
}
