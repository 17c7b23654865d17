/** A rule that is watched is one that can be raised and cleared. */
import { assertDuration } from '../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { NetworkMetrics } from './network-metrics.ts'

/** The metrics that are one number, by name. */
const NUMERIC = ['messagesPerSecond', 'connections', 'avgLatency', 'memoryUsage', 'dialing', 'pooled', 'closing', 'limit'] as const

/** The name of a metric that is one number. @since 0.1.0 */
export type NumericMetric = (typeof NUMERIC)[number]

interface RuleBase {
  /** What the alerts are called; each rule has its own. */
  readonly name: string
  /** What is watched: the name of a metric, or a number made of metrics; null: nothing can be said now. */
  readonly value: NumericMetric | ((metrics: NetworkMetrics) => number | null)
  /**
   * Where it clears, on the good side of the threshold (hysteresis): at most this for `above`, at least this for `below`.
   *
   * @default the threshold itself
   */
  readonly clearAt?: number
  /** How long the value must stay beyond the threshold, in milliseconds of the metrics' own `at`. @default 0 */
  readonly forMs?: number
  /** How long the value must stay back, in milliseconds of the metrics' own `at`. @default 0 */
  readonly clearForMs?: number
}

/** When to raise an alert: the value is above one threshold, or below one. @since 0.1.0 */
export type AlertRule = RuleBase &
  (
    | { /** Raised while the value is greater. */ readonly above: number; readonly below?: never }
    | { /** Raised while the value is less. */ readonly below: number; readonly above?: never }
  )

const FIELDS = {
  name: true,
  value: true,
  above: true,
  below: true,
  clearAt: true,
  forMs: true,
  clearForMs: true,
} as const satisfies Known<Loose>

/** A rule as it comes from JavaScript, where nothing has checked its types. */
type Loose = Partial<Record<keyof AlertRule, unknown>> & { readonly value?: AlertRule['value'] }

/** A rule with everything filled in. */
export interface CheckedRule {
  readonly name: string
  readonly label: string
  readonly read: (metrics: NetworkMetrics) => number | null
  /** 1: above the threshold is bad; -1: below it is. */
  readonly side: 1 | -1
  readonly threshold: number
  readonly clearAt: number
  readonly forMs: number
  readonly clearForMs: number
}

/**
 * Checks rules and fills in what is left out.
 *
 * @throws TypeError or RangeError that names the rule and the field
 */
export function checkRules(rules: readonly AlertRule[]): CheckedRule[] {
  if (!Array.isArray(rules)) throw new TypeError('rules must be an array of alert rules')
  const names = new Set<string>()
  return rules.map((rule: Loose, index) => {
    if (typeof rule !== 'object' || rule === null) throw new TypeError(`rules[${index}] must be an object`)
    assertKnown(`rules[${index}]`, rule, FIELDS)
    const { name, value, above, below, clearAt, forMs = 0, clearForMs = 0 } = rule
    if (typeof name !== 'string') throw new TypeError(`rules[${index}].name must be a string`)
    if (name === '') throw new RangeError(`rules[${index}].name must not be empty`)
    if (names.has(name)) throw new RangeError(`rules[${index}].name '${name}' is the name of another rule`)
    names.add(name)
    const field = (of: string): string => `alert rule '${name}': ${of}`
    if (above !== undefined && below !== undefined) throw new TypeError(field('above and below must not both be given'))
    if (above === undefined && below === undefined) throw new TypeError(field('above or below must be given'))
    const [side, kind, threshold] = above === undefined ? ([-1, 'below', below] as const) : ([1, 'above', above] as const)
    assertFinite(field(kind), threshold)
    const clear = clearAt ?? threshold
    assertFinite(field('clearAt'), clear)
    if ((clear - threshold) * side > 0) {
      throw new RangeError(field(`clearAt must be at ${side > 0 ? 'most' : 'least'} ${kind} (${threshold}), got ${clear}`))
    }
    assertDuration(field('forMs'), forMs, 0)
    assertDuration(field('clearForMs'), clearForMs, 0)
    return { name, ...reader(field('value'), value), side, threshold, clearAt: clear, forMs, clearForMs }
  })
}

function reader(field: string, value: Loose['value']): Pick<CheckedRule, 'label' | 'read'> {
  if (typeof value === 'function') return { label: 'the value', read: value }
  const key = NUMERIC.find((metric) => metric === value)
  if (key === undefined) throw new TypeError(`${field} must be a function or one of ${NUMERIC.join(', ')}`)
  return { label: key, read: (metrics) => metrics[key] }
}

function assertFinite(field: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${field} must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!Number.isFinite(value)) throw new RangeError(`${field} must be a finite number, got ${value}`)
}
