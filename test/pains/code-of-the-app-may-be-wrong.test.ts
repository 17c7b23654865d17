/** Code of the app, and a transport of somebody else's, may be wrong: the manager never wedges, and the error is told once by name. */
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import fc from 'fast-check'
import { type CallbackPlace, ConnectionManager, type Link, type ManagerOptions, type Transport } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { websocket } from 'qudag-connections/transports/websocket'
import { afterEach, describe, expect, test } from 'vitest'

const A = 'scripted://a'
const B = 'scripted://b'
const C = 'scripted://c'

const boom = (): never => {
  throw new Error('boom')
}

function setUp(options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const told: (readonly [string, CallbackPlace])[] = []
  const manager = new ConnectionManager(10, {
    transport,
    clock,
    onError: (error, where) => told.push([error.message, where]),
    ...options,
  })
  return { clock, transport, manager, told, names: () => told.map(([, { callback }]) => callback) }
}

/** The manager takes commands, carries them out, and tells what happened. */
async function works(manager: ConnectionManager, peerId = C): Promise<void> {
  const seen: unknown[] = []
  const watching = manager.transitions$.subscribe(({ peerId: of, to }) => of === peerId && seen.push(to))
  await manager.connect(peerId)
  expect([manager.status(peerId), seen]).toEqual(['Connected', ['Connecting', 'Connected']])
  await manager.disconnect(peerId, { pool: false })
  expect(manager.status(peerId)).toBeUndefined()
  watching.unsubscribe()
}

/** Invariant 3, as far as anybody outside can recount. */
function recount(manager: ConnectionManager): void {
  const views = [...manager.peers()]
  for (const [status, count] of Object.entries(manager.metrics.byStatus)) {
    expect([status, count]).toEqual([status, views.filter((view) => view.status === status).length])
  }
}

describe('the manager does not wedge where something throws in the middle of a command', () => {
  test('addresses that are no text', async () => {
    const { manager } = setUp()
    await expect(manager.connect(A, { addresses: [Object.create(null)] })).rejects.toThrow('addresses[0] must be a string or a URL')
    expect(manager.status(A)).toBeUndefined()
    await works(manager)
  })

  test('a failure whose getter throws', async () => {
    const { manager } = setUp()
    const failure = {
      get code(): string {
        return boom()
      },
    }
    await expect(manager.updateStatus(A, 'Failed', { failure })).rejects.toThrow('boom')
    expect(manager.status(A)).toBeUndefined()
    await expect(manager.updateStatus(A, 'Failed', { failure: { code: 5 as never } })).rejects.toThrow('failure.code must be a string')
    await works(manager)
  })

  test.each([
    ['no error', { kind: 'error' }],
    ['nothing', undefined],
    ['null', null],
    ['nonsense', { kind: 5 }],
    ['an error that is none', { kind: 'error', error: Object.create(null) }],
  ])('a transport that closes a link with %s', async (_what, reason) => {
    let handler: Parameters<Link['attach']>[0] | undefined
    const inner = scripted({ autoOpen: true, autoClose: 'sync' })
    const { manager } = setUp({
      transport: { schemes: ['scripted'], dial: async (url, options) => spied(await inner.dial(url, options), (it) => (handler ??= it)) },
    })
    await manager.connect(A)
    handler?.closed(reason as never)
    expect(manager.status(A)).toBe('Failed')
    await works(manager)
    recount(manager)
  })

  test.each([
    ['throws', boom],
    ['gives NaN', () => NaN],
    ['gives 2', () => 2],
    ['gives -1', () => -1],
    ['gives a text', () => 'x' as never],
    ['gives a promise', () => Promise.reject(new Error('late')) as never],
  ])('random that %s', async (_what, random) => {
    const { manager, transport, clock, names } = setUp({ random, reconnect: { baseMs: 10 }, maxLifetimeMs: 10_000 })
    transport.autoFail = new Error('down')
    await expect(manager.connect(A)).rejects.toThrow('down')
    transport.autoFail = undefined
    await clock.advanceAsync(20)
    expect(manager.status(A)).toBe('Connected')
    expect(names()).toContain('random')
    await works(manager)
  })

  test.each([
    ['throws', boom],
    ['gives NaN', () => NaN],
    ['gives a text', () => 'x' as never],
  ])('a clock whose now %s', async (_what, broken) => {
    const clock = new VirtualClock()
    const now = clock.now.bind(clock)
    const { manager, names } = setUp({ clock })
    await manager.connect(A)
    clock.now = broken
    await works(manager)
    clock.now = now
    // The wall of a virtual clock is its now, and what it has leapt.
    expect(new Set(names())).toEqual(new Set(['clock.now', 'clock.wall']))
    await works(manager)
  })

  test('what resolve gives later is no address: an error of that connect, and no unhandled rejection', async () => {
    const { manager } = setUp({ resolve: async (peerId) => (peerId === A ? ([Object.create(null)] as never) : peerId) })
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_NO_ADDRESS' })
    await works(manager)
  })

  test.each([
    ['null', null],
    ['a link without methods', { attach: undefined }],
    ['a link whose remoteAddress is a number', { remoteAddress: 5 }],
    ['a link whose remotePeerId is a number', { remotePeerId: 5 }],
    ['a link whose ping is a text', { ping: 'x' }],
  ])('a transport that gives %s, with deny rules', async (_what, parts) => {
    const inner = scripted({ autoOpen: true, autoClose: 'sync' })
    let arrive: ((link: Link) => void) | undefined
    const broken: Transport = {
      schemes: ['scripted'],
      dial: async (url, options) => {
        const link = await inner.dial(url, options)
        if (url.href === C || parts === null) return url.href === C ? link : (null as never)
        return overlaid(link, parts)
      },
      listen: async (address, { onLink }) => {
        arrive = onLink
        return { address, close: async () => {} }
      },
    }
    const { manager, names } = setUp({ transport: broken, deny: ['192.0.2.0/24'] })
    await manager.listen('scripted://here')
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
    arrive?.(parts as never)
    await flush()
    expect(names()).toEqual(['transport'])
    expect(manager.metrics.inbound.rejected).toBe(1)
    await works(manager)
  })

  test('links whose close, send and ping answer nonsense', async () => {
    const inner = scripted({ autoOpen: true })
    const parts = { close: () => undefined, send: () => undefined, ping: async () => 'soon' }
    const { manager, clock } = setUp({
      transport: { schemes: ['scripted'], dial: async (url, options) => overlaid(await inner.dial(url, options), parts) },
    })
    const connection = await manager.connect(A)
    expect(connection.send(new Uint8Array(1))).toBe(true)
    await connection.drained()
    await clock.advanceAsync(10_000)
    expect([connection.latency, manager.metrics.avgLatency]).toEqual([null, null])
    await manager.disconnect(A, { pool: false })
    expect([manager.status(A), inner.ledger.live]).toEqual([undefined, 0])
    await works(manager)
  })

  test('listen and dial that answer nonsense', async () => {
    const nonsense: Transport = { schemes: ['scripted'], dial: () => 5 as never, listen: () => ({}) as never }
    const { manager } = setUp({ transport: nonsense })
    await expect(manager.listen('scripted://here')).rejects.toMatchObject({ code: 'ERR_LISTEN_FAILED' })
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
    recount(manager)
  })
})

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

describe('who may come in by WebSocket', () => {
  const servers: Server[] = []
  afterEach(() => servers.splice(0).forEach((server) => server.close()))

  async function meeting(options: Parameters<typeof websocket>[0]) {
    const told: string[] = []
    const listening = new ConnectionManager(300, {
      transport: websocket(options),
      limits: { exempt: ['127.0.0.0/8'] },
      onError: (_error, { callback }) => told.push(callback),
    })
    const { address } = await listening.listen('ws://127.0.0.1:0')
    const dialing = new ConnectionManager(300, { transport: websocket() })
    const outcome = (): Promise<unknown> =>
      dialing.connect(address.href).then(
        () => 'in',
        () => 'out',
      )
    const end = (): Promise<unknown> => Promise.all([dialing.shutdown({ timeoutMs: 0 }), listening.shutdown({ timeoutMs: 0 })])
    return { told, address, outcome, end }
  }

  test.each([
    ['async () => false', async () => false, 'out', []],
    ['async () => true', async () => true, 'in', []],
    ['a rejection', () => Promise.reject(new Error('no')), 'out', ['authorize']],
    ['1', () => 1 as never, 'out', ['authorize']],
    ['an id that is none', () => ({ peerId: '' }), 'out', ['authorize']],
    ['a throw', boom, 'out', ['authorize']],
  ])('authorize: %s', async (_what, authorize, expected, names) => {
    const { outcome, told, end } = await meeting({ authorize })
    expect([await outcome(), told]).toEqual([expected, names])
    await end()
  })

  test.each([
    ['null', () => null as never, 'out', ['remoteAddress']],
    ['a number', () => 5 as never, 'out', ['remoteAddress']],
    ['a rejection', () => Promise.reject(new Error('no')), 'out', ['remoteAddress']],
    ['undefined', () => undefined, 'in', []],
    ['an address, later', async () => '127.0.0.9', 'in', []],
  ])('remoteAddress: %s', async (_what, remoteAddress, expected, names) => {
    const { outcome, told, end } = await meeting({ remoteAddress })
    expect([await outcome(), told]).toEqual([expected, names])
    await end()
  })

  test('one that never answers holds a bounded number of sockets, and gives the place back when the peer leaves', async () => {
    let asked = 0
    let enough = (): void => {}
    const server = createServer()
    servers.push(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const transport = websocket({
      server,
      authorizeTimeoutMs: 60_000,
      authorize: () => (++asked === 256 && enough(), new Promise<boolean>(() => {})),
    })
    const listening = new ConnectionManager(10, { transport })
    await listening.listen('ws://127.0.0.1')
    const { port } = server.address() as AddressInfo
    const knock = (): Socket => {
      const socket = connect(port, '127.0.0.1')
      socket.write(
        'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: qudag-connections.v2\r\n\r\n',
      )
      return socket.on('error', () => {})
    }
    const full = new Promise<void>((resolve) => (enough = resolve))
    const waiting = Array.from({ length: 256 }, knock)
    await full
    const [late] = (await once(knock(), 'data')) as [Buffer]
    expect(late.toString()).toMatch(/^HTTP\/1.1 503/)
    const [first] = waiting
    first?.end()
    if (first !== undefined) await once(first.resume(), 'close')
    const before = asked
    const next = new Promise<void>((resolve) => server.once('upgrade', () => resolve()))
    waiting.push(knock())
    await next
    expect(asked).toBe(before + 1)
    await listening.shutdown({ timeoutMs: 0 })
    for (const socket of waiting) socket.destroy()
  })
})

/** A link with some of its parts replaced. */
function overlaid(link: Link, parts: object): Link {
  return new Proxy(link, {
    get(target, name) {
      if (name in parts) return (parts as Record<PropertyKey, unknown>)[name]
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A link whose handler is seen. */
function spied(link: Link, seen: (handler: Parameters<Link['attach']>[0]) => void): Link {
  return overlaid(link, {
    attach(handler: Parameters<Link['attach']>[0]) {
      seen(handler)
      link.attach(handler)
    },
  })
}
