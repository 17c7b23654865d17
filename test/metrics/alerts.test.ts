import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { from, Subject } from 'rxjs'
import type { AlertRule } from '../../src/metrics/alert-rule.ts'
import { alerts, type Alert } from '../../src/metrics/alerts.ts'
import { initialMetrics, readMetrics } from '../../src/metrics/fold.ts'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'

const value = fc.oneof({ weight: 6, arbitrary: fc.integer({ min: 0, max: 10 }) }, { weight: 1, arbitrary: fc.constant(null) })
const series = fc.array(fc.record({ value, after: fc.integer({ min: 0, max: 4 }) }), { maxLength: 40, size: 'max' })
const thresholds = fc.record({
  threshold: fc.integer({ min: 2, max: 8 }),
  slack: fc.integer({ min: 0, max: 3 }),
  forMs: fc.integer({ min: 0, max: 8 }),
  clearForMs: fc.integer({ min: 0, max: 8 }),
})

describe('alerts', () => {
  test('an alert is raised and cleared in turn, each exactly when its condition has held long enough', () => {
    fc.assert(
      fc.property(series, thresholds, fc.boolean(), (steps, { threshold, slack, forMs, clearForMs }, high) => {
        const rule: AlertRule = high
          ? { name: 'a', value: 'avgLatency', above: threshold, clearAt: threshold - slack, forMs, clearForMs }
          : { name: 'a', value: 'avgLatency', below: threshold, clearAt: threshold + slack, forMs, clearForMs }
        const past = timed(steps)

        const got = collected(
          past.map(({ at, value: avgLatency }) => metricsOf({ at, avgLatency })),
          [rule],
        )

        // Looks back from each instant over all that was known since the last alert.
        const wanted: Pick<Alert, 'state' | 'at' | 'since'>[] = []
        let begin = 0
        past.forEach(({ at, value: now }, index) => {
          if (now === null) return
          const raised = wanted.length % 2 === 1
          const beyond = (v: number): boolean => (high ? v > threshold : v < threshold)
          const back = (v: number): boolean => (high ? v <= threshold - slack : v >= threshold + slack)
          const known = past.slice(begin, index + 1).filter((one) => one.value !== null)
          const broken = known.findLastIndex((one) => !(raised ? back : beyond)(one.value!))
          const run = known.slice(broken + 1)
          if (run.length === 0 || at - run[0]!.at < (raised ? clearForMs : forMs)) return
          wanted.push({ state: raised ? 'cleared' : 'raised', at, since: run[0]!.at })
          begin = index + 1
        })
        expect(got.map(({ state, at, since }) => ({ state, at, since }))).toEqual(wanted)
      }),
    )
  })

  test('each alert says what caused it', () => {
    const slow: AlertRule = { name: 'slow', value: 'avgLatency', above: 100, clearAt: 80, forMs: 2_000 }
    const steps = [120, 150, 130.12345, 90, 80].map((avgLatency, i) => metricsOf({ at: i * 1_000, avgLatency }))

    const got = collected(steps, [slow])

    expect(got).toEqual([
      {
        name: 'slow',
        state: 'raised',
        at: 2_000,
        since: 0,
        value: 130.12345,
        threshold: 100,
        cause: 'avgLatency is 130.123, above 100, for 2 s',
        metrics: steps[2],
      },
      {
        name: 'slow',
        state: 'cleared',
        at: 4_000,
        since: 4_000,
        value: 80,
        threshold: 80,
        cause: 'avgLatency is 80, back to at most 80 after being above 100',
        metrics: steps[4],
      },
    ])
  })

  test('a threshold without hysteresis clears at itself; below watches the other side', () => {
    const few: AlertRule = { name: 'few', value: (m) => m.connections, below: 3 }

    const got = collected(
      [3, 2, 3].map((connections, at) => metricsOf({ at, connections })),
      [few],
    )

    expect(got.map(({ cause }) => cause)).toEqual(['the value is 2, below 3', 'the value is 3, no longer below 3'])
  })

  test('rules speak in their order, each for itself', () => {
    const rules: AlertRule[] = [
      { name: 'full', value: (m) => m.connections / m.limit, above: 0.9 },
      { name: 'busy', value: 'connections', above: 5 },
    ]

    const got = collected(
      [10, 6, 0].map((connections, at) => metricsOf({ at, connections })),
      rules,
    )

    expect(got.map(({ name, state }) => `${name} ${state}`)).toEqual(['full raised', 'busy raised', 'full cleared', 'busy cleared'])
  })

  test('NaN says as little as null', () => {
    const values = [9, Number.NaN, 9, Number.NaN, 1]

    const got = collected(
      values.map((avgLatency, at) => metricsOf({ at, avgLatency })),
      [{ name: 'a', value: 'avgLatency', above: 5, forMs: 2 }],
    )

    expect(got.map(({ state, at, since }) => [state, at, since])).toEqual([
      ['raised', 2, 0],
      ['cleared', 4, 4],
    ])
  })

  test('each subscription watches for itself, and completes with its source', () => {
    const metrics = new Subject<NetworkMetrics>()
    const alerts$ = alerts(metrics, [{ name: 'a', value: 'connections', above: 0 }])
    const told: string[] = []
    const listen = (who: string) =>
      alerts$.subscribe({ next: ({ state }) => told.push(`${who} ${state}`), complete: () => told.push(`${who} over`) })
    listen('first')
    metrics.next(metricsOf({ at: 0, connections: 1 }))
    listen('second')
    metrics.next(metricsOf({ at: 1, connections: 1 }))
    metrics.complete()

    expect(told).toEqual(['first raised', 'second raised', 'first over', 'second over'])
  })

  const good = { name: 'x', value: 'connections', above: 1 }
  test.each([
    ['no list', null, TypeError, /^rules must be an array/],
    ['no rule', [null], TypeError, /^rules\[0\] must be an object/],
    ['no name', [{ ...good, name: undefined }], TypeError, /^rules\[0\]\.name must be a string/],
    ['an empty name', [{ ...good, name: '' }], RangeError, /^rules\[0\]\.name/],
    ['a name twice', [good, good], RangeError, /^rules\[1\]\.name 'x' is the name of another rule/],
    ['no value', [{ ...good, value: undefined }], TypeError, /'x': value must be/],
    ['an unknown metric', [{ ...good, value: 'latency' }], TypeError, /'x': value must be/],
    ['no threshold', [{ ...good, above: undefined }], TypeError, /'x': above or below/],
    ['two thresholds', [{ ...good, below: 1 }], TypeError, /'x': above and below/],
    ['a threshold that is no number', [{ ...good, above: '1' }], TypeError, /'x': above must be a number/],
    ['NaN', [{ ...good, above: Number.NaN }], RangeError, /'x': above must be a finite number/],
    ['clearAt on the wrong side of above', [{ ...good, clearAt: 2 }], RangeError, /'x': clearAt must be at most above/],
    [
      'clearAt on the wrong side of below',
      [{ ...good, above: undefined, below: 3, clearAt: 2 }],
      RangeError,
      /'x': clearAt must be at least below/,
    ],
    ['a NaN clearAt', [{ ...good, clearAt: Number.NaN }], RangeError, /'x': clearAt must be a finite number/],
    ['a negative forMs', [{ ...good, forMs: -1 }], RangeError, /'x': forMs must be/],
    ['a clearForMs that is no number', [{ ...good, clearForMs: '1' }], TypeError, /'x': clearForMs must be/],
  ])('refuses %s at once, by rule and field', (_, rules, error, message) => {
    const call = (): unknown => alerts(from([]), rules as unknown as AlertRule[])

    expect(call).toThrow(error)
    expect(call).toThrow(message)
  })
})

function timed(steps: readonly { value: number | null; after: number }[]): { at: number; value: number | null }[] {
  let at = 0
  return steps.map((step) => ({ at: (at += step.after), value: step.value }))
}

function collected(metrics: readonly NetworkMetrics[], rules: readonly AlertRule[]): Alert[] {
  const got: Alert[] = []
  alerts(from(metrics), rules).subscribe((alert) => got.push(alert))
  return got
}

function metricsOf(metrics: Partial<NetworkMetrics> & { at: number }): NetworkMetrics {
  return { ...readMetrics(initialMetrics({ at: 0, limit: 10 })), ...metrics }
}
