import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { fleet, memoryStore } from 'qudag-connections/fleet'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { expose } from '../../src/observability/exposition.ts'
import { expectExposed } from './exposed-series.ts'

const RULES = readFileSync('examples/prometheus/rules.yml', 'utf8')
const ALERTS = RULES.split(/^ {6}- alert: /m).slice(1)

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
      'QudagFleetStoreAway',
    ])
    for (const alert of ALERTS) {
      expect(alert).toMatch(/severity: (info|warning|critical)/)
      expect(alert).toMatch(/summary: '.*\{\{ \$labels\.instance \}\}.*\{\{ \$value/)
      expect(alert).toMatch(/description: >\n {12}\S.{60}/)
    }
  })

  test('ask only for series and labels that are exposed', () => {
    expect(expectExposed(RULES)).toBeGreaterThan(12)
  })

  test('name values of labels that there are', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true, autoClose: 'sync' })
    const store = memoryStore({ clock })
    const node = fleet({ store, limit: 2 })
    const manager = new ConnectionManager(2, { transport, clock, fleet: node, resolve: (peerId) => `scripted://${peerId}` })
    const exposed = expose(manager)
    await node.joined()
    await manager.connect('ann')
    await flush()
    const text = exposed.text()

    const values = Array.from(RULES.matchAll(/(qudag_(?:connection_(?:state|up|pool_result|reason)|fleet_state))(?:=~|!=|=)"([^"]+)"/g))
    for (const [, label = '', words = ''] of values) {
      for (const word of words.split('|')) expect(text).toContain(`${label}="${word}"`)
    }
    exposed.end()
    await manager.shutdown()
  })
})
