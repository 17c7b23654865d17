/** Code of the app may be wrong: a callback at fault leaves nothing half done, and events are checked like calls. */
import fc from 'fast-check'
import { ConnectionManager } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { A, B, boom, setUp, works, recount } from './wrong-code-rig.ts'

describe('a callback that is at fault leaves nothing half done', () => {
  test.each([
    ['throws', boom],
    ['rejects', () => Promise.reject(new Error('late')) as never],
    ['gives null', () => null as never],
  ])('shouldRetry %s: the failure is told, and the peer is tried again', async (_what, shouldRetry) => {
    const { manager, transport, clock, names } = setUp({ reconnect: { baseMs: 10, shouldRetry } })
    const seen: unknown[] = []
    manager.status$(A).subscribe((status) => seen.push(status))
    transport.autoFail = new Error('down')
    await expect(manager.connect(A)).rejects.toThrow('down')
    expect(seen).toEqual([undefined, 'Connecting', 'Failed'])
    recount(manager)
    expect(names()).toEqual(['reconnect.shouldRetry'])
    transport.autoFail = undefined
    await clock.advanceAsync(20)
    expect(manager.status(A)).toBe('Connected')
  })

  test('a subscriber and a listener of the actor, by throwing or rejecting', async () => {
    const { manager, names } = setUp()
    manager.transitions$.subscribe(boom)
    manager.transitions$.pipe().subscribe({ next: () => Promise.reject(new Error('late')) as never })
    manager.status$(A).subscribe(boom)
    manager.metrics$.subscribe(boom)
    manager.supervisor.on('peer.transition', boom)
    await manager.connect(A)
    await flush()
    expect(new Set(names())).toEqual(new Set(['subscriber', 'listener']))
    await works(manager)
  })

  test('an admission rule that commands the manager never has it hold more than its limit', async () => {
    let asked = 0
    const transport = scripted({ autoOpen: true })
    const clock = new VirtualClock()
    const own = new ConnectionManager(1, {
      transport,
      clock,
      admission: () => {
        if (asked++ === 0) void own.connect(B).catch(() => {})
        return 'admit'
      },
    })
    await own.connect(A).catch(() => {})
    await flush()
    expect(transport.ledger.peak).toBeLessThanOrEqual(1)
  })

  const faults = {
    throws: boom,
    rejects: () => Promise.reject(new Error('late')),
    null: () => null,
    nothing: () => undefined,
    text: () => 'x',
    never: () => new Promise(() => {}),
  }
  const fault = fc.constantFrom(...(Object.keys(faults) as (keyof typeof faults)[]))

  test('for every fault of every callback the gauges are true, transitions are gapless, and others connect', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({ shouldRetry: fault, score: fault, gate: fault, resolve: fault, admission: fault, random: fault }, { requiredKeys: [] }),
        fc.array(fc.constantFrom('connect', 'fail', 'report', 'disconnect', 'tag', 'advance'), { maxLength: 12 }),
        async (broken, steps) => {
          let isBroken = true
          const wrong = (name: keyof typeof broken, right: (...given: never[]) => unknown) => ({
            [name]: (...given: never[]) => (isBroken && broken[name] !== undefined ? faults[broken[name]]() : right(...given)),
          })
          const { manager, transport, clock } = setUp({
            ...wrong('score', () => 1),
            ...wrong('gate', () => true),
            ...wrong('resolve', (peerId: string) => peerId),
            ...wrong('admission', () => 'evict'),
            ...wrong('random', () => 0.5),
            evictionGraceMs: 0,
            breaker: false,
            reconnect: { baseMs: 10, ...wrong('shouldRetry', () => true) },
          })
          const last = new Map<string, unknown>()
          manager.transitions$.subscribe(({ peerId, from, to }) => {
            expect(from).toBe(last.get(peerId))
            last.set(peerId, to)
          })
          for (const step of steps) {
            if (step === 'connect') void manager.connect(A).catch(() => {})
            if (step === 'fail') [...transport.links][0]?.fail(new Error('reset'))
            if (step === 'report') void manager.updateStatus(B, 'Failed').catch(() => {})
            if (step === 'disconnect') void manager.disconnect(A)
            if (step === 'tag') manager.tag(A, 'relay', 1)
            if (step === 'advance') await clock.advanceAsync(15)
            await flush()
            recount(manager)
          }
          isBroken = false
          await works(manager)
          await manager.shutdown()
          expect(clock.pending).toBe(0)
        },
      ),
      { numRuns: 100 },
    )
  })
})

describe('events are checked like calls', () => {
  const nonsense = [
    { type: 'supervisor.shutdown', timeoutMs: NaN },
    { type: 'supervisor.shutdown', timeoutMs: 'soon' },
    { type: 'limits.set', limits: { maxConnections: NaN } },
    { type: 'limits.set' },
    { type: 'peer.connect', peerId: '' },
    { type: 'peer.disconnect', peerId: A, pool: 'no' },
    {
      type: 'peer.report',
      peerId: A,
      status: 'Failed',
      failure: {
        get code() {
          return boom()
        },
      },
    },
    { type: 'peer.report', peerId: A, status: 'Failed', failure: 5 },
    {
      get peerId() {
        return boom()
      },
      type: 'peer.connect',
    },
  ]

  test.each(nonsense.map((event) => [event.type, event]))('%s is refused, and changes nothing', async (_type, event) => {
    const { manager } = setUp()
    const refused: unknown[] = []
    manager.supervisor.on('peer.refused', ({ error }) => refused.push(error))
    manager.supervisor.send(event as never)
    expect(refused).toEqual([expect.any(Error)])
    expect([...manager.peers()]).toEqual([])
    await works(manager)
  })

  test.each([
    { type: 'link.accepted', peerId: A, at: 0, dialWins: false, view: {} },
    { type: 'peer.crashed', peerId: B, at: 0, failure: {} },
    { type: 'supervisor.emptied', at: 0 },
    { type: 'xstate.error.actor.x', actorId: B, error: new Error('no') },
    { type: 'of.somebody.else' },
    { type: 5 },
    {},
  ])('what only the runtime may say, and what nobody knows, is ignored: %j', async (event) => {
    const { manager } = setUp()
    await manager.connect(B)
    manager.supervisor.send(event as never)
    expect([...manager.peers()].map(({ peerId, status }) => [peerId, status])).toEqual([[B, 'Connected']])
    await works(manager)
  })
})
