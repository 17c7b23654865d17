import { describe, expect, test } from 'vitest'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const id = (name: string): string => `scripted://${name}`

function setUp(limit = 10) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'microtask' })
  return { clock, transport, manager: new ConnectionManager(limit, { transport, clock, admission: 'queue' }) }
}

describe('drain', () => {
  test('refuses new work, ends waiters, closes what is pooled, and lets connections finish', async () => {
    const { manager, transport } = setUp(3)
    const inUse = await manager.connect(id('used'))
    await (await manager.connect(id('pooled'))).release()
    transport.autoOpen = false
    const dialing = manager.connect(id('dialing'))
    const listener = await manager.listen('scripted://here')
    expect(listener.address.href).toBe('scripted://here')

    let drained = false
    const drain = async (): Promise<void> => {
      await manager.drain()
      drained = true
    }
    const draining = drain()
    await expect(dialing).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await expect(manager.connect(id('new'))).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await expect(manager.updateStatus('app', 'Connected')).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await flush()
    expect([[...manager.peers()].map(({ peerId }) => peerId), transport.listeners.length, drained]).toEqual([[id('used')], 0, false])

    inUse.send(Uint8Array.of(1))
    await inUse.release()
    await draining
    expect(manager.metrics).toMatchObject({ connections: 0, pooled: 0, closing: 0 })
    expect(await manager.shutdown()).toEqual({ closed: 0, forced: 0 })
  })

  test('is idempotent, resolves at once where nothing is in use, and after shutdown', async () => {
    const { manager } = setUp()
    await Promise.all([manager.drain(), manager.drain()])
    await manager.shutdown()
    await manager.drain()
  })

  test('a shutdown ends what does not finish', async () => {
    const { clock, manager, transport } = setUp()
    await manager.connect(id('used'))
    transport.script.autoClose = false
    const draining = manager.drain()
    const ending = manager.shutdown({ timeoutMs: 100 })
    await clock.advanceAsync(100)
    expect(await ending).toEqual({ closed: 0, forced: 1 })
    await draining
    expect(clock.pending).toBe(0)
  })

  test('resolves when the actor is stopped', async () => {
    const { manager } = setUp()
    await manager.connect(id('used'))
    const draining = manager.drain()
    manager.supervisor.stop()
    await draining
  })
})

test('a connect after shutdown fails at once, and does not wait its full timeout', async () => {
  const { clock, manager } = setUp()
  await manager.shutdown()
  const before = clock.now()
  await expect(manager.connect(id('late'))).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  expect(clock.now()).toBe(before)
})
