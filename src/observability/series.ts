/** Series in a registry: one metric for each instrument, with the points of every manager that is collected there. */
import type { Attributes } from './counts.ts'
import { FLEET_INSTRUMENTS } from './fleet-instruments.ts'
import { INSTRUMENTS, prometheusLabel, prometheusName, type HistogramName, type Instrument } from './instruments.ts'
import type { Observation } from './observation.ts'
import type { ReadName } from './readings.ts'

/** What is needed of a registry: that of `prom-client` has it, and that of its successor. @since 0.2.0 */
export interface SeriesRegistry {
  /** Takes a metric, which it asks by `get()` when it is scraped. Each library has a type of its own for them. */
  registerMetric(metric: never): void
  removeSingleMetric(name: string): void
}

/** One line of an exposition. */
interface SeriesValue {
  readonly metricName?: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
  /** None is given. */
  readonly exemplar: null
}

/** What a registry is told of a metric. */
export interface SeriesData {
  readonly name: string
  readonly help: string
  readonly type: Instrument['kind']
  readonly aggregator: 'sum'
  readonly values: readonly SeriesValue[]
}

/** An instrument that has points. */
type Named = Instrument & { readonly name: ReadName | HistogramName }

/** A metric, as registries know them. */
class Series {
  // A registry in the mode of OpenMetrics takes `_total` off.
  name: string
  readonly help: string
  readonly type: Instrument['kind']
  readonly aggregator = 'sum'
  readonly #instrument: Named['name']
  readonly #name: string
  readonly #members: ReadonlyMap<string, Observation>

  constructor(instrument: Named, prefix: string, members: ReadonlyMap<string, Observation>) {
    this.name = this.#name = prefix + prometheusName(instrument)
    this.help = instrument.about
    this.type = instrument.kind
    this.#instrument = instrument.name
    this.#members = members
  }

  async get(): Promise<SeriesData> {
    return this.read()
  }

  read(): SeriesData {
    const { name, help, type, aggregator } = this
    const values = [...this.#members].flatMap(([manager, observation]) => [
      ...this.#valuesOf({ manager, ...observation.labels }, observation),
    ])
    return { name, help, type, aggregator, values }
  }

  /** Counters only grow: there is nothing to reset. */
  reset(): void {}

  *#valuesOf(labels: Readonly<Record<string, string>>, { tally, read }: Observation): Generator<SeriesValue, void, undefined> {
    if (isHistogram(this.#instrument)) {
      const durations = tally.durations[this.#instrument]
      for (const [le, count] of durations.cumulative()) yield this.#value('_bucket', { ...labels, le }, count)
      yield this.#value('_sum', labels, durations.sum)
      yield this.#value('_count', labels, durations.count)
      return
    }
    for (const { attributes, value } of read()[this.#instrument]) {
      yield { labels: { ...labels, ...labelsOf(attributes) }, value, exemplar: null }
    }
  }

  #value(suffix: string, labels: SeriesValue['labels'], value: number): SeriesValue {
    return { metricName: this.#name + suffix, labels, value, exemplar: null }
  }
}

/** Series that are registered while they have members. */
class SeriesGroup {
  readonly #registry: SeriesRegistry
  readonly #members = new Map<string, Observation>()
  readonly #series: readonly Series[]
  /** By what names they are registered. */
  readonly #names: readonly string[]

  constructor(registry: SeriesRegistry, prefix: string, instruments: readonly Named[]) {
    this.#registry = registry
    this.#series = instruments.map((instrument) => new Series(instrument, prefix, this.#members))
    this.#names = this.#series.map(({ name }) => name)
  }

  has(name: string): boolean {
    return this.#members.has(name)
  }

  /** The first one has the series registered. What the registry throws is thrown, and nothing stays. */
  add(name: string, observation: Observation): void {
    this.#members.set(name, observation)
    if (this.#members.size > 1) return
    const registered: string[] = []
    try {
      for (const [index, one] of this.#series.entries()) {
        this.#registry.registerMetric(one as never)
        registered.push(this.#names[index] ?? '')
      }
    } catch (error) {
      this.#members.delete(name)
      for (const one of registered) this.#registry.removeSingleMetric(one)
      throw error
    }
  }

  /** The last one takes the series along. */
  remove(name: string, observation: Observation): void {
    if (this.#members.get(name) !== observation) return
    this.#members.delete(name)
    if (this.#members.size > 0) return
    for (const one of this.#names) this.#registry.removeSingleMetric(one)
  }

  read(): readonly SeriesData[] {
    return this.#members.size === 0 ? [] : this.#series.map((one) => one.read())
  }
}

/** The series of one registry under one prefix. */
export class SeriesFamily {
  readonly #managers: SeriesGroup
  /** Those that are nodes of a fleet have more: where there are none, nothing of fleets is registered. */
  readonly #nodes: SeriesGroup

  constructor(registry: SeriesRegistry, prefix: string) {
    this.#managers = new SeriesGroup(registry, prefix, INSTRUMENTS)
    this.#nodes = new SeriesGroup(registry, prefix, FLEET_INSTRUMENTS)
  }

  /** Whether a manager is collected under a name. */
  has(name: string): boolean {
    return this.#managers.has(name)
  }

  /** Collects a manager too. What the registry throws is thrown, and nothing stays. */
  add(name: string, observation: Observation): void {
    this.#managers.add(name, observation)
    if (!observation.isNode) return
    try {
      this.#nodes.add(name, observation)
    } catch (error) {
      this.#managers.remove(name, observation)
      throw error
    }
  }

  /** Collects it no longer. */
  remove(name: string, observation: Observation): void {
    this.#managers.remove(name, observation)
    this.#nodes.remove(name, observation)
  }

  /** What a registry would be told of every instrument. */
  read(): readonly SeriesData[] {
    return [...this.#managers.read(), ...this.#nodes.read()]
  }
}

const families = new WeakMap<SeriesRegistry, Map<string, SeriesFamily>>()

/** The series of a registry under a prefix. */
export function familyOf(registry: SeriesRegistry, prefix: string): SeriesFamily {
  const byPrefix = families.get(registry) ?? new Map<string, SeriesFamily>()
  families.set(registry, byPrefix)
  const family = byPrefix.get(prefix) ?? new SeriesFamily(registry, prefix)
  byPrefix.set(prefix, family)
  return family
}

function isHistogram(name: Named['name']): name is HistogramName {
  return HISTOGRAMS.has(name)
}

const HISTOGRAMS: ReadonlySet<string> = new Set(INSTRUMENTS.filter(({ kind }) => kind === 'histogram').map(({ name }) => name))

function labelsOf(attributes: Attributes): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [prometheusLabel(name), value]))
}
