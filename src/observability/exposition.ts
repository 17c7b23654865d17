/** An exposition: one manager's series as the text that Prometheus scrapes, without any package. */
import type { ConnectionManager } from '../connection-manager.ts'
import { observe } from './observation.ts'
import { SeriesFamily, type SeriesData, type SeriesRegistry } from './series.ts'

/** What a scrape is answered with. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** One manager's series, until it is ended. */
export interface Exposition {
  /** All of them as of now. */
  text(): string
  /** Idempotent. */
  end(): void
}

const NO_REGISTRY: SeriesRegistry = { registerMetric: () => {}, removeSingleMetric: () => {} }

/** Exposes a manager under the label `manager` of that value. @throws TypeError when it is none */
export function expose(manager: ConnectionManager, name = 'default'): Exposition {
  const family = new SeriesFamily(NO_REGISTRY, '')
  const observation = observe(manager, () => end())
  const end = (): void => {
    family.remove(name, observation)
    observation.end()
  }
  family.add(name, observation)
  return {
    text: () => family.read().map(textOf).join('\n') + '\n',
    end,
  }
}

function textOf({ name, help, type, values }: SeriesData): string {
  const lines = values.map(({ metricName = name, labels, value }) => {
    const pairs = Object.entries(labels).map(([label, word]) => `${label}="${escaped(String(word)).replaceAll('"', '\\"')}"`)
    return `${metricName}{${pairs.join(',')}} ${numberOf(value)}`
  })
  return [`# HELP ${name} ${escaped(help)}`, `# TYPE ${name} ${type}`, ...lines].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value)
  return value > 0 ? '+Inf' : value < 0 ? '-Inf' : 'NaN'
}
