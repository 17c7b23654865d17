/** An alert is raised once and cleared once, in turn, each with what caused it. */
import { concatMap, defer, type Observable } from 'rxjs'
import { checkRules, type AlertRule, type CheckedRule } from './alert-rule.ts'
import type { NetworkMetrics } from './network-metrics.ts'

/** A rule's value has gone beyond its threshold for long enough, or has come back. @since 0.1.0 */
export interface Alert {
  /** The rule's. */
  readonly name: string
  readonly state: 'raised' | 'cleared'
  /** When, in milliseconds since the epoch: the `at` of the metrics that decided it. */
  readonly at: number
  /** Since when the value has been beyond the threshold ('raised'), or back ('cleared'). */
  readonly since: number
  /** The value that decided it. */
  readonly value: number
  /** What it was held against: `above` or `below` ('raised'), `clearAt` ('cleared'). */
  readonly threshold: number
  /** The same as a sentence for people. */
  readonly cause: string
  /** The metrics that decided it. */
  readonly metrics: NetworkMetrics
}

/** Where a rule stands: whether it is raised, and since when the value has spoken for the opposite. */
interface Watch {
  readonly raised: boolean
  readonly turning: number | null
}

const QUIET: Watch = { raised: false, turning: null }

/**
 * Watches metrics by rules: an alert when a value has been beyond its threshold for `forMs`, and another when it has been
 * back for `clearForMs`. Of one metrics, rules speak in their order. Each subscription watches for itself, from quiet.
 *
 * A value of null (or NaN) says nothing: it neither raises nor clears, nor does it interrupt a value that was beyond its
 * threshold before and still is after. Completes with its source; what is raised then stays so.
 *
 * @throws TypeError or RangeError that names the rule and the field, when it is called
 * @since 0.1.0
 * @example
 * alerts(manager.metrics$, [{ name: 'pool is full', value: ({ pool }) => pool.utilization, above: 0.9, forMs: 10_000 }])
 *   .subscribe((alert) => console.log(alert))
 */
export function alerts(metrics$: Observable<NetworkMetrics>, rules: readonly AlertRule[]): Observable<Alert> {
  const checked = checkRules(rules)
  return defer(() => {
    const watches = checked.map(() => QUIET)
    return metrics$.pipe(
      concatMap((metrics) => {
        const told: Alert[] = []
        checked.forEach((rule, index) => {
          const [watch, alert] = watchRule(rule, watches[index] ?? QUIET, metrics)
          watches[index] = watch
          if (alert !== null) told.push(alert)
        })
        return told
      }),
    )
  })
}

function watchRule(rule: CheckedRule, watch: Watch, metrics: NetworkMetrics): readonly [Watch, Alert | null] {
  const value = rule.read(metrics)
  if (value === null || Number.isNaN(value)) return [watch, null]
  const { at } = metrics
  const { raised } = watch
  const threshold = raised ? rule.clearAt : rule.threshold
  const beyond = (value - threshold) * rule.side > 0
  if (beyond === raised) return [watch.turning === null ? watch : { raised, turning: null }, null]
  const since = watch.turning ?? at
  if (at - since < (raised ? rule.clearForMs : rule.forMs)) return [{ raised, turning: since }, null]
  const state = raised ? 'cleared' : 'raised'
  const cause = describe(rule, state, value, at - since)
  return [
    { raised: !raised, turning: null },
    { name: rule.name, state, at, since, value, threshold, cause, metrics },
  ]
}

function describe({ label, side, threshold, clearAt }: CheckedRule, state: Alert['state'], value: number, heldMs: number): string {
  const held = heldMs > 0 ? `, for ${round(heldMs / 1000)} s` : ''
  const limit = `${side > 0 ? 'above' : 'below'} ${round(threshold)}`
  if (state === 'raised') return `${label} is ${round(value)}, ${limit}${held}`
  const back =
    clearAt === threshold ? `no longer ${limit}` : `back ${side > 0 ? 'to at most' : 'to at least'} ${round(clearAt)} after being ${limit}`
  return `${label} is ${round(value)}, ${back}${held}`
}

/** Three decimals are enough for a sentence. */
function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
