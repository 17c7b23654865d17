/** Whoever waits is served as soon as what it waits for is free, and what is over holds no place. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Connection, ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { runningOn } from '../../src/supervisor-logic.ts'

const id = (name: string | number): string => `scripted://${name}`

function setUp(limit: number, options: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ...script })
  const manager = new ConnectionManager(limit, { transport, clock, random: () => 0.5, ...options })
  return { clock, transport, manager }
}

describe('who waits is served', () => {
  test('by a link that goes into the pool', async () => {
    const { manager } = setUp(1, { admission: 'queue' })
    const a = await manager.connect(id('a'))
    const waiting = manager.connect(id('b'))
    await a.release()
    expect((await waiting).peerId).toBe(id('b'))
  })

  test('10,000 that connect and release over 10 slots, all of them', async () => {
    const { manager } = setUp(10, { admission: 'queue', maxWaiting: 10_000, breaker: false }, { record: false })
    const all = Array.from({ length: 10_000 }, async (_, i) => (await manager.connect(id(i))).release())
    await Promise.all(all)
    expect(manager.metrics.dials.succeeded).toBe(10_000)
  })

  test('a kept peer that had no slot, as soon as there is one and not when its pause is over', async () => {
    const { manager } = setUp(1)
    const holder = await manager.connect(id('holder'))
    await expect(manager.connect(id('kept'), { keep: true })).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    await holder.release()
    await flush()
    expect(manager.status(id('kept'))).toBe('Connected')
  })

  test("where the app's own rule evicts: as soon as a grace is over, a protection is taken back, or a tag makes it worth more", async () => {
    const rule = ({ peerId }: { peerId: string }, { lowestScore }: { lowestScore: number | undefined }): 'evict' | 'queue' =>
      lowestScore !== undefined && peerId !== id('holder') && lowestScore < 1 ? 'evict' : 'queue'
    for (const how of ['grace', 'protection', 'tag'] as const) {
      const { clock, manager } = setUp(1, { admission: rule, evictionGraceMs: how === 'grace' ? 1_000 : 0 })
      await manager.connect(id('holder'))
      manager.tag(id('b'), 'worth', 5)
      if (how === 'protection') manager.protect(id('holder'), 'x')
      if (how === 'tag') manager.tag(id('holder'), 'x', 9)
      let served = false
      void manager.connect(id('b')).then(() => (served = true))
      await flush()
      expect([how, served]).toEqual([how, false])
      if (how === 'grace') await clock.advanceAsync(1_000)
      if (how === 'protection') manager.unprotect(id('holder'), 'x')
      if (how === 'tag') manager.untag(id('holder'), 'x')
      await flush()
      expect([how, served]).toEqual([how, true])
    }
  })

  test('whatever frees a slot: nobody waits while a slot is free or a link is pooled', async () => {
    const step = fc.record({
      what: fc.constantFrom('connect', 'release', 'pool', 'drop', 'close', 'cut', 'raise', 'lower', 'expire'),
      who: fc.nat(7),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const { clock, transport, manager } = setUp(3, { admission: 'queue', poolTimeoutMs: 50, breaker: false })
        const held: Connection[] = []
        let limit = 3
        for (const { what, who } of steps) {
          const peerId = id(who)
          if (what === 'connect')
            void manager.connect(peerId).then(
              (connection) => held.push(connection),
              () => {},
            )
          else if (what === 'release') void held.shift()?.release()
          else if (what === 'pool') void manager.disconnect(peerId)
          else if (what === 'drop') void manager.disconnect(peerId, { pool: false })
          else if (what === 'close') transport.linkOf(peerId)?.remoteClose()
          else if (what === 'cut') transport.linkOf(peerId)?.fail(new Error('cut'))
          else if (what === 'raise') manager.setLimits({ maxConnections: ++limit })
          else if (what === 'lower') manager.setLimits({ maxConnections: (limit = Math.max(1, limit - 1)) })
          else await clock.advanceAsync(60)
          await flush()
          const { connections, dialing, closing, pooled } = manager.metrics
          const waiting = runningOn(manager.supervisor)?.supervisor.waiters.size ?? 0
          const isFree = connections + dialing + closing < limit || (pooled > 0 && connections + dialing + closing + pooled <= limit)
          expect([what, isFree && waiting > 0]).toEqual([what, false])
        }
        await manager.shutdown({ timeoutMs: 0 })
      }),
      { numRuns: 60, seed: 11 },
    )
  })
})

describe('the gate', () => {
  test('a link that is over gives its place back, and what one says while it waits is lost to nobody', async () => {
    const answers: ((passes: boolean) => void)[] = []
    const gate = (): Promise<boolean> => new Promise((resolve) => answers.push(resolve))
    const { manager, transport } = setUp(100, { gate, limits: { pendingInbound: 10 } })
    await manager.listen('scripted://here:1')
    for (let i = 0; i < 50; i++) transport.arrive({ remotePeerId: `gone ${i}` }).remoteClose()
    const honest = transport.arrive({ remotePeerId: 'honest' })
    honest.receive(new Uint8Array([1]))
    const said: number[] = []
    manager.messages$.subscribe(({ data }) => said.push(...data))
    for (const answer of answers) answer(true)
    await flush()
    expect(manager.status('honest')).toBe('Connected')
    honest.receive(new Uint8Array([2]))
    expect([said, manager.status('gone 1')]).toEqual([[1, 2], undefined])
  })
})

describe('after an outage', () => {
  test('retryNow half-opens the breaker of a kept peer', async () => {
    const { manager, transport, clock } = setUp(5, { breaker: { failures: 1, openMs: 300_000 } })
    transport.autoFail = new Error('nobody there')
    await manager.connect(id('a'), { keep: true }).catch(() => {})
    await clock.advanceAsync(5_000)
    transport.autoFail = undefined
    manager.retryNow()
    await flush()
    expect(manager.status(id('a'))).toBe('Connected')
  })

  test.each(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENETUNREACH', 'EADDRNOTAVAIL'])(
    '%s is a fault of our own: no breaker counts it, and it is said',
    async (code) => {
      const { manager, transport } = setUp(5, { breaker: { failures: 1 } })
      const one = Object.assign(new Error(`connect ${code}`), { code })
      transport.autoFail = new Error('dial failed', { cause: new AggregateError([one, one]) })
      const error = (await manager.connect(id('a')).catch((thrown: unknown) => thrown)) as Error
      expect(error.message).toContain('on this side')
      transport.autoFail = undefined
      expect((await manager.connect(id('a'))).peerId).toBe(id('a'))
    },
  )

  test('a peer that pauses is not forgotten because strangers come and go', async () => {
    const { manager, transport, clock } = setUp(5, { reconnect: {}, rate: false, limits: { perHost: Infinity } })
    await manager.listen('scripted://here:1')
    await manager.connect(id('wanted'))
    transport.linkOf(id('wanted'))?.fail(new Error('cut'))
    for (let i = 0; i < 10_001; i++) transport.arrive({ remotePeerId: `stranger ${i}` }).remoteClose()
    await clock.advanceAsync(5_000)
    expect(manager.status(id('wanted'))).toBe('Connected')
  })
})

describe('a manager and itself', () => {
  test('dials itself not at all by its proven id, once by its address, and does not loop where it was to be kept', async () => {
    const { manager, transport, clock } = setUp(5, {}, { localPeerId: id('me'), proveIds: true })
    await expect(manager.connect(id('me'), { keep: true })).rejects.toMatchObject({ code: 'ERR_SELF_DIAL' })
    await clock.advanceAsync(600_000)
    expect([transport.ledger.dials, manager.explain(id('me'))?.waiting]).toEqual([0, undefined])
  })

  test('pauses longer and longer while links open and are closed at once', async () => {
    const { manager, transport, clock } = setUp(5)
    manager.connections$.subscribe(({ peerId }) => transport.linkOf(peerId)?.remoteClose())
    await manager.connect(id('a'), { keep: true }).catch(() => {})
    await clock.advanceAsync(600_000)
    expect(transport.ledger.dials).toBeLessThan(40)
  })
})

describe('what was said of a peer', () => {
  test('20,000 tags of one peer cost no more each than one', async () => {
    const { manager } = setUp(5, { admission: 'evict', evictionGraceMs: 0 })
    await manager.connect(id('a'))
    const begun = performance.now()
    for (let i = 0; i < 20_000; i++) manager.tag(id('a'), `tag ${i}`, 0.5)
    expect(performance.now() - begun).toBeLessThan(2_000)
    expect(manager.explain(id('a'))).toMatchObject({ score: 10_000 })
  })

  test('goes with its link where it proved no id: a stranger who gets its port inherits nothing', async () => {
    const { manager, transport } = setUp(5)
    await manager.listen('scripted://here:1')
    const remoteAddress = 'scripted://192.0.2.1:7'
    const peerId = `inbound+${remoteAddress}`
    const first = transport.arrive({ remoteAddress })
    manager.tag(peerId, 'friend', 100)
    manager.protect(peerId, 'friend')
    first.remoteClose()
    transport.arrive({ remoteAddress })
    expect(manager.explain(peerId)).toMatchObject({ status: 'Connected', score: 0 })
    expect(manager.unprotect(peerId, 'other')).toBe(false)
  })
})

describe('after shutdown', () => {
  test('the port is free that a listen of the same tick was binding', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    await new Promise((resolve) => probe.close(resolve))
    const manager = new ConnectionManager(5, { transport: tcp() })
    const listening = manager.listen(`tcp://127.0.0.1:${port}`)
    listening.catch(() => {})
    await manager.shutdown()
    const next = createServer().listen(port, '127.0.0.1')
    await once(next, 'listening')
    await new Promise((resolve) => next.close(resolve))
    await expect(listening).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  })

  test("nothing is left on an app's HTTP server that never listened, and its address is known once it does", async () => {
    const server = createServer()
    const manager = new ConnectionManager(5, { transport: websocket({ server }) })
    const listener = await manager.listen('ws://here/peers')
    expect(listener.address.port).toBe('0')
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    expect(listener.address.port).toBe(String((server.address() as AddressInfo).port))
    await manager.shutdown()
    expect(server.listenerCount('upgrade')).toBe(0)
    await new Promise((resolve) => server.close(resolve))
  })
})
