import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { runningOn } from '../../src/supervisor-logic.ts'

function kit(retention?: { peers?: number; unproven?: number }) {
  const clock = new VirtualClock()
  const transport = scripted()
  const manager = new ConnectionManager(100, { transport, clock, rate: false, ...(retention === undefined ? {} : { retention }) })
  const visit = async (remotePeerId?: string): Promise<void> => {
    const link = transport.arrive(remotePeerId === undefined ? {} : { remotePeerId })
    await flush()
    link.remoteClose()
    await flush()
  }
  return { manager, visit, listen: () => manager.listen('scripted://here') }
}

describe('3,000 visitors that come once', () => {
  test('leave nothing where they proved no id', async () => {
    const { manager, visit, listen } = kit()
    await listen()
    for (let i = 0; i < 3_000; i++) await visit()

    expect([...manager.peers()]).toEqual([])
    expect(manager.metrics).toMatchObject({ inbound: { accepted: 3_000 }, byStatus: { Disconnected: 0, Failed: 0 } })
  })

  test('are remembered as far as the option says, the latest of them', async () => {
    const { manager, visit, listen } = kit({ peers: 2, unproven: 3 })
    await listen()
    for (let i = 0; i < 5; i++) await visit()
    for (const peerId of ['a', 'b', 'c']) await visit(peerId)

    const left = [...manager.peers()].map(({ peerId }) => peerId)
    expect(left.filter((peerId) => peerId.startsWith('inbound+'))).toHaveLength(3)
    expect(left.filter((peerId) => !peerId.startsWith('inbound+'))).toEqual(['b', 'c'])
  })

  test('an option that is no count is refused by name', () => {
    expect(() => kit({ unproven: -1 })).toThrow('retention.unproven')
    expect(() => kit({ peers: 1.5 })).toThrow('retention.peers')
  })
})

describe('a connection that somebody keeps in a variable', () => {
  test('keeps no actor once its peer is forgotten', async () => {
    const manager = new ConnectionManager(1, { transport: scripted({ autoOpen: true, autoClose: 'microtask' }), retention: { peers: 0 } })
    const connection = await manager.connect('scripted://a')
    const peer = runningOn(manager.supervisor)!.supervisor.world.peers.get('scripted://a')!
    const actor = peer.ref!
    await manager.disconnect('scripted://a', { pool: false })
    await flush()

    expect(peer.ref).toBeUndefined()
    expect(actor.getSnapshot().status).toBe('stopped')
    expect(connection).toMatchObject({ peerId: 'scripted://a', latency: null })
    expect(() => connection.send(new Uint8Array(1))).toThrow('is over')
    await manager.shutdown()
  })
})
