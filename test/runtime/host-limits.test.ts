/** Hosts and subnets have limits of their own: how many of their links live at once, and how often they come. */
import type { ManagerOptions } from 'qudag-connections'
import { describe, expect, test } from 'vitest'
import { MAX_HOSTS } from '../../src/runtime/admission/host-rates.ts'
import { FOREIGN, setUp } from './door-rig.ts'

describe('per host and subnet', () => {
  const unhurried: ManagerOptions = { rate: false }

  test('one IPv4 host has 8 live links, IPv4-mapped or not; another host has its own', async () => {
    const { from, refused, door, transport } = await setUp(100, unhurried)
    expect(from('scripted://192.0.2.1:7', 5)).toBe('+++++')
    expect(from('scripted://[::ffff:192.0.2.1]:9', 5)).toBe('+++--')
    expect(from('scripted://192.0.2.2:7', 1)).toBe('+')
    expect(refused()).toEqual({ 'host-limit': 2 })
    expect(door.lastRefusal).toMatchObject({ reason: 'host-limit', range: '192.0.2.1/32', limit: 8, current: 8 })
    for (const link of transport.links) if (link.state === 'open') link.remoteClose()
    expect([door.seats.held, door.seats.size]).toEqual([0, 0])
    expect(from('scripted://192.0.2.1:7', 9)).toBe('++++++++-')
  })

  test('one IPv6 /56 has 8, one /48 has 64', async () => {
    const { from, refused } = await setUp(200, unhurried)
    expect(from('scripted://[2001:db8:1:100::1]:7', 4) + from('scripted://[2001:db8:1:1ff::2]:7', 5)).toBe('++++++++-')
    for (let customer = 2; customer <= 8; customer++) expect(from(`scripted://[2001:db8:1:${customer}00::1]:7`, 8)).toBe('++++++++')
    expect(from('scripted://[2001:db8:1:900::1]:7', 1)).toBe('-')
    expect(from('scripted://[2001:db8:2:900::1]:7', 1)).toBe('+')
    expect(refused()).toEqual({ 'host-limit': 1, 'subnet-limit': 1 })
  })

  test('loopback and private ranges are exempt, and what is no IP is not counted', async () => {
    const { from } = await setUp(100, unhurried)
    for (const own of ['scripted://127.0.0.1:1', 'scripted://10.9.8.7:1', 'scripted://[fd00::1]:1', 'memory://a']) {
      expect([own, from(own, 12)]).toEqual([own, '+'.repeat(12)])
    }
  })

  test('limits.exempt says who is exempt instead', async () => {
    const { from } = await setUp(100, { ...unhurried, limits: { exempt: ['192.0.2.0/24'], perHost: 2 } })
    expect([from(FOREIGN, 4), from('scripted://127.0.0.1:1', 4)]).toEqual(['++++', '++--'])
  })

  test('a peer that comes anew from its full host replaces its own link', async () => {
    const { arrive, refused } = await setUp(100, unhurried)
    for (let i = 0; i < 8; i++) arrive(FOREIGN, `peer ${i}`)
    expect([arrive(FOREIGN, 'peer 3').state === 'over', arrive(FOREIGN, 'peer 8').state, refused()]).toEqual([
      false,
      'over',
      { 'host-limit': 1 },
    ])
  })

  test('pooled links count while they live', async () => {
    const { manager, arrive, from } = await setUp(100, unhurried)
    for (let i = 0; i < 8; i++) arrive(FOREIGN, `peer ${i}`)
    await manager.disconnect('peer 1', { pool: true })
    expect(from(FOREIGN, 1)).toBe('-')
    await manager.disconnect('peer 1', { pool: false })
    expect(from(FOREIGN, 2)).toBe('+-')
  })
})

describe('rate', () => {
  /** Links that end at once, so that nothing but the rate bounds them. */
  async function comeAndGo(options: ManagerOptions = {}) {
    const kit = await setUp(1_000, options)
    const visit = (address: string, count: number): string =>
      Array.from({ length: count }, () => {
        const link = kit.arrive(address)
        if (link.state === 'over') return '-'
        link.remoteClose()
        return '+'
      }).join('')
    return { ...kit, visit }
  }

  test('one host comes 16 times at once, then 5 times a second; others are not held up by it', async () => {
    const { clock, door, visit, refused } = await comeAndGo()
    expect(visit(FOREIGN, 20)).toBe(`${'+'.repeat(16)}----`)
    expect(door.lastRefusal).toMatchObject({ reason: 'host-rate', retryAfterMs: 200 })
    expect(visit('scripted://192.0.2.2:7', 3)).toBe('+++')
    clock.advance(1_000)
    expect(visit(FOREIGN, 8)).toBe('+++++---')
    expect(refused()).toEqual({ 'host-rate': 7 })
  })

  test('all hosts together come 500 times a second, loopback not counted', async () => {
    const { clock, visit, refused } = await comeAndGo()
    let passed = 0
    for (let host = 0; host < 600; host++) if (visit(`scripted://198.51.${host >> 8}.${host & 255}:7`, 1) === '+') passed++
    expect([passed, refused()]).toEqual([500, { 'total-rate': 100 }])
    expect(visit('scripted://127.0.0.1:7', 50)).toBe('+'.repeat(50))
    expect(visit('scripted://10.0.0.1:7', 1)).toBe('-')
    clock.advance(10)
    expect(visit('scripted://10.0.0.1:7', 6)).toBe('+++++-')
  })

  test('options change it, false turns it off', async () => {
    const slow = await comeAndGo({ rate: { perSecond: 1, burst: 2, total: 3 } })
    expect([slow.visit(FOREIGN, 3), slow.visit('scripted://192.0.2.2:7', 2)]).toEqual(['++-', '+-'])
    const off = await comeAndGo({ rate: false })
    expect(off.visit(FOREIGN, 600)).toBe('+'.repeat(600))
  })

  test('more hosts than are remembered do not make its memory grow', async () => {
    const { clock, door, visit } = await comeAndGo({ rate: { total: Infinity } })
    for (let host = 0; host < MAX_HOSTS + 500; host++) {
      if (host % 100 === 0) clock.advance(1)
      visit(`scripted://198.${host >> 16}.${(host >> 8) & 255}.${host & 255}:7`, 1)
    }
    expect(door.rates.size).toBe(MAX_HOSTS)
  })
})
