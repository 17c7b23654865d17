/** What users of other connection managers suffer from does not happen here. Pains 2, 3 and 6 have files of their own. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, VirtualClock, type ScriptedOptions } from 'qudag-connections/testing'

const id = (name: string | number): string => `scripted://${name}`

function setUp(limit: number, options: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync', ...script })
  return { clock, transport, manager: new ConnectionManager(limit, { transport, clock, ...options }) }
}

test('1. limits that are not limits: dials past the maximum, an allow entry that lets everyone in', async () => {
  const { transport, manager } = setUp(5, { allow: ['friend'], limits: { inbound: 5 } }, { autoOpen: true })
  await manager.listen(id('here'))
  for (let i = 0; i < 3; i++) await manager.connect(id(i))
  transport.autoOpen = false
  const dialing = Array.from({ length: 20 }, (_, i) => manager.connect(id(`more-${i}`)).catch(() => {}))
  for (let i = 0; i < 20; i++) transport.arrive({ remotePeerId: `stranger-${i}` })
  transport.arrive({ remotePeerId: 'friend' })
  await flush()
  expect([transport.ledger.peakHeld, manager.status('friend')]).toEqual([5, undefined])
  await manager.shutdown()
  await Promise.all(dialing)
})

test('4. dials that wedge for ever: one that never answers gives its slot back, and is tried again', async () => {
  const { clock, transport, manager } = setUp(1, { connectTimeoutMs: 1_000, random: () => 0.5 })
  const first = manager.connect(id('peer'), { keep: true }).catch((error: unknown) => error)
  await clock.advanceAsync(1_000)
  expect(await first).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
  expect(manager.metrics.dialing).toBe(0)
  transport.autoOpen = true
  await clock.advanceAsync(500)
  expect(manager.status(id('peer'))).toBe('Connected')
})

test('4. retries in lockstep after an outage: no two kept peers are tried at one instant', async () => {
  let seed = 1
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  const { clock, transport, manager } = setUp(200, { random, reconnect: { concurrency: 100 } }, { autoOpen: true })
  for (let i = 0; i < 100; i++) await manager.connect(id(i), { keep: true })
  const instants: number[] = []
  manager.transitions$.subscribe(({ reason, at }) => reason === 'backoff' && instants.push(at))
  for (const link of transport.links) link.fail(new Error('outage'))
  await clock.advanceAsync(10_000)
  expect([instants.length, new Set(instants).size, manager.metrics.connections]).toEqual([100, 100, 100])
})

test('5. a failing factory that is called without end: a dial that fails at once is not tried at once again', async () => {
  const { clock, transport, manager } = setUp(10, { admission: 'queue', random: () => 0.5 })
  transport.autoFail = new Error('nobody there')
  for (let i = 0; i < 10; i++) await manager.connect(id(i), { keep: true }).catch(() => {})
  const before = transport.ledger.dials
  await clock.advanceAsync(1_000)
  expect(transport.ledger.dials - before).toBeLessThanOrEqual(20)
})

test('7. timeouts that hide the cause: a wait that fails carries the last dial error and the state of the pool', async () => {
  const { clock, transport, manager } = setUp(1, { admission: 'queue', waitTimeoutMs: 1_000 })
  transport.autoFail = new Error('no route to host')
  await manager.connect(id('peer')).catch(() => {})
  transport.autoFail = undefined
  transport.autoOpen = true
  await manager.connect(id('holder'))
  const waiting = manager.connect(id('peer')).catch((error: unknown) => error)
  await clock.advanceAsync(1_000)
  expect(await waiting).toMatchObject({
    code: 'ERR_CONNECT_TIMEOUT',
    message: expect.stringMatching(/1 of 1 connections are held, 0 of them pooled/),
    cause: { code: 'ERR_DIAL_FAILED', cause: { message: 'no route to host' } },
  })
})

test('8. a connect after shutdown that waits its full timeout: it fails at once', async () => {
  const { clock, manager } = setUp(1, { admission: 'queue' })
  await manager.shutdown()
  await expect(manager.connect(id('peer'))).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  expect(clock.pending).toBe(0)
})

test('9. unbounded queues, sockets and buffers: each is bounded, and what does not fit is said', async () => {
  const { transport, manager } = setUp(1, { admission: 'queue', maxWaiting: 3, maxBufferedBytes: 10 }, { autoOpen: true })
  const holder = await manager.connect(id('holder'))
  const waiting = Array.from({ length: 10 }, (_, i) => manager.connect(id(i)).catch(({ code }: { code: string }) => code))
  const link = transport.linkOf(id('holder'))
  for (let i = 0; i < 10; i++) link?.receive(Uint8Array.of(i, i))
  expect(link?.paused).toBe(true)
  const heard: number[] = []
  holder.messages$.subscribe(([first]) => heard.push(first ?? -1))
  expect(heard).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  await manager.shutdown()
  const codes = await Promise.all(waiting)
  expect(codes.filter((code) => code === 'ERR_QUEUE_FULL')).toHaveLength(7)
})

test('10. leaks: nothing of a peer outlives it, and a signal keeps no listener', async () => {
  const { clock, transport, manager } = setUp(10, { poolTimeoutMs: 0, breaker: { failures: 1 } }, { autoOpen: true })
  const { signal } = new AbortController()
  for (let i = 0; i < 100; i++) {
    const connection = await manager.connect(id(i), { signal, priority: i })
    manager.tag(id(i), 'seen', 1, { ttlMs: 1_000 })
    await connection.release()
  }
  transport.autoFail = new Error('nobody there')
  for (let i = 0; i < 100; i++) {
    await manager.connect(id(`gone-${i}`), { signal }).catch(() => {})
    await manager.disconnect(id(`gone-${i}`))
  }
  expect([[...manager.peers()], transport.links.size, getEventListeners(signal, 'abort')]).toEqual([[], 0, []])
  await manager.shutdown()
  expect(clock.pending).toBe(0)
})
