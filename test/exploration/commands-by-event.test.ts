/** What an app commands by an event gets a slot like any other command, or is told why not. */
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'

const A = 'scripted://a'
const B = 'scripted://b'

describe('backoff.elapsed', () => {
  test('dials a peer that failed, and holds it until it is disconnected', async () => {
    const { manager, transport, elapse, refused } = kit(1)
    await manager.updateStatus(A, 'Failed')
    elapse(A)
    expect([manager.status(A), manager.metrics.dials.started, manager.metrics.pool.misses]).toEqual(['Connecting', 1, 0])
    await flush()
    transport.lastDial(A)?.open()
    await flush()
    expect([manager.status(A), refused]).toEqual(['Connected', []])
    await manager.disconnect(A)
    expect([...manager.peers()]).toMatchObject([{ peerId: A, pooled: true, owner: 'manager' }])
  })

  test('takes the slot of a pooled link where there is no other', async () => {
    const { manager, transport, elapse, refused } = kit(1)
    await manager.updateStatus(B, 'Disconnected')
    const connecting = manager.connect(A)
    await flush()
    transport.lastDial(A)?.open()
    await (await connecting).release()
    elapse(B)
    expect([manager.status(A), manager.status(B), refused]).toEqual([undefined, 'Connecting', []])
  })

  test('is refused where every slot is in use', async () => {
    const { manager, elapse, refused } = kit(1)
    await manager.updateStatus(A, 'Connected')
    await manager.updateStatus(B, 'Failed')
    elapse(B)
    expect([manager.status(B), refused]).toEqual(['Failed', [`${B} ERR_MAX_CONNECTIONS`]])
  })

  test.each(['unknown', 'dialing', 'connected', 'reported'])('comes too late for a peer that is %s, and nobody is told', async (state) => {
    const { manager, transport, elapse, refused } = kit(1)
    if (state === 'reported') await manager.updateStatus(A, 'Connected')
    if (state === 'dialing' || state === 'connected') {
      manager.connect(A).catch(() => {})
      await flush()
      if (state === 'connected') transport.lastDial(A)?.open()
      await flush()
    }
    const before = [...manager.peers()]
    elapse(A)
    await flush()
    expect([...manager.peers()]).toEqual(before)
    expect([transport.dials.length, refused]).toEqual([state === 'dialing' || state === 'connected' ? 1 : 0, []])
  })
})

test('a connect by event is refused while everything is being closed', async () => {
  const { manager, transport, refused } = kit(2)
  const connecting = manager.connect(A)
  await flush()
  const link = transport.lastDial(A)?.open()
  await connecting
  const over = manager.shutdown()
  manager.supervisor.send({ type: 'peer.connect', peerId: B })
  manager.supervisor.send({ type: 'peer.report', peerId: B, status: 'Connected' })
  expect([manager.status(B), refused]).toEqual([undefined, [`${B} ERR_STOPPED`, `${B} ERR_STOPPED`]])
  link?.finishClose()
  expect(await over).toEqual({ closed: 1, forced: 0 })
})

function kit(maxConnections: number) {
  const transport = scripted()
  const manager = new ConnectionManager(maxConnections, { transport, clock: new VirtualClock() })
  const refused: string[] = []
  manager.supervisor.on('peer.refused', ({ peerId, error }) => refused.push(`${peerId} ${(error as { code?: string }).code}`))
  return { manager, transport, refused, elapse: (peerId: string) => manager.supervisor.send({ type: 'backoff.elapsed', peerId }) }
}
