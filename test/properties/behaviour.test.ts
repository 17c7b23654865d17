/** Every row of the behaviour table of design §3 is so, by one plain example each. */
import { getEventListeners } from 'node:events'
import {
  type Connection,
  ConnectionError,
  ConnectionManager,
  ConnectionStatus,
  createSupervisorLogic,
  type ManagerOptions,
  type Transition,
} from 'qudag-connections'
import { type ArriveOptions, flush, scripted, type ScriptedLink, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { createActor, setup } from 'xstate'
import type { Link } from '../../src/transports/transport.ts'

const A = 'scripted://a'
const B = 'scripted://b'
const C = 'scripted://c'
const LOCAL = 'scripted://m'
const LOWER = 'scripted://a'
const HIGHER = 'scripted://z'
const TTL = 1_000
const CONNECT_MS = 700
const CLOSE_MS = 300

describe('connect', () => {
  test('peer Connected: at once, another hold on the same link', async () => {
    const { manager, transport, open } = kit()
    const first = await open(A)
    const second = await manager.connect(A)
    expect(second).not.toBe(first)
    expect(transport.dials).toHaveLength(1)
    await second.release()
    expect([await second.closed, manager.status(A)]).toEqual([{ kind: 'local' }, 'Connected'])
    first.send(bytes(1))
    expect(transport.linkOf(A)?.sent).toEqual([bytes(1)])
  })

  test('peer Connecting: joins the one dial; aborting one caller rejects that caller alone', async () => {
    const { manager, transport } = kit()
    const leaver = new AbortController()
    const first = manager.connect(A, { signal: leaver.signal })
    const second = manager.connect(A)
    leaver.abort(new Error('I leave'))
    await expect(first).rejects.toThrow('I leave')
    expect([transport.dials.length, transport.lastDial(A)?.aborted, manager.status(A)]).toEqual([1, false, 'Connecting'])
    expect(getEventListeners(leaver.signal, 'abort')).toEqual([])
    transport.lastDial(A)?.open()
    expect((await second).peerId).toBe(A)
  })

  test('peer Connecting: the dial is aborted and the peer forgotten (aborted) when the last caller leaves', async () => {
    const { manager, transport, reasons } = kit()
    const callers = [new AbortController(), new AbortController()]
    const calls = callers.map(({ signal }) => manager.connect(A, { signal }))
    callers.forEach((caller) => caller.abort())
    for (const [i, call] of calls.entries()) await expect(call).rejects.toBe(callers[i]?.signal.reason)
    expect([transport.lastDial(A)?.aborted, manager.status(A)]).toEqual([true, undefined])
    expect(reasons(A)).toEqual(['connect', 'aborted', 'forgotten'])
  })

  test('a signal that is aborted already rejects with its reason, and nothing changes', async () => {
    const { manager, transport } = kit()
    await expect(manager.connect(A, { signal: AbortSignal.abort('no') })).rejects.toBe('no')
    expect([transport.dials.length, manager.status(A)]).toEqual([0, undefined])
  })

  test('peer pooled, TTL not over: Connected again on the same link, no dial, a pool hit', async () => {
    const { manager, transport, clock, open, reasons } = kit()
    await open(A)
    const link = transport.linkOf(A)
    await manager.disconnect(A)
    clock.advance(TTL - 1)
    const again = await manager.connect(A)
    again.send(bytes(2))
    expect(link?.sent).toEqual([bytes(2)])
    expect(transport.dials).toHaveLength(1)
    expect(manager.metrics.pool).toMatchObject({ hits: 1, misses: 1, hitRatio: 0.5 })
    expect(reasons(A).at(-1)).toBe('reused')
    clock.advance(10 * TTL)
    expect(manager.status(A)).toBe('Connected')
  })

  test('peer pooled, at exactly the TTL it is over, though the timer is late', async () => {
    const clock = new LateClock()
    const { manager, transport, open } = kit({ clock })
    await open(A)
    const link = transport.linkOf(A)
    await manager.disconnect(A)
    clock.late = TTL
    const connecting = manager.connect(A)
    expect([link?.state, manager.status(A), transport.dials.length]).toEqual(['over', 'Connecting', 2])
    expect(manager.metrics.pool).toMatchObject({ hits: 0, misses: 2, expired: 1 })
    transport.lastDial(A)?.open()
    await connecting
  })

  test('peer closing: waits for the close, then dials in the same slot', async () => {
    const { manager, transport, open } = kit({ max: 1 })
    await open(A)
    const closed = manager.disconnect(A, { pool: false })
    const connecting = manager.connect(A)
    await flush()
    expect([transport.dials.length, manager.status(A)]).toEqual([1, 'Disconnected'])
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    transport.linkOf(A)?.finishClose()
    await closed
    await flush()
    expect([transport.dials.length, manager.status(A), transport.ledger.peak]).toEqual([2, 'Connecting', 1])
    transport.lastDial(A)?.open()
    await connecting
  })

  test('otherwise: takes a slot and dials, Connected', async () => {
    const { manager, transport } = kit()
    const connecting = manager.connect(A)
    expect(manager.status(A)).toBe('Connecting')
    await flush()
    expect(transport.lastDial(A)?.address.href).toBe(new URL(A).href)
    transport.lastDial(A)?.open()
    const connection = await connecting
    expect([manager.status(A), connection.direction, connection.peerId, connection.remoteAddress]).toEqual([
      'Connected',
      'outbound',
      A,
      new URL(A).href,
    ])
    expect(manager.metrics.dials).toEqual({ started: 1, succeeded: 1, failed: 0 })
  })

  test('otherwise: dials its addresses in order; Failed with an AggregateError of several', async () => {
    const { manager, transport } = kit({ resolve: () => ['scripted://one', new URL('scripted://two')] })
    const connecting = outcome(manager.connect('peer'))
    await flush()
    expect(transport.dials.map(({ address }) => address.host)).toEqual(['one'])
    transport.lastDial()?.fail(new Error('no one'))
    await flush()
    expect(transport.dials.map(({ address }) => address.host)).toEqual(['one', 'two'])
    transport.lastDial()?.fail(new Error('no two'))
    const error = await connecting
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED', peerId: 'peer', attempts: 2 })
    expect(((error as ConnectionError).cause as AggregateError).errors.map((e: Error) => e.message)).toEqual(['no one', 'no two'])
    expect(manager.status('peer')).toBe('Failed')
    expect(manager.metrics.dials).toEqual({ started: 1, succeeded: 0, failed: 1 })
  })

  test('otherwise: the second address where the first fails, through an async resolve', async () => {
    const { manager, transport } = kit({ resolve: async () => ['scripted://one', 'scripted://two'] })
    const connecting = manager.connect('peer')
    expect(manager.status('peer')).toBe('Connecting')
    await flush()
    transport.lastDial()?.fail(new Error('no one'))
    await flush()
    transport.lastDial()?.open()
    expect((await connecting).remoteAddress).toBe('scripted://two')
  })

  test('otherwise: Failed and a rejection with the transport’s error as its cause', async () => {
    const { manager, transport, transitions, clock } = kit()
    const connecting = outcome(manager.connect(A))
    await flush()
    const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
    transport.lastDial(A)?.fail(cause)
    const error = await connecting
    expect(error).toMatchObject({ code: 'ERR_DIAL_FAILED', peerId: A, attempts: 1, cause })
    expect(ConnectionError.is(error)).toBe(true)
    const failure = { code: expect.any(String), message: expect.any(String), at: clock.now(), attempts: 1 }
    expect(transitions.at(-1)).toMatchObject({ from: 'Connecting', to: 'Failed', reason: 'dial-failed', failure })
    expect([...manager.peers()][0]).toMatchObject({ peerId: A, status: 'Failed', failure })
  })

  test.each([
    ['ERR_NO_ADDRESS', 'an id that is no URL', 'plain', undefined],
    ['ERR_NO_ADDRESS', 'nothing that it resolves to', 'peer', () => []],
    ['ERR_NO_TRANSPORT', 'a scheme that nobody serves', 'unheard://of', undefined],
    ['ERR_NO_ADDRESS', 'an address that is no URL', 'peer', () => 'not a url'],
  ] as [string, string, string, ManagerOptions['resolve']][])('otherwise: Failed and %s for %s', async (code, _, peerId, resolve) => {
    const { manager, transport } = kit(resolve === undefined ? {} : { resolve })
    await expect(manager.connect(peerId)).rejects.toMatchObject({ code, peerId })
    expect([manager.status(peerId), transport.dials.length]).toEqual(['Failed', 0])
  })

  test('otherwise: Failed where resolve throws or rejects, with its error as the cause', async () => {
    const cause = new Error('no directory')
    const thrown = (): never => {
      throw cause
    }
    const rejected = async (): Promise<never> => thrown()
    for (const resolve of [thrown, rejected]) {
      const { manager } = kit({ resolve })
      const error = await outcome(manager.connect('peer'))
      expect(ConnectionError.is(error)).toBe(true)
      expect(error).toMatchObject({ peerId: 'peer', cause })
      expect(manager.status('peer')).toBe('Failed')
    }
  })

  test('ERR_CONNECT_TIMEOUT after connectTimeoutMs, all addresses together', async () => {
    const { manager, transport, clock, reasons } = kit({ resolve: () => ['scripted://one', 'scripted://two'] })
    const connecting = outcome(manager.connect('peer'))
    await clock.advanceAsync(CONNECT_MS - 1)
    transport.lastDial()?.fail(new Error('no'))
    await flush()
    expect(manager.status('peer')).toBe('Connecting')
    await clock.advanceAsync(1)
    expect(await connecting).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT', peerId: 'peer' })
    expect([manager.status('peer'), transport.ledger.live, reasons('peer').at(-1)]).toEqual(['Failed', 0, 'timeout'])
  })

  test('ERR_CONNECT_TIMEOUT where resolve never answers', async () => {
    const { manager, clock } = kit({ resolve: () => new Promise(() => {}) })
    const connecting = outcome(manager.connect('peer'))
    await clock.advanceAsync(CONNECT_MS)
    expect(await connecting).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
  })

  test('ERR_IDENTITY_MISMATCH where the other side proves another id', async () => {
    const { manager, transport } = kit({ resolve: () => B })
    const connecting = outcome(manager.connect('alice'))
    await flush()
    const link = transport.lastDial('alice')?.open({ remotePeerId: 'mallory' })
    expect(await connecting).toMatchObject({ code: 'ERR_IDENTITY_MISMATCH', peerId: 'alice', address: B })
    expect([link?.state, manager.status('alice'), manager.status('mallory')]).toEqual(['over', 'Failed', undefined])
    const again = manager.connect('alice')
    await flush()
    transport.lastDial('alice')?.open({ remotePeerId: 'alice' })
    expect((await again).peerId).toBe('alice')
  })

  test('no slot: the longest-idle pooled link is aborted and its slot used (pool-evicted)', async () => {
    const { manager, transport, clock, open, reasons } = kit({ max: 2 })
    await open(A)
    await open(B)
    const [a, b] = [transport.linkOf(A), transport.linkOf(B)]
    await manager.disconnect(B)
    clock.advance(1)
    await manager.disconnect(A)
    void outcome(manager.connect(C))
    expect([b?.state, a?.state, manager.status(B), reasons(B).at(-1)]).toEqual(['over', 'open', undefined, 'pool-evicted'])
    expect(manager.metrics.pool).toMatchObject({ size: 1, evicted: 1 })
  })

  test('no slot, none pooled: ERR_MAX_CONNECTIONS with limit and current, nothing else changes', async () => {
    const { manager, transport, open, transitions } = kit({ max: 1 })
    await open(A)
    const told = transitions.length
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', peerId: B, limit: 1, current: 1 })
    expect([manager.status(B), transport.dials.length, transitions.length]).toEqual([undefined, 1, told])
    expect(manager.metrics.pool.misses).toBe(1)
  })
})

describe('release', () => {
  test('gives one hold back, twice is once; the last of an outbound peer is as disconnect', async () => {
    const { manager, open } = kit()
    const first = await open(A)
    const second = await manager.connect(A)
    await first.release()
    await first.release()
    expect(manager.status(A)).toBe('Connected')
    expect(() => first.send(bytes(1))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    await second[Symbol.asyncDispose]()
    expect([manager.status(A), manager.metrics.pooled]).toEqual(['Disconnected', 1])
  })
})

describe('disconnect', () => {
  test('Connected: all holds end; the link is pooled, and closed after the TTL without reuse', async () => {
    const { manager, transport, clock, open, reasons } = kit()
    const hold = await open(A)
    const other = await manager.connect(A)
    await manager.disconnect(A)
    expect([await hold.closed, await other.closed]).toEqual([{ kind: 'local' }, { kind: 'local' }])
    expect([manager.status(A), manager.metrics.pooled, manager.get(A)]).toEqual(['Disconnected', 1, undefined])
    expect([...manager.peers()][0]).toMatchObject({ peerId: A, status: 'Disconnected', pooled: true })
    clock.advance(TTL - 1)
    expect(transport.links.size).toBe(1)
    clock.advance(1)
    expect([transport.links.size, manager.status(A), manager.metrics.pool.expired]).toEqual([0, undefined, 1])
    expect(reasons(A).slice(-2)).toEqual(['disconnect', 'pool-expired'])
  })

  test.each([
    ['pool: false', { pool: false }, TTL],
    ['TTL 0', {}, 0],
  ])('Connected, %s: closed gracefully, in its slot until closed, then forgotten; disconnect resolves then', async (_, how, ttl) => {
    const { manager, transport, open, reasons } = kit({ max: 1, ttl })
    await open(A)
    let resolved = false
    const done = manager.disconnect(A, how).then(() => (resolved = true))
    await flush()
    expect([resolved, manager.status(A), manager.metrics.closing, transport.linkOf(A)?.state]).toEqual([
      false,
      'Disconnected',
      1,
      'closing',
    ])
    await expect(manager.connect(B)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    transport.linkOf(A)?.finishClose()
    await done
    expect([manager.status(A), manager.metrics.closing, reasons(A).slice(-2)]).toEqual([undefined, 0, ['disconnect', 'forgotten']])
  })

  test('a graceful close is aborted after closeTimeoutMs', async () => {
    const { manager, transport, clock, open } = kit()
    await open(A)
    const done = manager.disconnect(A, { pool: false })
    await clock.advanceAsync(CLOSE_MS - 1)
    expect(transport.links.size).toBe(1)
    await clock.advanceAsync(1)
    await done
    expect([transport.links.size, manager.status(A)]).toEqual([0, undefined])
  })

  test('Connecting: the dial is aborted, its callers get ERR_DISCONNECTED, a late link is aborted, the peer is forgotten', async () => {
    const { manager, transport, reasons } = kit({ transport: { onAbort: 'ignore' } })
    const calls = [outcome(manager.connect(A)), outcome(manager.connect(A))]
    await flush()
    await manager.disconnect(A)
    for (const call of calls) expect(await call).toMatchObject({ code: 'ERR_DISCONNECTED', peerId: A })
    expect([transport.lastDial(A)?.aborted, manager.status(A), transport.ledger.live]).toEqual([true, undefined, 0])
    const late = transport.lastDial(A)?.open()
    await flush()
    expect([late?.state, manager.status(A)]).toEqual(['over', undefined])
    expect(reasons(A)).toEqual(['connect', 'disconnect', 'forgotten'])
  })

  test('Failed, or Disconnected and not pooled: forgotten', async () => {
    const { manager, transport, open } = kit()
    await open(A)
    transport.linkOf(A)?.remoteClose()
    await open(B)
    transport.linkOf(B)?.fail(new Error('reset'))
    expect([manager.status(A), manager.status(B)]).toEqual(['Disconnected', 'Failed'])
    await manager.disconnect(A)
    await manager.disconnect(B)
    expect([manager.status(A), manager.status(B)]).toEqual([undefined, undefined])
  })

  test('pooled: stays, unless pool: false', async () => {
    const { manager, transport, clock, open } = kit()
    await open(A)
    await manager.disconnect(A)
    clock.advance(TTL / 2)
    await manager.disconnect(A)
    expect(manager.metrics.pooled).toBe(1)
    const done = manager.disconnect(A, { pool: false })
    expect([manager.metrics.pooled, transport.linkOf(A)?.state]).not.toEqual([1, 'open'])
    transport.linkOf(A)?.finishClose()
    await done
    expect([manager.status(A), transport.links.size]).toEqual([undefined, 0])
  })

  test('unknown: resolves, does nothing', async () => {
    const { manager, transitions } = kit()
    await manager.disconnect(A)
    expect([manager.status(A), transitions]).toEqual([undefined, []])
  })
})

describe('a pooled link', () => {
  test('remote closes it: out of the pool, forgotten', async () => {
    const { manager, transport, open, reasons } = kit()
    await open(A)
    await manager.disconnect(A)
    transport.linkOf(A)?.remoteClose()
    expect([manager.status(A), manager.metrics.pooled, reasons(A).at(-1)]).toEqual([undefined, 0, 'remote-closed'])
  })

  test('a message arrives on it: delivered on messages$; it stays pooled, its TTL is not renewed', async () => {
    const { manager, transport, clock, open } = kit()
    const heard: unknown[] = []
    manager.messages$.subscribe((m) => heard.push(m))
    await open(A)
    await manager.disconnect(A)
    clock.advance(TTL - 1)
    transport.linkOf(A)?.receive(bytes(7))
    expect(heard).toEqual([{ peerId: A, data: bytes(7) }])
    expect([manager.status(A), manager.metrics.pooled]).toEqual(['Disconnected', 1])
    clock.advance(1)
    expect(manager.status(A)).toBeUndefined()
  })
})

describe('messages nobody reads yet', () => {
  test('wait in order up to maxBufferedBytes, then the link is paused; the first reader gets them all', async () => {
    const { transport, open } = kit({ maxBufferedBytes: 10 })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    for (let i = 1; i <= 9; i++) link.receive(bytes(i))
    expect(link.paused).toBe(false)
    for (let i = 10; i <= 15; i++) link.receive(bytes(i))
    expect(link.paused).toBe(true)
    expect(link.waiting).toBeGreaterThan(0)
    const heard: number[] = []
    connection.messages$.subscribe((data) => heard.push(data[0] as number))
    expect([heard, link.paused]).toEqual([Array.from({ length: 15 }, (_, i) => i + 1), false])
    link.receive(bytes(16))
    expect(heard.at(-1)).toBe(16)
  })

  test('what the first reader was given, the second is not', async () => {
    const { manager, transport, open } = kit()
    const connection = await open(A)
    transport.linkOf(A)?.receive(bytes(1))
    const [first, second, all]: number[][] = [[], [], []]
    connection.messages$.subscribe((data) => first?.push(data[0] as number))
    connection.messages$.subscribe((data) => second?.push(data[0] as number))
    manager.messages$.subscribe(({ data }) => all?.push(data[0] as number))
    transport.linkOf(A)?.receive(bytes(2))
    expect([first, second, all]).toEqual([[1, 2], [2], [2]])
  })

  test.each<[string, (manager: ConnectionManager, connection: Connection, heard: unknown[]) => unknown]>([
    ['messages$ of a connection', (_, connection, heard) => connection.messages$.subscribe((data) => heard.push(data[0]))],
    ['messages$ of the manager', (manager, _, heard) => manager.messages$.subscribe(({ data }) => heard.push(data[0]))],
    [
      'an iterator',
      async (_, connection, heard) => {
        for await (const data of connection) heard.push(data[0])
      },
    ],
  ])('are all read by %s, those that waited on the paused link before its orderly end too', async (_, read) => {
    const { manager, transport, open } = kit({ maxBufferedBytes: 2 })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    for (let i = 1; i <= 5; i++) link.receive(bytes(i))
    link.remoteClose()
    expect([link.paused, link.state]).toEqual([true, 'open'])
    const heard: unknown[] = []
    await read(manager, connection, heard)
    await connection.closed
    expect(heard).toEqual([1, 2, 3, 4, 5])
  })

  test('wait again once the last reader has left', async () => {
    const { manager, transport, open } = kit({ maxBufferedBytes: 4 })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    for (const read of [() => connection.messages$.subscribe(), () => manager.messages$.subscribe()]) {
      read().unsubscribe()
      for (let i = 1; i <= 9; i++) link.receive(bytes(i))
      expect(link.paused).toBe(true)
      const heard: unknown[] = []
      const reading = connection.messages$.subscribe((data) => heard.push(data[0]))
      expect([heard, link.paused]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9], false])
      reading.unsubscribe()
    }
  })

  test('manager.messages$ is a reader too', async () => {
    const { manager, transport, open } = kit({ maxBufferedBytes: 4 })
    await open(A)
    await open(B)
    for (const id of [A, B]) for (let i = 0; i < 9; i++) transport.linkOf(id)?.receive(bytes(i))
    const heard: Record<string, number[]> = {}
    manager.messages$.subscribe(({ peerId, data }) => (heard[peerId] ??= []).push(data[0] as number))
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    expect(heard).toEqual({ [A]: all, [B]: all })
  })

  test('an iterator gets them all, and a slow one pauses the link', async () => {
    const { transport, open } = kit({ maxBufferedBytes: 4 })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    link.receive(bytes(1))
    const iterator = connection[Symbol.asyncIterator]()
    for (let i = 2; i <= 12; i++) link.receive(bytes(i))
    expect(link.paused).toBe(true)
    const heard: number[] = []
    for (let i = 1; i <= 12; i++) heard.push((await iterator.next()).value?.[0] as number)
    expect([heard, link.paused]).toEqual([[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], false])
    const pending = iterator.next()
    link.receive(bytes(13))
    expect((await pending).value).toEqual(bytes(13))
    const last = iterator.next()
    await connection.release()
    expect(await last).toEqual({ done: true, value: undefined })
  })

  test('outlive a link that ended by itself: its hold still gives them to the first reader', async () => {
    const { transport, open } = kit()
    for (const [peerId, end] of [
      [A, (link?: ScriptedLink) => link?.remoteClose()],
      [B, (link?: ScriptedLink) => link?.fail(new Error('reset'))],
    ] as const) {
      const connection = await open(peerId)
      const link = transport.linkOf(peerId)
      link?.receive(bytes(1))
      link?.receive(bytes(2))
      end(link)
      const heard: unknown[] = []
      for await (const data of connection) heard.push(data[0])
      expect(heard).toEqual([1, 2])
    }
  })

  test('an iterator that is left early reads no more', async () => {
    const { transport, open } = kit({ maxBufferedBytes: 4 })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    link.receive(bytes(1))
    link.receive(bytes(2))
    for await (const data of connection) {
      expect(data).toEqual(bytes(1))
      break
    }
    link.receive(bytes(3))
    const heard: number[] = []
    connection.messages$.subscribe((data) => heard.push(data[0] as number))
    link.receive(bytes(4))
    expect(heard).toContain(3)
    expect(heard).toContain(4)
  })
})

describe('link lost while Connected', () => {
  test('closed by the remote: Disconnected, the slot free at once, the peer remembered', async () => {
    const { manager, transport, open, reasons } = kit({ max: 1 })
    const hold = await open(A)
    transport.linkOf(A)?.remoteClose()
    expect([manager.status(A), reasons(A).at(-1), await hold.closed]).toEqual(['Disconnected', 'remote-closed', { kind: 'remote' }])
    await open(B)
    expect(manager.status(A)).toBe('Disconnected')
  })

  test('error: Failed with the cause', async () => {
    const { manager, transport, open, transitions, clock } = kit({ max: 1 })
    const hold = await open(A)
    const error = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })
    clock.advance(5)
    transport.linkOf(A)?.fail(error)
    expect(await hold.closed).toEqual({ kind: 'error', error })
    const failure = { code: 'ECONNRESET', message: expect.stringContaining('ECONNRESET'), at: clock.now() }
    expect(transitions.at(-1)).toMatchObject({ from: 'Connected', to: 'Failed', reason: 'link-error', failure })
    await open(B)
    expect(manager.status(A)).toBe('Failed')
  })

  test('at most 10_000 gone peers are remembered, the oldest forgotten first', async () => {
    const { manager, transport } = kit({ transport: { autoOpen: true } })
    for (let i = 0; i <= 10_000; i++) {
      const peerId = `scripted://gone/${i}`
      await manager.connect(peerId)
      transport.linkOf(peerId)?.remoteClose()
    }
    expect([...manager.peers()]).toHaveLength(10_000)
    expect([manager.status('scripted://gone/0'), manager.status('scripted://gone/1')]).toEqual([undefined, 'Disconnected'])
  })
})

describe('an inbound link', () => {
  test('is a peer named by remotePeerId where proven', async () => {
    const { manager, arrive, reasons } = kit()
    const opened: Connection[] = []
    manager.connections$.subscribe((connection) => opened.push(connection))
    await arrive({ remotePeerId: B })
    expect([manager.status(B), reasons(B), manager.get(B)?.direction]).toEqual(['Connected', ['inbound'], 'inbound'])
    expect(opened.map(({ peerId, direction }) => [peerId, direction])).toEqual([[B, 'inbound']])
    expect(manager.metrics.inbound).toEqual({ accepted: 1, rejected: 0 })
  })

  test('else inbound+ and its remote address; gone, it is ERR_NO_ADDRESS to connect', async () => {
    const { manager, arrive } = kit()
    const link = await arrive({ remoteAddress: 'scripted://1.2.3.4:5' })
    const peerId = 'inbound+scripted://1.2.3.4:5'
    expect([manager.status(peerId), manager.get(peerId)?.remoteAddress]).toEqual(['Connected', 'scripted://1.2.3.4:5'])
    const told: unknown[] = []
    manager.transitions$.subscribe(({ from, to, reason }) => told.push([from, to, reason]))
    link.remoteClose()
    expect(told).toEqual([
      ['Connected', 'Disconnected', 'remote-closed'],
      ['Disconnected', undefined, 'forgotten'],
    ])
    expect(manager.status(peerId)).toBeUndefined()
    await expect(manager.connect(peerId)).rejects.toMatchObject({ code: 'ERR_NO_ADDRESS' })
  })

  test('stays Connected without a hold until either side ends it; disconnect pools it only where the pool is asked for', async () => {
    const { manager, clock, arrive } = kit()
    await arrive({ remotePeerId: B })
    clock.advance(100 * TTL)
    expect(manager.status(B)).toBe('Connected')
    await manager.disconnect(B, { pool: true })
    expect([manager.status(B), manager.metrics.pooled]).toEqual(['Disconnected', 1])
  })

  test('is closed by disconnect, and by the last release', async () => {
    const { manager, arrive } = kit()
    const kicked = await arrive({ remotePeerId: B })
    const disconnected = manager.disconnect(B)
    expect([kicked.state, manager.metrics.pooled]).toEqual(['closing', 0])
    kicked.finishClose()
    await disconnected
    const used = await arrive({ remotePeerId: B })
    const [first, second] = [await manager.connect(B), await manager.connect(B)]
    await first.release()
    expect(used.state).toBe('open')
    const released = second.release()
    expect(used.state).toBe('closing')
    used.finishClose()
    await released
    expect(manager.status(B)).toBeUndefined()
  })

  test('no slot: the longest-idle pooled inbound link yields', async () => {
    const { manager, transport, clock, open, arrive } = kit({ max: 3 })
    await open(A)
    await manager.disconnect(A)
    for (const remotePeerId of [B, C]) {
      clock.advance(1)
      await arrive({ remotePeerId })
      await manager.disconnect(remotePeerId, { pool: true })
    }
    const link = await arrive()
    expect([link.state, manager.status(A), manager.status(B), manager.status(C)]).toEqual([
      'open',
      'Disconnected',
      undefined,
      'Disconnected',
    ])
    expect(transport.ledger.peakHeld).toBe(3)
  })

  test('no slot, no pooled inbound: the new link is aborted and counted as rejected, and no peer appears', async () => {
    const { manager, open, arrive, transitions } = kit({ max: 1 })
    await open(A)
    await manager.disconnect(A)
    const told = transitions.length
    const link = await arrive({ remotePeerId: B })
    expect([link.state, manager.status(B), manager.status(A), transitions.length]).toEqual(['over', undefined, 'Disconnected', told])
    expect(manager.metrics.inbound).toEqual({ accepted: 0, rejected: 1 })
  })
})

describe('an inbound link that proves what is no peer id', () => {
  test.each(['', 'a'.repeat(513)])('is aborted and counted as rejected', async (remotePeerId) => {
    const { manager, arrive } = kit()
    const link = await arrive({ remotePeerId })
    expect([link.state, manager.metrics.inbound, [...manager.peers()]]).toEqual(['over', { accepted: 0, rejected: 1 }, []])
  })
})

describe('a second link for one proven id', () => {
  test.each([
    [LOWER, 'the lower id dialled the inbound one, which stays'],
    [HIGHER, 'the lower id dialled the outbound one, which stays'],
  ])('opposite directions, peer %s: %s; holds go on', async (peerId) => {
    const { manager, transport, open, arrive } = kit()
    const hold = await open(peerId, { remotePeerId: peerId })
    const ours = transport.linkOf(peerId)
    const theirs = await arrive({ remotePeerId: peerId })
    const [winner, loser] = peerId === LOWER ? [theirs, ours] : [ours, theirs]
    expect([winner?.state, loser?.state, manager.status(peerId)]).toEqual(['open', 'over', 'Connected'])
    hold.send(bytes(1))
    expect(winner?.sent).toEqual([bytes(1)])
    expect(manager.get(peerId)?.direction).toBe(peerId === LOWER ? 'inbound' : 'outbound')
  })

  test('same direction: the newer replaces the older', async () => {
    const { manager, arrive, transitions } = kit()
    const older = await arrive({ remotePeerId: B })
    const hold = await manager.connect(B)
    const told = transitions.length
    const newer = await arrive({ remotePeerId: B })
    expect([older.state, newer.state, transitions.length]).toEqual(['over', 'open', told])
    hold.send(bytes(1))
    expect(newer.sent).toEqual([bytes(1)])
  })

  test('a dial of ours that will win goes on, however many links arrive meanwhile', async () => {
    const { manager, transport, arrive } = kit()
    const connecting = manager.connect(HIGHER)
    await flush()
    const hold = await arrive({ remotePeerId: HIGHER }).then(() => connecting)
    const newer = await arrive({ remotePeerId: HIGHER })
    expect([newer.state, transport.lastDial(HIGHER)?.aborted]).toEqual(['open', false])
    const ours = transport.lastDial(HIGHER)?.open()
    await flush()
    hold.send(bytes(1))
    expect([newer.state, ours?.sent, manager.get(HIGHER)?.direction]).toEqual(['over', [bytes(1)], 'outbound'])
  })

  test('callers that wait on the loser get the winner', async () => {
    const { manager, transport, arrive } = kit()
    const connecting = manager.connect(LOWER)
    await flush()
    const link = await arrive({ remotePeerId: LOWER })
    const connection = await connecting
    connection.send(bytes(1))
    expect([link.sent, transport.lastDial(LOWER)?.aborted, connection.direction]).toEqual([[bytes(1)], true, 'inbound'])
  })
})

describe('updateStatus', () => {
  test('peer unknown: an app-owned peer begins in that status (reported), in a slot while Connecting or Connected', async () => {
    const { manager, reasons, get } = kit({ max: 2 })
    await manager.updateStatus(A, 'Connecting')
    await manager.updateStatus(B, 'Connected')
    await manager.updateStatus(C, 'Failed', { failure: { code: 'MINE', message: 'it broke', at: 1, attempts: 0 } })
    expect([A, B, C].map((id) => [manager.status(id), ...reasons(id)])).toEqual([
      ['Connecting', 'reported'],
      ['Connected', 'reported'],
      ['Failed', 'reported'],
    ])
    expect(get(C)?.failure).toMatchObject({ code: 'MINE', message: 'it broke' })
    expect(manager.get(B)).toBeUndefined()
    await expect(manager.connect('scripted://d')).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    await manager.updateStatus(A, 'Disconnected')
    void outcome(manager.connect('scripted://d'))
    expect(manager.status('scripted://d')).toBe('Connecting')
  })

  test('at the limit a pooled link yields first, then ERR_MAX_CONNECTIONS', async () => {
    const { manager, transport, open } = kit({ max: 1 })
    await open(A)
    await manager.disconnect(A)
    await manager.updateStatus(B, 'Connected')
    expect([transport.links.size, manager.status(A), manager.status(B)]).toEqual([0, undefined, 'Connected'])
    await expect(manager.updateStatus(C, 'Connecting')).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', limit: 1, current: 1 })
    expect(manager.status(C)).toBeUndefined()
  })

  test('among the four statuses any report moves an app-owned peer', async () => {
    const { manager } = kit()
    const all = Object.values(ConnectionStatus)
    for (const from of all) {
      for (const to of all) {
        await manager.updateStatus(A, from)
        await manager.updateStatus(A, to)
        expect(manager.status(A)).toBe(to)
      }
    }
  })

  test('peer with a link of ours: Disconnected and Failed abort it', async () => {
    const { manager, transport, open, reasons } = kit()
    const a = await open(A)
    await open(B)
    const connecting = outcome(manager.connect(C))
    await flush()
    await manager.updateStatus(A, 'Disconnected')
    await manager.updateStatus(B, 'Failed')
    await manager.updateStatus(C, 'Failed')
    expect([A, B, C].map((id) => manager.status(id))).toEqual(['Disconnected', 'Failed', 'Failed'])
    expect([transport.ledger.live, reasons(A).at(-1), await a.closed]).toEqual([0, 'reported', { kind: 'local' }])
    expect(ConnectionError.is(await connecting)).toBe(true)
  })

  test('… the status it has already is a no-op; anything else ERR_INVALID_TRANSITION, nothing changes', async () => {
    const { manager, open, transitions } = kit()
    await open(A)
    void outcome(manager.connect(B))
    await open(C)
    await manager.disconnect(C)
    const told = transitions.length
    await manager.updateStatus(A, 'Connected')
    await manager.updateStatus(B, 'Connecting')
    await manager.updateStatus(C, 'Disconnected')
    for (const [id, status] of [
      [A, 'Connecting'],
      [B, 'Connected'],
      [C, 'Connected'],
      [C, 'Connecting'],
    ] as const) {
      await expect(manager.updateStatus(id, status)).rejects.toMatchObject({ code: 'ERR_INVALID_TRANSITION', peerId: id })
    }
    expect([transitions.length, manager.metrics.pooled]).toEqual([told, 1])
  })

  test('remembered peer without a link: becomes app-owned', async () => {
    const { manager, transport, open } = kit()
    await open(A)
    transport.linkOf(A)?.remoteClose()
    await manager.updateStatus(A, 'Connected')
    expect(manager.status(A)).toBe('Connected')
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_INVALID_TRANSITION' })
  })

  test('a batch is all or nothing', async () => {
    const { manager, open, transitions } = kit({ max: 2 })
    await open(A)
    const told = transitions.length
    await expect(
      manager.updateStatuses([
        [B, 'Connected'],
        [A, 'Connecting'],
      ]),
    ).rejects.toMatchObject({ code: 'ERR_INVALID_TRANSITION', peerId: A })
    await expect(
      manager.updateStatuses([
        [B, 'Connected'],
        [C, 'Connected'],
      ]),
    ).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    await expect(manager.updateStatuses([[B, 'Connected'], [C, 'Nonsense'] as never])).rejects.toThrow(TypeError)
    expect([transitions.length, manager.status(B)]).toEqual([told, undefined])
    await manager.updateStatuses(
      new Map([
        [B, 'Connected'],
        [C, 'Failed'],
      ] as const),
    )
    expect([manager.status(B), manager.status(C)]).toEqual(['Connected', 'Failed'])
  })
})

describe('a batch of reports', () => {
  test('is judged in its order, on what its earlier entries come to', async () => {
    const { manager, transport, open, reasons } = kit({ max: 2 })
    await open(A)
    await manager.updateStatuses([
      [B, 'Connecting'],
      [B, 'Connected'],
      [B, 'Connecting'],
      [A, 'Disconnected'],
      [C, 'Connected'],
      [A, 'Failed'],
    ])
    expect([A, B, C].map((id) => manager.status(id))).toEqual(['Failed', 'Connecting', 'Connected'])
    expect(transport.links.size).toBe(0)
    await manager.updateStatuses([
      [B, 'Connected'],
      [B, 'Connecting'],
      [B, 'Disconnected'],
      [A, 'Connected'],
    ])
    expect([A, B].map((id) => manager.status(id))).toEqual(['Connected', 'Disconnected'])
    expect(reasons(B).every((reason) => reason === 'reported')).toBe(true)
  })

  test('evicts pooled links for its slots, the longest idle first', async () => {
    const { manager, clock, open } = kit({ max: 2 })
    for (const id of [A, B]) {
      await open(id)
      await manager.disconnect(id)
      clock.advance(1)
    }
    await expect(
      manager.updateStatuses([
        [C, 'Connected'],
        [A, 'Connecting'],
      ]),
    ).resolves.toBeUndefined()
    expect([A, B, C].map((id) => manager.status(id))).toEqual(['Connecting', undefined, 'Connected'])
  })
})

describe('an app-owned peer', () => {
  test('connect: ERR_INVALID_TRANSITION while Connecting or Connected, else it becomes ours and is dialled', async () => {
    const { manager, transport, open } = kit()
    for (const status of ['Connecting', 'Connected'] as const) {
      await manager.updateStatus(A, status)
      await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_INVALID_TRANSITION', peerId: A })
    }
    await manager.updateStatus(A, 'Disconnected')
    await open(A)
    expect([manager.status(A), transport.dials.length]).toEqual(['Connected', 1])
    await expect(manager.updateStatus(A, 'Connecting')).rejects.toMatchObject({ code: 'ERR_INVALID_TRANSITION' })
  })

  test('disconnect forgets it', async () => {
    const { manager, reasons } = kit({ max: 1 })
    for (const status of Object.values(ConnectionStatus)) {
      await manager.updateStatus(A, status)
      await manager.disconnect(A)
      expect([status, manager.status(A)]).toEqual([status, undefined])
    }
    expect(reasons(A).slice(0, 3)).toEqual(['reported', 'disconnect', 'forgotten'])
  })
})

describe('round trips', () => {
  test('each link that can ping is measured when it opens, and then every latencyMs', async () => {
    const { manager, transport, clock, open } = kit({ transport: { ping: true }, metrics: { latencyMs: 500 } })
    const connection = await open(A)
    expect(connection.latency).toBeNull()
    await clock.advanceAsync(10)
    const link = transport.linkOf(A)
    expect(link?.pings).toBe(1)
    link?.answerPing(20)
    await flush()
    expect(connection.latency).toBe(20)
    await clock.advanceAsync(600)
    expect(link?.pings).toBe(1)
    link?.answerPing(40)
    await flush()
    expect(connection.latency).toBe(40)
    await clock.advanceAsync(1_000)
    expect((await manager.getMetrics()).avgLatency).toBeGreaterThanOrEqual(20)
    link?.remoteClose()
    const next = await open(A)
    // What was measured on another link says nothing of this one.
    expect(next.latency).toBeNull()
    const shutting = manager.shutdown()
    transport.linkOf(A)?.finishClose()
    await shutting
    expect(clock.pending).toBe(0)
  })

  test('at most 200 pings a second a manager, round robin', async () => {
    const { manager, transport, clock } = kit({
      max: 1_000,
      transport: { ping: true, autoPing: 5, autoOpen: true },
      metrics: { latencyMs: 500 },
    })
    for (let i = 0; i < 1_000; i++) await manager.connect(`scripted://p/${i}`)
    await clock.advanceAsync(1_000)
    const before = transport.sentPings
    await clock.advanceAsync(10_000)
    expect(transport.sentPings - before).toBeLessThanOrEqual(2_001)
    expect(transport.sentPings - before).toBeGreaterThan(1_000)
    for (let i = 0; i < 1_000; i++) expect(manager.get(`scripted://p/${i}`)?.latency).toBe(5)
  })
})

describe('shutdown', () => {
  test('refuses new work, ends waiters, closes in parallel, aborts at timeoutMs what is left', async () => {
    const { manager, transport, clock, open } = kit({ max: 10, closeTimeoutMs: 60_000 })
    const hold = await open(A)
    await open(B)
    await open(C)
    await manager.disconnect(C)
    const waiting = outcome(manager.connect('scripted://d'))
    await flush()
    const shutting = manager.shutdown({ timeoutMs: 100 })
    expect(await waiting).toMatchObject({ code: 'ERR_STOPPED' })
    expect(await hold.closed).toEqual({ kind: 'local' })
    for (const refused of [
      manager.connect(A),
      manager.updateStatus('x', 'Connected'),
      manager.updateStatuses([]),
      manager.listen('scripted://x:1'),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    }
    expect([...transport.links].map(({ state }) => state)).toEqual(['closing', 'closing', 'closing'])
    transport.linkOf(A)?.finishClose()
    await clock.advanceAsync(99)
    expect(transport.links.size).toBe(2)
    await clock.advanceAsync(1)
    expect(await shutting).toEqual({ closed: 1, forced: 2 })
    expect([transport.links.size, clock.pending]).toEqual([0, 0])
  })

  test('is idempotent, and Symbol.asyncDispose', async () => {
    const { manager, transport, open } = kit()
    await open(A)
    const first = manager.shutdown()
    const second = manager.shutdown({ timeoutMs: 1 })
    transport.linkOf(A)?.finishClose()
    expect([await first, await second, await manager.shutdown()]).toEqual([
      { closed: 1, forced: 0 },
      { closed: 1, forced: 0 },
      { closed: 1, forced: 0 },
    ])
    await manager[Symbol.asyncDispose]()
    const other = kit().manager
    await other[Symbol.asyncDispose]()
    await expect(other.connect(A)).rejects.toMatchObject({ code: 'ERR_STOPPED' })
  })

  test('the supervisor ends in a final state, and every stream completes', async () => {
    const { manager, open, transport, clock } = kit({ transport: { autoClose: 'microtask' } })
    const connection = await open(A)
    const completed: string[] = []
    const complete = (name: string) => ({ complete: () => void completed.push(name) })
    manager.transitions$.subscribe(complete('transitions$'))
    manager.changes$.subscribe(complete('changes$'))
    manager.connections$.subscribe(complete('connections$'))
    manager.messages$.subscribe(complete('messages$'))
    manager.metrics$.subscribe(complete('metrics$'))
    manager.status$(A).subscribe(complete('status$'))
    connection.messages$.subscribe(complete('hold'))
    await manager.shutdown()
    await flush()
    expect(completed.toSorted()).toEqual(['changes$', 'connections$', 'hold', 'messages$', 'metrics$', 'status$', 'transitions$'])
    expect(manager.supervisor.getSnapshot()).toMatchObject({ status: 'done' })
    expect([clock.pending, transport.links.size]).toEqual([0, 0])
  })

  test('reads answer afterwards, disconnect resolves, other commands reject', async () => {
    const { manager, open } = kit({ transport: { autoClose: 'sync' } })
    await open(A)
    await manager.shutdown()
    expect([manager.status(A), await manager.getStatus(A), manager.get(A), [...manager.peers()]]).toEqual([
      undefined,
      undefined,
      undefined,
      [],
    ])
    expect((await manager.getMetrics()).connections).toBe(0)
    expect(manager.metrics.limit).toBe(4)
    await manager.disconnect(A)
    manager.recordMessage(A, { bytes: 1 })
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    await expect(manager.updateStatus(A, 'Failed')).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    const told: unknown[] = []
    manager.transitions$.subscribe({ complete: () => told.push('transitions$') })
    manager.metrics$.subscribe({ next: ({ connections }) => told.push(connections), complete: () => told.push('metrics$') })
    manager.status$(A).subscribe({ next: (status) => told.push(status), complete: () => told.push('status$') })
    expect(told).toEqual(['transitions$', 0, 'metrics$', undefined, 'status$'])
  })

  test('closes its listeners, and a link that arrives meanwhile is aborted', async () => {
    const { manager, transport, open } = kit()
    await open(A)
    let onLink: ((link: Link) => void) | undefined
    const listen = transport.listen.bind(transport)
    transport.listen = (address, options) => {
      ;({ onLink } = options)
      return listen(address, options)
    }
    await manager.listen('scripted://here:1')
    const shutting = manager.shutdown()
    await flush()
    expect(transport.listeners).toEqual([])
    const other = scripted()
    void other.dial(new URL(B), { peerId: B, signal: new AbortController().signal })
    const late = other.lastDial()?.open() as ScriptedLink
    onLink?.(late)
    expect([late.state, manager.status(B)]).toEqual(['over', undefined])
    transport.linkOf(A)?.finishClose()
    expect(await shutting).toEqual({ closed: 1, forced: 0 })
  })
})

describe('recordMessage and getMetrics', () => {
  test('recordMessage of an unknown peer is ignored; of an app-owned one it counts', async () => {
    const { manager, clock } = kit()
    manager.recordMessage(A, { bytes: 10 })
    await manager.updateStatus(B, 'Connected')
    for (let i = 0; i < 10; i++) manager.recordMessage(B, { bytes: 100, latencyMs: 30 })
    await clock.advanceAsync(1_000)
    const { messagesPerSecond, avgLatency } = await manager.getMetrics()
    expect([messagesPerSecond, avgLatency]).toEqual([10, 30])
  })

  test('what is sent and received counts, by bytes and direction', async () => {
    const { manager, transport, clock, open } = kit()
    const connection = await open(A)
    connection.send(new Uint8Array(300))
    transport.linkOf(A)?.receive(new Uint8Array(100))
    await clock.advanceAsync(1_000)
    const metrics = await manager.getMetrics()
    expect([metrics.messagesPerSecond, metrics.bytesPerSecond]).toEqual([2, { in: 100, out: 300 }])
  })
})

describe('setLimits', () => {
  test('lowering aborts pooled links, keeps Connected ones, admits nothing until below', async () => {
    const { manager, transport, open } = kit({ max: 4 })
    await open(A)
    await open(B)
    await open(C)
    await manager.disconnect(C)
    manager.setLimits({ maxConnections: 1 })
    expect([A, B, C].map((id) => manager.status(id))).toEqual(['Connected', 'Connected', undefined])
    expect([transport.links.size, manager.metrics.limit]).toEqual([2, 1])
    await expect(manager.connect(C)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', limit: 1, current: 2 })
    transport.linkOf(A)?.remoteClose()
    await expect(manager.connect(C)).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS', limit: 1, current: 1 })
    transport.linkOf(B)?.remoteClose()
    await open(C)
  })

  test('maxIdle bounds the pool', async () => {
    const { manager, open } = kit()
    manager.setLimits({ maxIdle: 1 })
    await open(A)
    await open(B)
    void manager.disconnect(A)
    void manager.disconnect(B)
    expect(manager.metrics.pooled).toBeLessThanOrEqual(1)
    expect(manager.metrics.pool.utilization).toBeLessThanOrEqual(1)
  })

  test('a lower TTL ends what is pooled for longer', async () => {
    const { manager, transport, clock, open } = kit()
    await open(A)
    await manager.disconnect(A)
    clock.advance(500)
    manager.setLimits({ poolTimeoutMs: 400 })
    clock.advance(0)
    expect([manager.status(A), transport.links.size]).toEqual([undefined, 0])
  })

  test('a limit that is none is refused, synchronously, and changes nothing', () => {
    const { manager } = kit()
    expect(() => manager.setLimits({ maxConnections: 0 })).toThrow(RangeError)
    expect(() => manager.setLimits({ poolTimeoutMs: -1 })).toThrow(RangeError)
    expect(() => manager.setLimits({ maxConnections: 2, maxIdle: 'many' as never })).toThrow(TypeError)
    expect(manager.metrics.limit).toBe(4)
  })
})

describe('the streams', () => {
  test('status$ replays, is distinct, and is that peer’s alone', async () => {
    const { manager, open } = kit()
    const seen: unknown[] = []
    manager.status$(A).subscribe((status) => seen.push(status))
    await open(B)
    await open(A)
    await manager.disconnect(A)
    await manager.disconnect(A, { pool: true })
    expect(seen).toEqual([undefined, 'Connecting', 'Connected', 'Disconnected'])
    const late: unknown[] = []
    manager.status$(A).subscribe((status) => late.push(status))
    expect(late).toEqual(['Disconnected'])
  })

  test('changes$ is the same as transitions$, one array a tick of the event loop', async () => {
    const { manager, transitions } = kit()
    const batches: (readonly Transition[])[] = []
    manager.changes$.subscribe((batch) => batches.push(batch))
    await manager.updateStatus(A, 'Connected')
    await manager.updateStatus(B, 'Connected')
    await flush()
    await flush()
    await manager.updateStatus(B, 'Failed')
    await flush()
    await flush()
    expect(batches.map((batch) => batch.length)).toEqual([2, 1])
    expect(batches.flat()).toEqual(transitions)
  })

  test('connections$ tells each peer that becomes Connected, whoever began it; not a hold', async () => {
    const { manager, open, arrive } = kit()
    const peers: string[] = []
    manager.connections$.subscribe(({ peerId }) => peers.push(peerId))
    const hold = await open(A)
    await manager.connect(A)
    await arrive({ remotePeerId: B })
    await manager.disconnect(A)
    await manager.connect(A)
    expect(peers).toEqual([A, B, A])
    await hold.release()
    expect(manager.status(A)).toBe('Connected')
  })

  test('metrics$ replays the latest, there is one from the start, then one every sampleMs', async () => {
    const { manager, clock } = kit({ metrics: { sampleMs: 100 } })
    const at: number[] = []
    const start = clock.now()
    manager.metrics$.subscribe((metrics) => at.push(metrics.at - start))
    expect(at).toEqual([0])
    await clock.advanceAsync(250)
    expect(at).toEqual([0, 100, 200])
    const replayed: number[] = []
    manager.metrics$.subscribe((metrics) => replayed.push(metrics.at - start))
    expect(replayed).toEqual([200])
  })

  test('a handler that throws harms nobody else', async () => {
    const careless = new Error('a careless subscriber')
    const errors: unknown[] = []
    const { manager, transitions, open } = kit({ onError: (error, { callback }) => errors.push([error, callback]) })
    manager.transitions$.subscribe(() => {
      throw careless
    })
    const after: string[] = []
    manager.transitions$.subscribe(({ reason }) => after.push(reason))
    await open(A)
    expect([manager.status(A), after]).toEqual(['Connected', ['connect', 'opened']])
    expect(transitions).toHaveLength(2)
    await flush()
    expect(errors).toEqual([
      [careless, 'subscriber'],
      [careless, 'subscriber'],
    ])
  })

  test('a command given inside a handler is told after what the handler is being told', async () => {
    const { manager, transitions } = kit()
    const seen: string[] = []
    manager.transitions$.subscribe(({ peerId, to }) => {
      if (peerId === A && to === 'Connected') {
        void manager.updateStatus(B, 'Connected')
        // It has happened, wholly, when the call returns.
        expect(manager.status(B)).toBe('Connected')
      }
    })
    manager.transitions$.subscribe(({ peerId }) => seen.push(peerId))
    await manager.updateStatus(A, 'Connected')
    expect(seen).toEqual([A, B])
    expect(transitions.map(({ peerId }) => peerId)).toEqual([A, B])
  })
})

describe('a connection', () => {
  test('send says when it is too much, and drained waits for room', async () => {
    const { transport, open } = kit({ transport: { highWaterMark: 5 } })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    expect(connection.send(bytes(1))).toBe(true)
    await connection.drained()
    link.setBuffered(6)
    expect(connection.send(bytes(2))).toBe(false)
    let drained = false
    const waiting = connection.drained().then(() => (drained = true))
    await flush()
    expect(drained).toBe(false)
    link.drain()
    await waiting
  })

  test('drained rejects ERR_NOT_CONNECTED when the connection ends first', async () => {
    const { transport, open } = kit({ transport: { highWaterMark: 5 } })
    const connection = await open(A)
    const link = transport.linkOf(A) as ScriptedLink
    link.setBuffered(6)
    connection.send(bytes(1))
    const waiting = outcome(connection.drained())
    link.fail(new Error('reset'))
    expect(await waiting).toMatchObject({ code: 'ERR_NOT_CONNECTED', peerId: A })
    await expect(connection.drained()).rejects.toMatchObject({ code: 'ERR_NOT_CONNECTED' })
  })

  test('send throws ERR_NOT_CONNECTED once it is over, ERR_FRAME_TOO_LARGE for what is too large', async () => {
    const { transport, open } = kit({ transport: { maxFrameBytes: 10 } })
    const connection = await open(A)
    expect(() => connection.send(new Uint8Array(11))).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }))
    expect(() => connection.send('text' as never)).toThrow(TypeError)
    transport.linkOf(A)?.remoteClose()
    expect(() => connection.send(bytes(1))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  })

  test('messages$ completes when the hold ends', async () => {
    const { manager, open } = kit()
    const first = await open(A)
    const second = await manager.connect(A)
    const completed: string[] = []
    first.messages$.subscribe({ complete: () => completed.push('first') })
    second.messages$.subscribe({ complete: () => completed.push('second') })
    await first.release()
    expect(completed).toEqual(['first'])
    await manager.disconnect(A)
    expect(completed).toEqual(['first', 'second'])
  })
})

describe('wrong arguments', () => {
  test('a constructor throws what names the argument', () => {
    expect(() => new ConnectionManager('many' as never)).toThrow(TypeError)
    for (const max of [0, -1, 1.5, Number.NaN, Infinity]) expect(() => new ConnectionManager(max)).toThrow(RangeError)
    for (const [name, value, kind] of [
      ['poolTimeoutMs', -1, RangeError],
      ['poolTimeoutMs', 'long', TypeError],
      ['connectTimeoutMs', Number.NaN, RangeError],
      ['closeTimeoutMs', -1, RangeError],
      ['maxBufferedBytes', -1, RangeError],
      ['resolve', 'dns', TypeError],
      ['random', 7, TypeError],
      ['clock', {}, TypeError],
      ['transport', {}, TypeError],
    ] as const) {
      const make = (): unknown => new ConnectionManager(1, { [name]: value })
      expect(make).toThrow(kind)
      expect(make).toThrow(name)
    }
    expect(() => ConnectionManager.withPoolTimeout(1, -1)).toThrow(RangeError)
    expect(() => createSupervisorLogic({ maxConnections: 0 })).toThrow(RangeError)
    expect(() => ConnectionManager.from({} as never)).toThrow(TypeError)
  })

  test('what is async rejects, and nothing changes', async () => {
    const { manager, transitions } = kit()
    for (const [peerId, kind] of [
      [7, TypeError],
      [undefined, TypeError],
      [null, TypeError],
      ['', RangeError],
      ['a'.repeat(513), RangeError],
    ] as const) {
      const id = peerId as string
      for (const call of [
        () => manager.connect(id),
        () => manager.disconnect(id),
        () => manager.updateStatus(id, 'Connected'),
        () => manager.updateStatuses([[id, 'Connected']]),
        () => manager.getStatus(id),
      ]) {
        const error = await outcome(call())
        expect(error).toBeInstanceOf(kind)
        expect((error as Error).message).toContain('peerId')
      }
    }
    await expect(manager.updateStatus(A, 'Nonsense' as never)).rejects.toThrow(TypeError)
    await expect(manager.updateStatus(A, 'toString' as never)).rejects.toThrow(TypeError)
    await expect(manager.updateStatuses(7 as never)).rejects.toThrow(TypeError)
    await expect(manager.connect(A, { signal: {} as never })).rejects.toThrow(TypeError)
    await expect(manager.shutdown({ timeoutMs: -1 })).rejects.toThrow(RangeError)
    await expect(manager.listen('not a url')).rejects.toThrow(TypeError)
    expect([transitions, [...manager.peers()]]).toEqual([[], []])
  })

  test('what is synchronous throws', () => {
    const { manager } = kit()
    for (const call of [
      () => manager.status(7 as never),
      () => manager.get(7 as never),
      () => manager.status$(7 as never),
      () => manager.recordMessage(7 as never),
    ]) {
      expect(call).toThrow(TypeError)
    }
    expect(() => manager.recordMessage(A, { bytes: -1 })).toThrow(RangeError)
  })

  test('listen: a scheme that nobody serves is ERR_NO_TRANSPORT, a port in use ERR_LISTEN_FAILED', async () => {
    const { manager, transport } = kit()
    await expect(manager.listen('unheard://of')).rejects.toMatchObject({ code: 'ERR_NO_TRANSPORT' })
    const cause = new Error('EADDRINUSE')
    transport.failListen(cause)
    await expect(manager.listen('scripted://here:1')).rejects.toMatchObject({ code: 'ERR_LISTEN_FAILED', cause })
  })

  test('ids that mean something to objects are ids like others', async () => {
    const { manager } = kit()
    for (const id of ['__proto__', 'constructor', 'toString', 'a'.repeat(512)]) {
      expect(manager.status(id)).toBeUndefined()
      await manager.updateStatus(id, 'Failed')
      expect(manager.status(id)).toBe('Failed')
    }
  })
})

describe('the supervisor', () => {
  test('withPoolTimeout is the constructor with a TTL', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true })
    const manager = ConnectionManager.withPoolTimeout(2, 50, { clock, transport })
    await manager.connect(A)
    await manager.disconnect(A)
    clock.advance(49)
    expect(manager.metrics.pooled).toBe(1)
    clock.advance(1)
    expect(manager.metrics.pooled).toBe(0)
  })

  test('invoked by an app’s machine, it takes commands as events, and leaves nothing when the app leaves', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true })
    const app = host(clock, transport)
    const ref = app.getSnapshot().children['peers'] as ConnectionManager['supervisor']
    const told: unknown[] = []
    ref.on('peer.transition', (event) => told.push(event))
    ref.send({ type: 'peer.report', peerId: 'mine', status: 'Connected' })
    ref.send({ type: 'peer.connect', peerId: A })
    await flush()
    const manager = ConnectionManager.from(ref)
    expect([manager.status('mine'), manager.status(A)]).toEqual(['Connected', 'Connected'])
    expect(told.length).toBe(3)
    ref.send({ type: 'peer.disconnect', peerId: 'mine' })
    expect(manager.status('mine')).toBeUndefined()
    const connection = await manager.connect(A)
    transport.autoOpen = false
    const waiting = outcome(manager.connect(B))
    await manager.listen('scripted://here:1')
    await flush()
    app.send({ type: 'leave' })
    await flush()
    expect([transport.links.size, transport.ledger.live, clock.pending, transport.listeners.length]).toEqual([0, 0, 0, 0])
    expect(await waiting).toMatchObject({ code: 'ERR_STOPPED' })
    expect((await connection.closed).kind).toBe('local')
    await expect(manager.connect(A)).rejects.toMatchObject({ code: 'ERR_STOPPED' })
    expect(manager.metrics.connections).toBe(0)
    app.stop()
  })

  test('a peer.connect event holds the peer until peer.disconnect, whatever callers do meanwhile', async () => {
    const { manager, transport } = kit()
    manager.supervisor.send({ type: 'peer.connect', peerId: A })
    const caller = new AbortController()
    const call = outcome(manager.connect(A, { signal: caller.signal }))
    caller.abort()
    expect(await call).toBe(caller.signal.reason)
    expect(manager.status(A)).toBe('Connecting')
    transport.lastDial(A)?.open()
    await flush()
    const hold = await manager.connect(A)
    await hold.release()
    expect(manager.status(A)).toBe('Connected')
    manager.supervisor.send({ type: 'peer.disconnect', peerId: A })
    expect([manager.status(A), manager.metrics.pooled]).toEqual(['Disconnected', 1])
    const again = await manager.connect(A)
    await again.release()
    expect([manager.status(A), manager.metrics.pooled]).toEqual(['Disconnected', 1])
  })

  test('a root actor that is stopped leaves nothing', async () => {
    const { manager, transport, clock, open } = kit()
    await open(A)
    await open(B)
    await manager.disconnect(B)
    const waiting = outcome(manager.connect(C))
    let completed = false
    manager.transitions$.subscribe({ complete: () => (completed = true) })
    ;(manager.supervisor as unknown as { stop(): void }).stop()
    await flush()
    expect([transport.links.size, transport.ledger.live, clock.pending, completed]).toEqual([0, 0, 0, true])
    expect(await waiting).toMatchObject({ code: 'ERR_STOPPED' })
  })

  test('an app that is stopped as a whole leaves nothing', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true })
    const app = host(clock, transport)
    const manager = ConnectionManager.from(app.getSnapshot().children['peers'] as ConnectionManager['supervisor'])
    await manager.connect(A)
    app.stop()
    await flush()
    expect([transport.links.size, clock.pending]).toEqual([0, 0])
  })

  test.each(['attach', 'close', 'abort', 'send', 'pause', 'resume', 'ping'] as const)(
    'a link that throws in %s harms nobody else, and leaves nothing',
    async (method) => {
      const clock = new VirtualClock()
      const transport = scripted({ autoOpen: true, ping: true, autoPing: 1, localPeerId: LOCAL })
      const broken = new Error(`broken ${method}`)
      const dial = transport.dial.bind(transport)
      transport.dial = async (address, options) => {
        const link = await dial(address, options)
        if (options.peerId !== A) return link
        const original: unknown = link[method]
        return Object.assign(link, {
          [method]: (...args: unknown[]) => {
            // Its own end is free all the same: what it throws is not that it did nothing.
            if ((method === 'close' || method === 'abort') && typeof original === 'function') Reflect.apply(original, link, args)
            throw broken
          },
        })
      }
      const manager = new ConnectionManager(4, { clock, transport, poolTimeoutMs: TTL, closeTimeoutMs: CLOSE_MS, maxBufferedBytes: 4 })
      await manager.connect(B)
      const connection = await manager.connect(A).catch(() => undefined)
      if (connection !== undefined) {
        for (let i = 0; i < 9; i++) transport.linkOf(A)?.receive(bytes(i))
        connection.messages$.subscribe({ error: (error) => expect(error).toBe(broken) })
        try {
          connection.send(bytes(1))
        } catch (error) {
          expect([broken.message, expect.anything()]).toContainEqual((error as Error).message)
        }
      }
      const down = manager.disconnect(A, { pool: false })
      await clock.advanceAsync(CLOSE_MS)
      await down
      expect([manager.status(B), manager.metrics.connections, manager.metrics.limit]).toEqual(['Connected', 1, 4])
      const shutting = manager.shutdown({ timeoutMs: 1 })
      await clock.advanceAsync(1)
      await shutting
      expect([clock.pending, transport.linkOf(A), transport.linkOf(B)]).toEqual([0, undefined, undefined])
    },
  )

  test('a transport that throws, or returns what is no promise, fails its dial and nobody else', async () => {
    for (const dial of [
      () => {
        throw new Error('broken transport')
      },
      () => undefined,
      () => Promise.resolve(undefined),
    ]) {
      const clock = new VirtualClock()
      const manager = new ConnectionManager(4, { clock, transport: { schemes: ['scripted'], dial: dial as never } })
      await manager.updateStatus(B, 'Connected')
      const error = await outcome(manager.connect(A))
      expect(ConnectionError.is(error)).toBe(true)
      expect([manager.status(A), manager.status(B)]).toEqual(['Failed', 'Connected'])
      await manager.shutdown()
      expect(clock.pending).toBe(0)
    }
  })
})

/** A manager on a scripted transport and a virtual clock, with what the tests ask of it. */
interface KitOptions extends Omit<ManagerOptions, 'transport' | 'clock' | 'poolTimeoutMs'> {
  readonly max?: number
  readonly ttl?: number
  readonly clock?: VirtualClock
  readonly transport?: ScriptedOptions
}

function kit({ max = 4, ttl = TTL, clock = new VirtualClock(), transport: script, ...options }: KitOptions = {}) {
  const transport = scripted({ localPeerId: LOCAL, ...script })
  const manager = new ConnectionManager(max, {
    poolTimeoutMs: ttl,
    connectTimeoutMs: CONNECT_MS,
    closeTimeoutMs: CLOSE_MS,
    ...options,
    transport,
    clock,
  })
  const transitions: Transition[] = []
  manager.transitions$.subscribe((transition) => transitions.push(transition))
  let listening: Promise<unknown> | undefined
  return {
    manager,
    transport,
    clock,
    transitions,
    reasons: (peerId: string) => transitions.filter((t) => t.peerId === peerId).map(({ reason }) => reason),
    get: (peerId: string) => [...manager.peers()].find((view) => view.peerId === peerId),
    open: async (peerId: string, open: { remotePeerId?: string } = {}): Promise<Connection> => {
      const connecting = manager.connect(peerId)
      await flush()
      if (!transport.autoOpen) transport.lastDial(peerId)?.open(open)
      return connecting
    },
    arrive: async (options_: ArriveOptions = {}): Promise<ScriptedLink> => {
      listening ??= manager.listen('scripted://here:1')
      await listening
      const link = transport.arrive(options_)
      await flush()
      return link
    },
  }
}

/** A clock whose timers may be late: time has passed, and nothing has fired. */
class LateClock extends VirtualClock {
  late = 0
  override now(): number {
    return super.now() + this.late
  }
}

function host(clock: VirtualClock, transport: ReturnType<typeof scripted>) {
  const supervisor = createSupervisorLogic({ maxConnections: 4, clock, transport })
  return createActor(
    setup({ actors: { supervisor } }).createMachine({
      initial: 'on',
      states: { on: { invoke: { src: 'supervisor', id: 'peers' }, on: { leave: 'off' } }, off: {} },
    }),
  ).start()
}

/** What a promise rejects with; undefined: it resolved. */
async function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  )
}

function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}
