/** A peer that is sent away is gone: it does not stay Connected at its end, and goes on sending into a pool. */
import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const CLIENT = 'scripted://client'

function hub(): { manager: ConnectionManager; transport: ReturnType<typeof scripted> } {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  return { manager: new ConnectionManager(10, { transport, clock: new VirtualClock() }), transport }
}

describe('a client that is kicked', () => {
  test('is hung up on by disconnect', async () => {
    const { manager, transport } = hub()
    await manager.listen('scripted://here')
    const link = transport.arrive({ remotePeerId: CLIENT })
    await manager.disconnect(CLIENT)
    expect([link.state, manager.status(CLIENT), manager.metrics.pool.size]).toEqual(['over', undefined, 0])
    await manager.shutdown()
  })

  test('is hung up on by the event peer.disconnect, and pooled where the pool is asked for', async () => {
    const { manager, transport } = hub()
    await manager.listen('scripted://here')
    const link = transport.arrive({ remotePeerId: CLIENT })
    manager.supervisor.send({ type: 'peer.disconnect', peerId: CLIENT })
    expect([link.state, manager.metrics.pool.size]).toEqual(['over', 0])
    const again = transport.arrive({ remotePeerId: CLIENT })
    manager.supervisor.send({ type: 'peer.disconnect', peerId: CLIENT, pool: true })
    expect([again.state, manager.metrics.pool.size]).toEqual(['open', 1])
    await manager.shutdown()
  })

  test('is hung up on by close(), whoever else holds its link, and twice is once', async () => {
    const { manager, transport } = hub()
    await manager.listen('scripted://here')
    const link = transport.arrive({ remotePeerId: CLIENT })
    const shown = manager.get(CLIENT)
    const held = await manager.connect(CLIENT)
    await shown?.close()
    expect([link.state, await held.closed]).toEqual(['over', { kind: 'local' }])
    const next = transport.arrive({ remotePeerId: CLIENT })
    await shown?.close()
    await held.close()
    expect([next.state, manager.status(CLIENT)]).toEqual(['open', 'Connected'])
    await manager.shutdown()
  })

  test('close() of an outbound link pools nothing, ends the keeping, and each call resolves when the link is closed', async () => {
    const { manager, transport } = hub()
    transport.script.autoClose = false
    const connection = await manager.connect('scripted://server', { keep: true })
    const told: string[] = []
    const both = [connection.close().then(() => told.push('first')), connection.close().then(() => told.push('second'))]
    await Promise.resolve()
    expect([manager.metrics.closing, told]).toEqual([1, []])
    for (const link of transport.links) link.finishClose()
    await Promise.all(both)
    expect([manager.status('scripted://server'), manager.explain('scripted://server')]).toEqual([undefined, undefined])
    await manager.shutdown()
  })
})
