/** A transport of somebody else that throws or answers nonsense never wedges the manager, nor does what a command is given. */
import type { Link, Transport } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { A, C, boom, setUp, works, recount, overlaid, spied } from './wrong-code-rig.ts'

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
