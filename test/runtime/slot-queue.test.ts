import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const id = (name: string): string => `scripted://${name}`

function setUp(limit: number, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(limit, { transport, clock, poolTimeoutMs: 0, admission: 'queue', ...options })
  return { clock, transport, manager }
}

describe("admission: 'queue'", () => {
  test('serves those who wait by priority, then by age', async () => {
    const { manager } = setUp(1)
    await manager.connect(id('holder'))
    const served: string[] = []
    const wait = async (name: string, priority: number): Promise<void> => {
      const connection = await manager.connect(id(name), { priority })
      served.push(name)
      await connection.release()
    }
    const all = [wait('old', 0), wait('young', 0), wait('urgent', 5), wait('pressing', 9)]
    await manager.disconnect(id('holder'))
    await Promise.all(all)
    expect(served).toEqual(['pressing', 'urgent', 'old', 'young'])
  })

  test('a joiner raises the priority of the one request to the highest asked', async () => {
    const { manager, transport } = setUp(1)
    await manager.connect(id('holder'))
    const served: string[] = []
    const wait = async (name: string, priority: number): Promise<void> => {
      const connection = await manager.connect(id(name), { priority })
      served.push(name)
      await connection.release()
    }
    const all = [wait('first', 1), wait('raised', 0), wait('raised', 7)]
    await manager.disconnect(id('holder'))
    await Promise.all(all)
    expect(served).toEqual(['raised', 'raised', 'first'])
    expect(transport.ledger.dials).toBe(3)
  })

  test('is bounded: past it ERR_QUEUE_FULL, and nothing else changes', async () => {
    const { manager } = setUp(1, { maxWaiting: 2 })
    await manager.connect(id('holder'))
    const waiting = [manager.connect(id('a')), manager.connect(id('b'))]
    await expect(manager.connect(id('c'))).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL', limit: 1, current: 1 })
    const joined = manager.connect(id('a'))
    expect(manager.metrics.connections).toBe(1)
    await manager.shutdown()
    for (const result of await Promise.allSettled([...waiting, joined])) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STOPPED' } })
    }
  })

  test('an entry leaves on abort, alone, and leaves no listener', async () => {
    const { manager } = setUp(1)
    const holder = await manager.connect(id('holder'))
    const leaver = new AbortController()
    const left = manager.connect(id('a'), { signal: leaver.signal })
    const stays = manager.connect(id('a'))
    leaver.abort(new Error('I leave'))
    await expect(left).rejects.toThrow('I leave')
    expect(getEventListeners(leaver.signal, 'abort')).toEqual([])
    await holder.release()
    expect((await stays).peerId).toBe(id('a'))
  })

  test('an entry leaves after its time, with an error that says what it waited for and the last dial error', async () => {
    const { clock, manager, transport } = setUp(1, { waitTimeoutMs: 5_000 })
    transport.autoFail = new Error('no route')
    await manager.connect(id('a')).catch(() => {})
    transport.autoFail = undefined
    await manager.connect(id('holder'))
    const waiting = manager.connect(id('a')).catch((error: unknown) => error)
    await clock.advanceAsync(5_000)
    expect(await waiting).toMatchObject({
      code: 'ERR_CONNECT_TIMEOUT',
      message: expect.stringMatching(/waited 5000 ms for a slot: 1 of 1 connections are held/),
      cause: { code: 'ERR_DIAL_FAILED' },
    })
  })

  test('a disconnect overtakes those who wait', async () => {
    const { manager } = setUp(1)
    await manager.connect(id('holder'))
    const waiting = manager.connect(id('a'))
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'ERR_DISCONNECTED' }), manager.disconnect(id('a'))])
  })

  test.each(['Disconnected', 'Failed'] as const)('a report of the peer as %s overtakes those who wait for it', async (status) => {
    const { manager, transport } = setUp(1)
    await manager.connect(id('holder'))
    const waiting = manager.connect(id('waits'))
    const next = manager.connect(id('next'))
    await manager.updateStatus(id('waits'), status)
    await expect(waiting).rejects.toMatchObject({
      code: 'ERR_DISCONNECTED',
      message: expect.stringContaining(`a report of it as ${status}`),
    })
    await manager.disconnect(id('holder'))
    await next
    expect(manager.status(id('waits'))).toBe(status)
    expect(transport.ledger.dials).toBe(2)
  })

  test('a raised limit serves them', async () => {
    const { manager } = setUp(1)
    await manager.connect(id('holder'))
    const waiting = [manager.connect(id('a')), manager.connect(id('b'))]
    manager.setLimits({ maxConnections: 3 })
    expect((await Promise.all(waiting)).map(({ peerId }) => peerId)).toEqual([id('a'), id('b')])
  })

  test('a pooled link always yields first', async () => {
    const { manager } = setUp(1, { poolTimeoutMs: 60_000 })
    const holder = await manager.connect(id('holder'))
    await holder.release()
    expect((await manager.connect(id('a'))).peerId).toBe(id('a'))
  })
})

test('a connect that waits for a slot is given the link that its peer opens meanwhile, and leaves the line', async () => {
  const admission: ManagerOptions['admission'] = ({ direction }) => (direction === 'inbound' ? 'evict' : 'queue')
  const { clock, transport, manager } = setUp(1, { admission, evictionGraceMs: 0 })
  await manager.listen('scripted://here:1')
  await manager.connect(id('holder'))
  const waiting = manager.connect(id('guest'), { keep: true })
  manager.tag(id('guest'), 'friend', 1)
  transport.arrive({ remotePeerId: id('guest') })
  expect(await waiting).toMatchObject({ peerId: id('guest'), direction: 'inbound' })
  expect(manager.explain(id('guest'))).toMatchObject({ status: 'Connected', holds: 1, kept: true })
  expect(manager.explain().queue.waiting).toBe(0)
  await manager.shutdown()
  expect(clock.pending).toBe(0)
})

describe('limits.dialing', () => {
  test('past it a connect keeps its slot and waits its turn, the most urgent first', async () => {
    const { manager, transport } = setUp(10, { admission: 'reject', limits: { dialing: 2 } })
    transport.autoOpen = false
    const names = ['a', 'b', 'c', 'd', 'e']
    const all = names.map((name, i) => manager.connect(id(name), { priority: i }))
    expect([transport.dials.map(({ peerId }) => peerId), manager.metrics.dialing]).toEqual([[id('a'), id('b')], 5])
    for (let i = 0; i < names.length; i++) {
      transport.pendingDials[0]?.open()
      await flush()
    }
    expect(transport.dials.map(({ peerId }) => peerId)).toEqual([id('a'), id('b'), id('e'), id('d'), id('c')])
    await Promise.all(all)
  })

  test('who waits too long for its turn fails with what it waited for', async () => {
    const { clock, manager, transport } = setUp(10, { limits: { dialing: 1 }, waitTimeoutMs: 100, connectTimeoutMs: 1_000 })
    transport.autoOpen = false
    manager.connect(id('a')).catch(() => {})
    const waiting = manager.connect(id('b')).catch((error: unknown) => error)
    await clock.advanceAsync(100)
    expect(await waiting).toMatchObject({
      code: 'ERR_CONNECT_TIMEOUT',
      message: expect.stringMatching(/waited 100 ms for its turn to be dialled/),
    })
    expect(manager.status(id('b'))).toBe('Failed')
  })
})
