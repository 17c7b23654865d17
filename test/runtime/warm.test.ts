/** What is opened in advance waits in the pool, took only spare slots, and cost nobody anything. */
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

const A = 'scripted://a'
const B = 'scripted://b'
const C = 'scripted://c'

describe('warm', () => {
  test('opens links into the pool, where connect finds them', async () => {
    const { manager, transport } = kit()
    expect(await manager.warm([A, B])).toEqual({ opened: [A, B], skipped: [], failed: [] })
    expect([manager.metrics.pooled, manager.metrics.connections, transport.dials.length]).toEqual([2, 0, 2])
    await manager.connect(A)
    expect([manager.metrics.pool.hits, transport.dials.length]).toEqual([1, 2])
  })

  test('takes spare slots alone: nothing yields, the rest is skipped', async () => {
    const { manager, transport } = kit({ max: 3 })
    await manager.connect(A)
    await manager.disconnect(A)
    const { opened, skipped } = await manager.warm(['scripted://1', 'scripted://2', 'scripted://3', 'scripted://4'])
    expect(opened).toEqual(['scripted://1', 'scripted://2'])
    expect(skipped).toEqual([
      { peerId: 'scripted://3', reason: 'no-slot' },
      { peerId: 'scripted://4', reason: 'no-slot' },
    ])
    expect([manager.metrics.pool.evicted, transport.ledger.peak, manager.status(A)]).toEqual([0, 3, 'Disconnected'])
  })

  test('leaves room for no more than maxIdle', async () => {
    const { manager } = kit({ maxIdle: 2 })
    await manager.connect(A)
    await manager.disconnect(A)
    const { opened, skipped } = await manager.warm([B, C])
    expect([opened, skipped]).toEqual([[B], [{ peerId: C, reason: 'pool-full' }]])
    expect([manager.metrics.pooled, manager.metrics.pool.evicted]).toEqual([2, 0])
  })

  test('a pool that has filled meanwhile keeps what it has: the link that was opened goes', async () => {
    const { manager, transport } = kit({ maxIdle: 1 }, { autoOpen: false })
    const opening = manager.connect(A)
    await flush()
    transport.lastDial(A)?.open()
    await opening
    const warming = manager.warm([B])
    await flush()
    await manager.disconnect(A)
    transport.lastDial(B)?.open()
    expect(await warming).toEqual({ opened: [], skipped: [{ peerId: B, reason: 'pool-full' }], failed: [] })
    expect([manager.status(A), manager.status(B), manager.metrics.pool.evicted]).toEqual(['Disconnected', undefined, 0])
  })

  test('leaves alone who is held already, and names everybody once', async () => {
    const { manager, transport } = kit()
    await manager.connect(A)
    await manager.updateStatus('app', 'Connected')
    await manager.warm([B])
    const report = await manager.warm([A, B, 'app', A, C])
    expect(report.opened).toEqual([C])
    expect(report.skipped).toEqual([A, B, 'app'].map((peerId) => ({ peerId, reason: 'held' })))
    expect(transport.dials).toHaveLength(3)
  })

  test('says who could not be reached, and does not try whose circuit is open', async () => {
    const { manager, transport } = kit({ breaker: { failures: 1 } })
    transport.autoFail = new Error('refused')
    const { failed } = await manager.warm([A, 'nobody'])
    expect(failed).toEqual([
      { peerId: A, error: expect.objectContaining({ code: 'ERR_DIAL_FAILED' }) },
      { peerId: 'nobody', error: expect.objectContaining({ code: 'ERR_NO_ADDRESS' }) },
    ])
    expect((await manager.warm([A])).skipped).toEqual([{ peerId: A, reason: 'circuit-open' }])
  })

  test('a connect that comes meanwhile joins the dial, and keeps the link when it is open', async () => {
    const { manager, transport } = kit({}, { autoOpen: false })
    const warming = manager.warm([A])
    const connecting = manager.connect(A)
    await flush()
    transport.lastDial(A)?.open()
    expect(await warming).toMatchObject({ opened: [A] })
    await connecting
    expect([manager.status(A), transport.dials.length]).toEqual(['Connected', 1])
  })

  test('is dialled behind all that somebody waits for', async () => {
    const { manager, transport } = kit({ max: 10, limits: { dialing: 1 } }, { autoOpen: false })
    const warming = manager.warm([A, B, C])
    const connecting = [manager.connect('scripted://1'), manager.connect(C)]
    const order: string[] = []
    for (let i = 0; i < 4; i++) {
      await flush()
      const [dial] = transport.pendingDials
      order.push(dial?.peerId ?? '')
      dial?.open()
    }
    await Promise.all(connecting)
    expect(order).toEqual([A, C, 'scripted://1', B])
    expect(await warming).toMatchObject({ opened: [A, B, C] })
  })

  test('where nothing is pooled nothing is opened', async () => {
    for (const options of [{ poolTimeoutMs: 0 }, { maxIdle: 0 }]) {
      const { manager, transport } = kit(options)
      expect((await manager.warm([A])).skipped).toEqual([{ peerId: A, reason: 'no-pool' }])
      expect(transport.dials).toEqual([])
    }
  })

  test('a shutdown ends it, and refuses the next', async () => {
    const { manager, clock } = kit({}, { autoOpen: false })
    const warming = manager.warm([A])
    await manager.shutdown()
    expect(await warming).toMatchObject({ opened: [], failed: [{ peerId: A, error: { code: 'ERR_STOPPED' } }] })
    await expect(manager.warm([A])).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    expect(clock.pending).toBe(0)
  })

  test.each([[undefined], [null], [A], [7], [{}], [[7]], [['']], [['x'.repeat(513)]]])(
    'refuses %o, and changes nothing',
    async (peerIds) => {
      const { manager, transport } = kit()
      await expect(manager.warm(peerIds as never)).rejects.toThrow(/peerId/)
      expect([[...manager.peers()], transport.dials]).toEqual([[], []])
    },
  )

  test('whatever is held, nobody ever yields and no limit is ever passed', async () => {
    const ids = Array.from({ length: 8 }, (_, i) => `scripted://${i}`)
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.oneof(fc.constant(Infinity), fc.nat(6)),
        fc.subarray(ids),
        fc.subarray(ids),
        fc.subarray(ids),
        async (max, maxIdle, connected, pooled, warmed) => {
          const { manager, transport } = kit({ max, maxIdle })
          for (const peerId of [...connected, ...pooled].slice(0, max)) await manager.connect(peerId)
          for (const peerId of pooled) await manager.disconnect(peerId)
          const { evicted } = manager.metrics.pool
          const { opened, skipped, failed } = await manager.warm(warmed)
          expect(manager.metrics.pool.evicted).toBe(evicted)
          expect(transport.ledger.peak).toBeLessThanOrEqual(max)
          expect(manager.metrics.pooled).toBeLessThanOrEqual(maxIdle)
          expect([...opened, ...skipped.map(({ peerId }) => peerId)].toSorted()).toEqual(warmed.toSorted())
          expect(failed).toEqual([])
        },
      ),
    )
  })
})

interface Kit extends Omit<ManagerOptions, 'transport' | 'clock'> {
  readonly max?: number
}

function kit({ max = 8, ...options }: Kit = {}, script: ScriptedOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ...script })
  return { clock, transport, manager: new ConnectionManager(max, { clock, transport, ...options }) }
}
