/** Inbound links have a share of the slots, so that our own dials find the rest. */
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { A, B, setUp } from './door-rig.ts'

describe('in and out', () => {
  test('inbound links use at most 80 % of the slots, and our own dials find the rest', async () => {
    const { transport, manager, from, refused } = await setUp(10)
    expect(from('memory://crowd', 12)).toBe('++++++++----')
    expect(refused()).toEqual({ 'inbound-limit': 4 })
    expect(manager.metrics.inbound).toEqual({ accepted: 8, rejected: 4 })
    await Promise.all([manager.connect(A), manager.connect(B)])
    await expect(manager.connect('scripted://c')).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', limit: 10, current: 10 })
    expect(transport.ledger.peak).toBe(10)
  })

  test('a manager with one slot lets one in', async () => {
    const { from } = await setUp(1)
    expect(from('memory://crowd', 2)).toBe('+-')
  })

  test('limits.inbound: 0 lets nobody in, though slots are free', async () => {
    const { manager, from, refused } = await setUp(5, { limits: { inbound: 0 } })
    expect([from('memory://crowd', 2), refused(), [...manager.peers()]]).toEqual(['--', { 'inbound-limit': 2 }, []])
  })

  test('what was asked for is the ceiling, and never more than maxConnections', async () => {
    const { from, refused } = await setUp(3, { limits: { inbound: 9 } })
    expect([from('memory://crowd', 4), refused()]).toEqual(['+++-', { 'inbound-limit': 1 }])
  })

  test('our own dials in all slots: the link is refused for maxConnections', async () => {
    const { manager, door, arrive } = await setUp(2)
    await Promise.all([manager.connect(A), manager.connect(B)])
    const link = arrive('memory://late')
    expect([link.state, door.refusals['max-connections']]).toEqual(['over', 1])
    expect(door.lastRefusal).toMatchObject({ reason: 'max-connections', limit: 2, current: 2, remoteAddress: 'memory://late' })
  })

  test('at the ceiling the longest-idle pooled inbound link yields, and no outbound one', async () => {
    const { clock, manager, arrive } = await setUp(5)
    await manager.connect(A)
    await manager.disconnect(A)
    for (const peer of ['w', 'x', 'y', 'z']) arrive(undefined, peer)
    for (const peer of ['x', 'w']) {
      clock.advance(1)
      await manager.disconnect(peer, { pool: true })
    }
    expect(arrive(undefined, 'new').state).not.toBe('over')
    expect(['w', 'x', 'y', 'new', A].map((peer) => manager.status(peer))).toEqual([
      'Disconnected',
      undefined,
      'Connected',
      'Connected',
      'Disconnected',
    ])
    expect(manager.metrics.pool.evicted).toBe(1)
  })

  test('setLimits moves the ceiling; pooled inbound links above it yield, Connected ones stay', async () => {
    const { manager, from, arrive } = await setUp(10)
    for (let i = 0; i < 8; i++) arrive(undefined, `peer ${i}`)
    await manager.disconnect('peer 0')
    await manager.disconnect('peer 1')
    manager.setLimits({ maxConnections: 8 })
    expect([manager.metrics.pooled, manager.metrics.connections]).toEqual([0, 6])
    expect(from('memory://crowd', 1)).toBe('-')
    manager.setLimits({ maxConnections: 20 })
    expect(from('memory://crowd', 11)).toBe('++++++++++-')
  })

  test('above a lowered limit no link comes into the slot that a closing one leaves; within it, it does', async () => {
    const transport = scripted({ autoOpen: true, autoClose: false })
    const manager = new ConnectionManager(2, { transport, clock: new VirtualClock() })
    await manager.listen('scripted://here:1')
    await Promise.all([manager.connect(A), manager.connect(B)])
    void manager.disconnect(A, { pool: false })
    manager.setLimits({ maxConnections: 1 })

    const early = transport.arrive({ remotePeerId: A })
    expect([early.state, manager.explain(A)?.state]).toEqual(['over', 'Disconnected.closing'])

    manager.setLimits({ maxConnections: 2 })
    const late = transport.arrive({ remotePeerId: A })
    expect([late.state, manager.status(A)]).toEqual(['open', 'Connected'])
  })

  test('a link of a peer that we dial joins it, whatever the ceiling', async () => {
    const { transport, manager, from, arrive } = await setUp(2)
    expect(from('memory://crowd', 1)).toBe('+')
    transport.autoOpen = false
    const connecting = manager.connect(A)
    expect(arrive(undefined, A).state).not.toBe('over')
    expect((await connecting).direction).toBe('inbound')
  })
})
