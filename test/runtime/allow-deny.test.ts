/** Allow and deny lists: by peer id, address and range, in and out; deny wins. */
import { describe, expect, test } from 'vitest'
import { A, FOREIGN, setUp } from './door-rig.ts'

describe('allow, deny', () => {
  test('deny wins over allow, by peer id, address and range, in and out', async () => {
    const { manager, transport, arrive, refused } = await setUp(10, {
      allow: ['mallory', '192.0.2.0/24'],
      deny: ['mallory', '192.0.2.1', '2001:db8::/32'],
    })
    expect(arrive(undefined, 'mallory').state).toBe('over')
    expect(arrive(FOREIGN).state).toBe('over')
    expect(arrive('scripted://[2001:db8::7]:1').state).toBe('over')
    expect(arrive('scripted://192.0.2.2:7').state).not.toBe('over')
    expect(refused()).toEqual({ denied: 3 })
    for (const peerId of ['mallory', FOREIGN, 'scripted://[2001:db8::9]:1']) {
      await expect(manager.connect(peerId)).rejects.toMatchObject({ code: 'ERR_DENIED', peerId })
      expect(manager.status(peerId)).toBeUndefined()
    }
    expect(transport.dials).toEqual([])
  })

  test('an address that only resolving tells is passed over; where there is no other, the dial fails with ERR_DENIED', async () => {
    const resolve = (peerId: string) => (peerId === 'both' ? [FOREIGN, A] : [FOREIGN])
    const { manager, transport } = await setUp(10, { deny: ['192.0.2.0/24'], resolve })
    expect((await manager.connect('both')).remoteAddress).toBe(A)
    await expect(manager.connect('one')).rejects.toMatchObject({ code: 'ERR_DENIED', attempts: 0, address: FOREIGN })
    expect([manager.status('one'), transport.dials.length]).toEqual(['Failed', 1])
  })

  test('a host name that leads to a denied address is found out when it answers', async () => {
    const { manager, transport } = await setUp(10, { deny: ['192.0.2.0/24'] })
    transport.autoOpen = false
    const connecting = manager.connect('scripted://innocent:1')
    const link = transport.lastDial()?.open({ remoteAddress: FOREIGN })
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect(link?.state).toBe('over')
  })

  test('an allowed one passes the soft limits, nobody else does, and maxConnections holds for all', async () => {
    const { manager, from, arrive } = await setUp(4, {
      allow: ['192.0.2.1', 'friend'],
      limits: { inbound: 1, perHost: 1 },
      rate: { burst: 1 },
    })
    expect(from('scripted://192.0.2.9:7', 2)).toBe('+-')
    expect(from(FOREIGN, 2)).toBe('++')
    expect(from('memory://crowd', 1)).toBe('-')
    expect(arrive('scripted://192.0.2.9:8', 'friend').state).not.toBe('over')
    expect(from(FOREIGN, 1)).toBe('-')
    expect(manager.metrics.connections).toBe(4)
  })

  test('a name that nobody has proven is not allowed by claiming it', async () => {
    const { arrive } = await setUp(4, { allow: ['friend'], limits: { inbound: 0 } })
    expect([arrive('friend').state, arrive(undefined, 'friend').state === 'over']).toEqual(['over', false])
  })

  test('a denied peer never counts against its breaker, nor takes a slot', async () => {
    const { manager } = await setUp(1, { deny: ['192.0.2.0/24'], resolve: () => FOREIGN })
    for (let i = 0; i < 10; i++) await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_DENIED' })
    expect(manager.metrics.dialing).toBe(0)
  })
})
