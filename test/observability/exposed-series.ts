/** The series that a scrape gives, as rules and dashboards ask for them. */
import { expect } from 'vitest'
import { FLEET_INSTRUMENTS } from '../../src/observability/fleet-instruments.ts'
import { INSTRUMENTS, prometheusLabel, prometheusName, type Instrument } from '../../src/observability/instruments.ts'

/** Each series that can be asked for, with its labels. */
const SERIES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>(
  [...INSTRUMENTS, ...FLEET_INSTRUMENTS].flatMap((instrument: Instrument): (readonly [string, readonly string[]])[] => {
    const name = prometheusName(instrument)
    const labels = ['job', 'instance', 'manager', 'fleet', 'node', ...instrument.attributes.map(prometheusLabel)]
    if (instrument.kind !== 'histogram') return [[name, labels]]
    return [
      [`${name}_bucket`, [...labels, 'le']],
      [`${name}_sum`, labels],
      [`${name}_count`, labels],
    ]
  }),
)

/** Expects of every series and label that a text asks for that it is exposed. @returns how many it asks for */
export function expectExposed(text: string): number {
  const labels = new Set([...SERIES.values()].flat())
  const grouped = Array.from(text.matchAll(/\b(?:by|on) \(([^)]*)\)/g), ([, names = '']) => names.split(/, */)).flat()
  for (const label of grouped) expect(labels).toContain(label)
  const asked = Array.from(
    text.replaceAll(/\b(?:by|on) \([^)]*\)/g, '').matchAll(/\b(qudag_(?:connection|fleet)_\w+)(?!\w|=|!=)(?:\{([^}]*)\})?/g),
  )
  for (const [, name = '', matchers = ''] of asked) {
    expect([...SERIES.keys()]).toContain(name)
    for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!=|=)"/g)) expect(SERIES.get(name)).toContain(label)
  }
  return asked.length
}
