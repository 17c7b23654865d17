/** A scripted transport does what the test says, when the test says it. */
import { scripted, flush } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import type { Link } from '../../src/transports/transport.ts'
import { PEER, handler, bytes, dialled, opened, attached } from './scripted-ends.ts'

test('a dial waits for the test, which opens it', async () => {
  const { transport, dialling, dial } = dialled()
  expect([dial.settled, dial.aborted, dial.pending, dial.peerId, dial.address.href]).toEqual([false, false, true, PEER, PEER])
  const link = dial.open({ remotePeerId: 'proven' })
  expect(await dialling).toBe(link)
  expect([link.state, link.direction, link.remotePeerId, link.remoteAddress]).toEqual(['open', 'outbound', 'proven', PEER])
  expect(dial.settled).toBe(true)
  expect(() => dial.open()).toThrow('settled already')
  expect([...transport.links]).toEqual([link])
  expect(transport.linkOf(PEER)).toBe(link)
})

test('a dial fails with what the test says', async () => {
  const { transport, dialling, dial } = dialled()
  const error = new Error('refused')
  dial.fail(error)
  await expect(dialling).rejects.toBe(error)
  expect(transport.ledger.live).toBe(0)
})

test('an aborted dial rejects with the reason at once, and listens no more', async () => {
  const { dialling, dial, abort } = dialled()
  const reason = new Error('enough')
  abort(reason)
  await expect(dialling).rejects.toBe(reason)
  expect([dial.aborted, dial.settled]).toEqual([true, true])
  expect(() => dial.open()).toThrow('settled already: aborted')
})

test('a signal that is aborted already rejects the dial', async () => {
  const transport = scripted()
  await expect(transport.dial(new URL(PEER), { peerId: PEER, signal: AbortSignal.abort('no') })).rejects.toBe('no')
  expect(transport.ledger.live).toBe(0)
})

test('a transport slow to give up opens late links, which nobody counts until somebody attaches', async () => {
  const { transport, dialling, dial, abort } = dialled({ onAbort: 'ignore' })
  abort()
  expect(transport.ledger.live).toBe(0)
  const link = dial.open()
  expect(await dialling).toBe(link)
  expect([transport.ledger.live, transport.links.size]).toEqual([0, 1])
  link.attach(handler())
  expect(transport.ledger.live).toBe(1)
})

test('a link whose dial is aborted before anybody attached is late too', () => {
  const { transport, dial, abort } = dialled()
  const link = dial.open()
  expect(transport.ledger.live).toBe(1)
  abort()
  expect([transport.ledger.live, link.state]).toEqual([0, 'open'])
  link.abort()
  expect([transport.ledger.live, transport.links.size]).toEqual([0, 0])
})

test('nothing is delivered, and nothing lost, before attach', () => {
  const link = opened()
  link.receive(bytes(1))
  link.receive(bytes(2))
  link.remoteClose()
  const h = handler()
  link.attach(h)
  expect(h.log).toEqual([1, 2, 'remote'])
  expect(() => link.attach(h)).toThrow('for once')
})

test('what broke before attach is told after what had arrived', () => {
  const link = opened()
  link.receive(bytes(1))
  link.fail(new Error('reset'))
  expect(link.state).toBe('over')
  const h = handler()
  link.attach(h)
  expect(h.log).toEqual([1, 'error'])
})

test('a paused link keeps messages, in order, and its orderly end behind them', () => {
  const { link, h } = attached()
  link.receive(bytes(1))
  link.pause()
  link.receive(bytes(2))
  link.receive(bytes(3))
  link.remoteClose()
  expect([h.log, link.paused, link.waiting, link.state]).toEqual([[1], true, 2, 'open'])
  expect(link.receive(bytes(4))).toBe(false)
  link.resume()
  expect(h.log).toEqual([1, 2, 3, 'remote'])
  expect(link.state).toBe('over')
})

test('a handler that pauses while it is given what waits gets no more', () => {
  const { link, h } = attached()
  link.pause()
  link.receive(bytes(1))
  link.receive(bytes(2))
  h.onMessage = () => link.pause()
  link.resume()
  expect([h.log, link.waiting]).toEqual([[1], 1])
})

test('a link that breaks ends at once, and takes with it what waits', () => {
  const { transport, link, h } = attached()
  link.pause()
  link.receive(bytes(1))
  link.fail(new Error('reset'))
  link.resume()
  expect(h.log).toEqual(['error'])
  expect(link.fail(new Error('again'))).toBe(false)
  expect(link.remoteClose()).toBe(false)
  expect(link.receive(bytes(1))).toBe(false)
  expect(transport.ledger.live).toBe(0)
})

test('a graceful close holds its place until the test ends it', async () => {
  const { transport, link, h } = attached()
  let over = false
  const closing = link.close().then(() => (over = true))
  expect([link.state, transport.ledger.live]).toEqual(['closing', 1])
  expect(() => link.send(bytes(1))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  await flush()
  expect(over).toBe(false)
  expect(link.finishClose()).toBe(true)
  await closing
  expect([link.state, h.log, transport.ledger.live]).toEqual(['over', ['local'], 0])
  expect(link.finishClose()).toBe(false)
  await link.close()
})

test.each(['sync', 'microtask'] as const)('a graceful close may end by itself: %s', async (autoClose) => {
  const { link, h } = attached({ autoClose })
  const closing = link.close()
  expect(link.state).toBe(autoClose === 'sync' ? 'over' : 'closing')
  await closing
  expect([link.state, h.log]).toEqual(['over', ['local']])
})

test('the other side may end a close that is under way, and close resolves', async () => {
  const { link, h } = attached()
  const closing = link.close()
  link.fail(new Error('reset'))
  await closing
  expect(h.log).toEqual(['error'])
})

test.each(['sync', 'microtask'] as const)('abort frees our end at once; the handler hears of it: %s', async (tellLocalEnd) => {
  const { transport, link, h } = attached({ tellLocalEnd })
  link.pause()
  link.receive(bytes(1))
  link.abort(new Error('why'))
  expect([link.state, transport.ledger.live, transport.links.size]).toEqual(['over', 0, 0])
  expect(h.log).toEqual(tellLocalEnd === 'sync' ? ['local'] : [])
  await flush()
  link.abort()
  expect(h.log).toEqual(['local'])
})

test('send records, says when it is too much, and drain tells', () => {
  const { transport, link, h } = attached({ highWaterMark: 10, maxFrameBytes: 4 })
  expect(link.send(bytes(1))).toBe(true)
  link.setBuffered(11)
  expect([link.send(bytes(2)), link.bufferedBytes]).toEqual([false, 11])
  link.drain()
  expect([link.bufferedBytes, h.log, link.sent.map((m) => m[0])]).toEqual([0, ['drain'], [1, 2]])
  expect(() => link.send(new Uint8Array(5))).toThrow(expect.objectContaining({ code: 'ERR_FRAME_TOO_LARGE' }))
  expect([transport.sentMessages, transport.sentBytes]).toEqual([2, 2])
})

test('pings are there only where a link can, and are in the test’s hand', async () => {
  expect('ping' in opened()).toBe(false)
  const link = opened({ ping: true }) as ReturnType<typeof opened> & Required<Pick<Link, 'ping'>>
  const controller = new AbortController()
  const first = link.ping(controller.signal)
  const second = link.ping(controller.signal)
  const third = link.ping(AbortSignal.any([controller.signal]))
  expect(link.pings).toBe(3)
  link.answerPing(12)
  link.failPing(new Error('lost'))
  expect(await first).toBe(12)
  await expect(second).rejects.toThrow('lost')
  controller.abort('stop')
  await expect(third).rejects.toBe('stop')
  expect([link.pings, link.answerPing(1)]).toEqual([0, false])
  const last = link.ping(new AbortController().signal)
  link.abort()
  await expect(last).rejects.toMatchObject({ code: 'ERR_NOT_CONNECTED' })
  await expect(link.ping(controller.signal)).rejects.toBe('stop')
  expect(await (opened({ ping: true, autoPing: 3 }) as unknown as Required<Link>).ping(new AbortController().signal)).toBe(3)
})

test('links arrive where somebody listens, and count once they are taken', async () => {
  const transport = scripted()
  expect(() => transport.arrive()).toThrow('nothing listens')
  const taken: Link[] = []
  const listener = await transport.listen(new URL('scripted://here:0'), { onLink: (link) => void taken.push(link) })
  expect(listener.address.port).not.toBe('0')
  const link = transport.arrive({ remotePeerId: 'them' })
  const unproven = transport.arrive()
  expect(taken).toEqual([link, unproven])
  expect([link.peerId, link.direction, unproven.peerId]).toEqual(['them', 'inbound', `inbound+${unproven.remoteAddress}`])
  expect([transport.ledger.live, transport.links.size]).toEqual([0, 2])
  link.attach(handler())
  expect(transport.ledger.linksOf('them')).toBe(1)
  await listener.close()
  expect(() => transport.arrive()).toThrow('nothing listens')
  transport.failListen(new Error('in use'))
  await expect(transport.listen(new URL('scripted://here'), { onLink: () => {} })).rejects.toThrow('in use')
})

test('the ledger counts at our own end, by peer, with the highest it ever was', () => {
  const events: string[] = []
  const transport = scripted({ watch: (event, peerId) => events.push(`${event} ${peerId} ${transport.ledger.live}`) })
  const { signal } = new AbortController()
  void transport.dial(new URL('scripted://a'), { peerId: 'a', signal })
  void transport.dial(new URL('scripted://b'), { peerId: 'b', signal }).catch(() => {})
  const [a, b] = transport.pendingDials
  const link = a?.open()
  link?.attach(handler())
  b?.fail(new Error('no'))
  void link?.close()
  link?.finishClose()
  expect(events).toEqual(['dial a 1', 'dial b 2', 'open a 2', 'dialEnded b 1', 'closing a 1', 'over a 0'])
  const { ledger } = transport
  expect([ledger.peak, ledger.peakHeld, ledger.dials, ledger.opens, ledger.ends]).toEqual([2, 2, 2, 1, 1])
  expect([ledger.held, ledger.peakOf('a'), ledger.peakOf('b'), [...ledger.peers()]]).toEqual([0, 1, 0, []])
})

test('dials settle by themselves where that is asked', async () => {
  const transport = scripted({ autoOpen: true, proveIds: true })
  const { signal } = new AbortController()
  const link = await transport.dial(new URL(PEER), { peerId: PEER, signal })
  expect(link.remotePeerId).toBe(PEER)
  transport.autoFail = new Error('down')
  await expect(transport.dial(new URL(PEER), { peerId: PEER, signal })).rejects.toThrow('down')
  expect(transport.ledger.live).toBe(1)
})

test('a link of a crowd is small, and nothing is kept of it but totals', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync', record: false })
  const { signal } = new AbortController()
  const one = await transport.dial(new URL(PEER), { peerId: PEER, signal })
  one.attach(handler())
  one.send(bytes(1))
  expect([transport.dials.length, transport.links.size, transport.ledger.live, transport.ledger.held]).toEqual([0, 0, 1, 1])
  expect([transport.sentMessages, transport.ledger.peakOf(PEER)]).toEqual([1, 0])
  await one.close()
  expect([transport.ledger.live, transport.ledger.opens, transport.ledger.ends]).toEqual([0, 1, 1])
})
