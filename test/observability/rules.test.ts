import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { INSTRUMENTS, prometheusLabel, prometheusName, type Instrument } from '../../src/observability/instruments.ts'
import { expose } from '../../src/observability/exposition.ts'

const RULES = readFileSync('examples/prometheus/rules.yml', 'utf8')
const ALERTS = RULES.split(/^ {6}- alert: /m).slice(1)

/** Each series that can be asked for, with its labels. */
const SERIES = new Map<string, readonly string[]>(
  INSTRUMENTS.flatMap((instrument: Instrument): (readonly [string, readonly string[]])[] => {
    const name = prometheusName(instrument)
    const labels = ['job', 'instance', 'manager', ...instrument.attributes.map(prometheusLabel)]
    if (instrument.kind !== 'histogram') return [[name, labels]]
    return [
      [`${name}_bucket`, [...labels, 'le']],
      [`${name}_sum`, labels],
      [`${name}_count`, labels],
    ]
  }),
)

describe('the rules', () => {
  test('are for what goes wrong, and each says what is wrong and what to do', () => {
    expect(ALERTS.map((alert) => alert.slice(0, alert.indexOf('\n')))).toEqual([
      'QudagLimitReached',
      'QudagDialsFail',
      'QudagStorm',
      'QudagBreakersOpen',
      'QudagKeptPeerDown',
      'QudagKeptPeerStaysDown',
      'QudagHeartbeatsLost',
      'QudagPoolMisses',
      'QudagSlow',
      'QudagWaitsTimeOut',
      'QudagAttackerAtTheDoor',
    ])
    for (const alert of ALERTS) {
      expect(alert).toMatch(/severity: (info|warning|critical)/)
      expect(alert).toMatch(/summary: '.*\{\{ \$labels\.instance \}\}.*\{\{ \$value/)
      expect(alert).toMatch(/description: >\n {12}\S.{60}/)
    }
  })

  test('ask only for series and labels that are exposed', () => {
    const asked = Array.from(RULES.matchAll(/\b(qudag_connection_\w+)(?!\w|=|!=)(?:\{([^}]*)\})?/g))
    expect(asked.length).toBeGreaterThan(12)
    for (const [, name = '', matchers = ''] of asked) {
      expect([...SERIES.keys()]).toContain(name)
      for (const [, label = ''] of matchers.matchAll(/(\w+)(?:=~|!=|=)"/g)) expect(SERIES.get(name)).toContain(label)
    }
  })

  test('name values of labels that there are', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true, autoClose: 'sync' })
    const manager = new ConnectionManager(2, { transport, clock, resolve: (peerId) => `scripted://${peerId}` })
    const exposed = expose(manager)
    await manager.connect('ann')
    await flush()
    const text = exposed.text()

    const values = Array.from(RULES.matchAll(/(qudag_connection_(?:state|up|pool_result|reason))(?:=~|!=|=)"([^"]+)"/g))
    for (const [, label = '', words = ''] of values) {
      for (const word of words.split('|')) expect(text).toContain(`${label}="${word}"`)
    }
    exposed.end()
    await manager.shutdown()
  })
})
