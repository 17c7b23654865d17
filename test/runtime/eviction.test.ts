/** With `admission: 'evict'` a newcomer takes the slot of exactly one that is worth less, or of nobody. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AdmissionRequest, ConnectionManager, type ManagerOptions, type PeerView, type SlotsView } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const GRACE_MS = 30_000
const id = (name: string): string => `scripted://${name}`

async function setUp(limit: number, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(limit, {
    transport,
    clock,
    poolTimeoutMs: 0,
    admission: 'evict',
    limits: { inbound: limit },
    rate: false,
    random: () => 0.5,
    ...options,
  })
  await manager.listen('scripted://here')
  const told: string[] = []
  manager.transitions$.subscribe(({ peerId, to, reason }) => told.push(`${peerId.replace('scripted://', '')} ${to} ${reason}`))
  const view = (name: string): PeerView | undefined => [...manager.peers()].find(({ peerId }) => peerId === id(name))
  const connected = (): string[] =>
    [...manager.peers()].filter(({ status }) => status === 'Connected').map(({ peerId }) => peerId.replace('scripted://', ''))
  return { clock, transport, manager, told, view, connected }
}

describe("admission: 'evict'", () => {
  test('the newcomer takes the slot of the one that is worth least; its link is aborted, its holds end', async () => {
    const { clock, transport, manager, told, view } = await setUp(2)
    manager.tag(id('good'), 'relay', 3)
    manager.tag(id('new'), 'wanted', 2)
    await manager.connect(id('good'))
    const bad = await manager.connect(id('bad'))
    await clock.advanceAsync(GRACE_MS)
    const newcomer = await manager.connect(id('new'))
    expect(newcomer.peerId).toBe(id('new'))
    expect(told.slice(-3)).toEqual(['bad Disconnected evicted', 'new Connecting connect', 'new Connected opened'])
    expect(await bad.closed).toEqual({ kind: 'local' })
    expect(view('bad')?.eviction).toEqual({ by: id('new'), at: clock.now(), score: 0, newcomerScore: 2 })
    expect([transport.ledger.peakHeld, transport.linkOf(id('bad'))]).toEqual([2, undefined])
  })

  test('nobody yields to an equal: ERR_MAX_CONNECTIONS says that eviction is exhausted, and the numbers', async () => {
    const { clock, manager, connected } = await setUp(1)
    manager.tag(id('a'), 'relay', 2)
    manager.tag(id('b'), 'relay', 2)
    await manager.connect(id('a'))
    await clock.advanceAsync(GRACE_MS)
    await expect(manager.connect(id('b'))).rejects.toMatchObject({
      code: 'ERR_MAX_CONNECTIONS',
      reason: 'eviction-exhausted',
      limit: 1,
      current: 1,
      score: 2,
      lowestScore: 2,
      message: expect.stringContaining('it is worth 2, the least of the others 2'),
    })
    expect([connected(), manager.status(id('b'))]).toEqual([['a'], undefined])
  })

  test('nobody yields within the grace period, and at exactly its end one does', async () => {
    const { clock, manager, connected } = await setUp(1)
    manager.tag(id('b'), 'relay', 2)
    await manager.connect(id('a'))
    await clock.advanceAsync(GRACE_MS - 1)
    const refusal = await manager.connect(id('b')).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ reason: 'eviction-exhausted', score: 2 })
    expect(refusal).not.toHaveProperty('lowestScore')
    await clock.advanceAsync(1)
    await manager.connect(id('b'))
    expect(connected()).toEqual(['b'])
  })

  test('nobody yields that is protected, however little it is worth, nor what the app owns', async () => {
    const { clock, manager, connected } = await setUp(2)
    manager.tag(id('a'), 'bad', -5)
    manager.tag(id('b'), 'relay', 2)
    manager.protect(id('a'), 'session')
    await manager.connect(id('a'))
    await manager.updateStatus('app', 'Connected')
    await clock.advanceAsync(GRACE_MS)
    await expect(manager.connect(id('b'))).rejects.toMatchObject({ reason: 'eviction-exhausted' })
    manager.unprotect(id('a'), 'session')
    await manager.connect(id('b'))
    expect(connected()).toEqual(['app', 'b'])
  })

  test('a pooled link always yields first', async () => {
    const { clock, manager, told } = await setUp(2, { poolTimeoutMs: 300_000 })
    await manager.connect(id('a'))
    await (await manager.connect(id('pooled'))).release()
    await clock.advanceAsync(GRACE_MS)
    manager.tag(id('b'), 'relay', 2)
    await manager.connect(id('b'))
    expect(told.slice(-3)).toEqual(['pooled undefined pool-evicted', 'b Connecting connect', 'b Connected opened'])
  })

  test('of those worth the same: idle before active, inbound before outbound, the largest subnet, the youngest', async () => {
    const { clock, transport, manager, told } = await setUp(6)
    await manager.connect(id('outbound'))
    transport.arrive({ remotePeerId: id('lone'), remoteAddress: 'scripted://198.51.100.1' })
    transport.arrive({ remotePeerId: id('old'), remoteAddress: 'scripted://203.0.113.1' })
    transport.arrive({ remotePeerId: id('young'), remoteAddress: 'scripted://203.0.113.2' })
    transport.arrive({ remotePeerId: id('held'), remoteAddress: 'scripted://203.0.113.3' })
    transport.arrive({ remotePeerId: id('later'), remoteAddress: 'scripted://192.0.2.1' })
    await manager.connect(id('held'))
    await clock.advanceAsync(GRACE_MS)
    for (const name of ['1', '2', '3', '4', '5', '6']) {
      manager.tag(id(name), 'wanted', 1)
      await manager.connect(id(name))
    }
    const evicted = told.filter((line) => line.endsWith('evicted')).map((line) => line.split(' ')[0])
    expect(evicted).toEqual(['young', 'later', 'old', 'lone', 'held', 'outbound'])
  })

  test('what changes a peer’s worth changes its place at once', async () => {
    const { clock, manager, connected } = await setUp(2)
    await manager.connect(id('a'))
    await manager.connect(id('b'))
    await clock.advanceAsync(GRACE_MS)
    manager.tag(id('c'), 'wanted', 5)
    manager.tag(id('b'), 'brief', 9, { ttlMs: 1_000 })
    manager.tag(id('a'), 'relay', 4)
    await clock.advanceAsync(1_000)
    await manager.connect(id('c'))
    expect(connected()).toEqual(['a', 'c'])
  })

  test('an arriving link is judged by the tags of its proven id; a stranger takes no slot', async () => {
    const { clock, transport, manager, connected } = await setUp(1)
    transport.arrive({ remotePeerId: id('a') })
    await clock.advanceAsync(GRACE_MS)
    transport.arrive({ remotePeerId: id('stranger') })
    expect([connected(), manager.metrics.inbound]).toEqual([['a'], { accepted: 1, rejected: 1 }])
    manager.tag(id('friend'), 'friend', 1)
    transport.arrive({ remotePeerId: id('friend') })
    expect(connected()).toEqual(['friend'])
  })

  test('under the ceiling of inbound links an arriving one takes the slot of another one, and no other', async () => {
    const { clock, transport, manager, connected } = await setUp(10, { limits: { inbound: 1 } })
    manager.tag(id('outbound'), 'bad', -9)
    await manager.connect(id('outbound'))
    transport.arrive({ remotePeerId: id('a') })
    await clock.advanceAsync(GRACE_MS)
    transport.arrive({ remotePeerId: id('stranger') })
    manager.tag(id('friend'), 'friend', 1)
    transport.arrive({ remotePeerId: id('friend') })
    expect(connected()).toEqual(['outbound', 'friend'])
  })

  test('a kept peer that had to yield comes back when there is room', async () => {
    const { clock, manager, connected } = await setUp(1)
    await manager.connect(id('kept'), { keep: true })
    await clock.advanceAsync(GRACE_MS)
    manager.tag(id('b'), 'wanted', 1)
    const b = await manager.connect(id('b'))
    await clock.advanceAsync(60_000)
    expect(connected()).toEqual(['b'])
    await b.release()
    await clock.advanceAsync(120_000)
    expect(connected()).toEqual(['kept'])
  })

  test('while a lowered limit is exceeded nobody yields in vain', async () => {
    const { clock, manager, connected } = await setUp(3)
    for (const name of ['a', 'b', 'c']) await manager.connect(id(name))
    await clock.advanceAsync(GRACE_MS)
    manager.setLimits({ maxConnections: 2 })
    manager.tag(id('d'), 'wanted', 1)
    await expect(manager.connect(id('d'))).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    expect(connected()).toEqual(['a', 'b', 'c'])
  })

  test('never a protected one, never one worth as much, exactly one at a time, never past the limit', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ type: fc.constant('connect' as const), peer: fc.nat(11) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('arrive' as const), peer: fc.nat(11) }) },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('tag' as const), peer: fc.nat(11), value: fc.integer({ min: -2, max: 3 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({ type: fc.constantFrom('protect' as const, 'unprotect' as const, 'release' as const), peer: fc.nat(11) }),
      },
      { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, GRACE_MS - 1, GRACE_MS) }) },
    )
    let evictions = 0
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60, size: 'max' }), async (limit, run) => {
        const { clock, transport, manager } = await setUp(limit)
        let before = new Map<string, PeerView>()
        const evicted: { readonly peerId: string; readonly seq: number }[] = []
        manager.transitions$.subscribe(({ peerId, reason, seq }) => reason === 'evicted' && evicted.push({ peerId, seq }))
        for (const one of run) {
          before = new Map([...manager.peers()].map((peer) => [peer.peerId, peer]))
          const peerId = id(`peer-${'peer' in one ? one.peer : 0}`)
          if (one.type === 'connect') manager.connect(peerId).catch(() => {})
          if (one.type === 'arrive') transport.arrive({ remotePeerId: peerId })
          if (one.type === 'tag') manager.tag(peerId, 'worth', one.value)
          if (one.type === 'protect') manager.protect(peerId, 'test')
          if (one.type === 'unprotect') manager.unprotect(peerId, 'test')
          if (one.type === 'release') void manager.disconnect(peerId)
          if (one.type === 'wait') await clock.advanceAsync(one.ms)
          await flush()
          const [victim, ...more] = evicted.splice(0)
          expect([more, transport.ledger.peakHeld <= limit]).toEqual([[], true])
          if (victim === undefined) continue
          evictions++
          const was = before.get(victim.peerId)
          const newcomer = [...manager.peers()].find((peer) => peer.peerId === peerId)
          expect(was).toMatchObject({ status: 'Connected', protected: false })
          expect(was?.score).toBeLessThan(newcomer?.score ?? -Infinity)
          expect(clock.now() - (was?.since ?? Infinity)).toBeGreaterThanOrEqual(GRACE_MS)
          const others = [...before.values()].filter(
            (peer) => peer.status === 'Connected' && !peer.protected && clock.now() - peer.since >= GRACE_MS,
          )
          expect(was?.score).toBe(Math.min(...others.map(({ score }) => score)))
        }
        await manager.shutdown()
        expect(clock.pending).toBe(0)
      }),
    )
    expect(evictions).toBeGreaterThan(0)
  })
})

describe('a function as the option admission', () => {
  test('says for each request what happens to it, and can never admit past the limit', async () => {
    const asked: [AdmissionRequest, SlotsView][] = []
    const { clock, manager, connected } = await setUp(1, {
      admission: (request, slots) => {
        asked.push([request, slots])
        return request.peerId.endsWith('queued') ? 'queue' : request.peerId.endsWith('evictor') ? 'evict' : 'admit'
      },
    })
    await manager.connect(id('a'))
    await clock.advanceAsync(GRACE_MS)
    await expect(manager.connect(id('b'))).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    manager.tag(id('evictor'), 'wanted', 1)
    const evictor = await manager.connect(id('evictor'))
    const queued = manager.connect(id('queued'))
    expect(connected()).toEqual(['evictor'])
    await evictor.release()
    await queued
    expect(connected()).toEqual(['queued'])
    expect(asked[2]).toEqual([
      { peerId: id('evictor'), direction: 'outbound', score: 1 },
      { limit: 1, held: 1, pooled: 0, waiting: 0, lowestScore: 0 },
    ])
  })

  test('may refuse although there are slots, and says why', async () => {
    const { manager } = await setUp(10, {
      admission: ({ score }, { held, limit }) => (held < limit / 2 || score > 0 ? 'admit' : { kind: 'reject', reason: 'kept for friends' }),
    })
    for (let n = 0; n < 5; n++) await manager.connect(id(`peer-${n}`))
    await expect(manager.connect(id('b'))).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', reason: 'kept for friends', current: 5 })
    manager.tag(id('b'), 'friend', 1)
    await manager.connect(id('b'))
  })

  test('one that throws, or says something else, refuses', async () => {
    const threw = await setUp(10, {
      admission: () => {
        throw new Error('oops')
      },
    })
    await expect(threw.manager.connect(id('b'))).rejects.toMatchObject({ reason: 'the option admission threw: oops' })
    const wrong = await setUp(10, { admission: () => 'yes' as never })
    await expect(wrong.manager.connect(id('b'))).rejects.toMatchObject({ reason: expect.stringContaining('must return') })
  })
})

test('a kept peer that lost its link takes the slot of one that is worth less when its pause is over', async () => {
  const { clock, transport, manager, told, connected } = await setUp(1, { evictionGraceMs: 0 })
  manager.tag(id('kept'), 'relay', 5)
  await manager.connect(id('kept'), { keep: true })
  transport.linkOf(id('kept'))?.fail(new Error('cut'))
  await manager.connect(id('other'))
  told.length = 0
  await clock.advanceAsync(500)
  expect(connected()).toEqual(['kept'])
  expect(told).toEqual(['other Disconnected evicted', 'kept Connecting backoff', 'kept Connected opened'])
  expect(transport.ledger.linksOf(id('other'))).toBe(0)
})
