/** A WebSocket transport passes the suite of every transport, is what a manager in Node speaks, and names a wrong option. */
import type { Server } from 'node:http'
import { ConnectionManager } from 'qudag-connections'
import { describe, expect, onTestFinished, test } from 'vitest'
import { testTransport } from '../../src/testing/test-transport.ts'
import { websocket } from '../../src/transports/websocket.ts'
import { LOOPBACK, socketCount } from './websocket-rig.ts'

testTransport('websocket', () => ({ dialer: websocket(), listener: websocket(), address: LOOPBACK, sockets: socketCount }), {
  describe,
  test,
})
testTransport(
  'websocket over IPv6',
  { open: () => ({ dialer: websocket(), listener: websocket(), address: 'ws://[::1]:0/peers' }), links: 100 },
  { describe, test },
)

test('a manager in Node speaks ws: without further words', async () => {
  const [hub, guest] = [new ConnectionManager(2), new ConnectionManager(2)]
  onTestFinished(async () => void (await Promise.all([hub.shutdown(), guest.shutdown()])))
  const { address } = await hub.listen(LOOPBACK)
  hub.messages$.subscribe(({ peerId, data }) => hub.get(peerId)?.send(data))
  const connection = await guest.connect(address.href)
  connection.send(new Uint8Array([7]))
  for await (const data of connection) {
    expect(data).toEqual(new Uint8Array([7]))
    break
  }
  expect([...hub.peers()].map(({ peerId }) => peerId)).toEqual([expect.stringMatching(/^inbound\+ws:\/\/127\.0\.0\.1:\d+$/)])
})

test('two links that prove one id are one peer, and the older one is told that it was replaced', async () => {
  const hub = new ConnectionManager(10, { transport: websocket({ authorize: ({ headers }) => ({ peerId: String(headers['x-who']) }) }) })
  const tab = (): ConnectionManager => new ConnectionManager(1, { transport: websocket({ headers: { 'x-who': 'ann' } }) })
  const [older, newer] = [tab(), tab()]
  onTestFinished(async () => void (await Promise.all([hub, older, newer].map((manager) => manager.shutdown()))))
  const { address } = await hub.listen(LOOPBACK)
  const first = await older.connect(address.href, { keep: true })
  await newer.connect(address.href, { keep: true })
  expect(await first.closed).toEqual({ kind: 'remote', reason: 'replaced' })
  expect([...hub.peers()].map(({ peerId, status }) => [peerId, status])).toEqual([['ann', 'Connected']])
  expect(older.explain(address.href)?.waiting).toBeUndefined()
})

test.each([
  [{ maxFrameBytes: 0 }, RangeError, /maxFrameBytes/],
  [{ maxFrameBytes: 2 ** 29 }, RangeError, /maxFrameBytes/],
  [{ highWaterMark: -1 }, RangeError, /highWaterMark/],
  [{ keepAliveMs: -1 }, RangeError, /keepAliveMs/],
  [{ handshakeTimeoutMs: 0 }, RangeError, /handshakeTimeoutMs/],
  [{ path: 'peers' }, TypeError, /path/],
  [{ server: {} as Server }, TypeError, /server/],
  [{ authorize: true as never }, TypeError, /authorize/],
  [{ authorizeTimeoutMs: 0 }, RangeError, /authorizeTimeoutMs/],
  [{ protocols: ['two words'] }, TypeError, /protocols/],
  [{ protocols: ['a', 'a'] }, TypeError, /protocols/],
  [{ tls: { requirePostQuantum: true } as never }, TypeError, /tls.requirePostQuantum needs tls.identity/],
  [{ tls: { identity: {} as never } }, TypeError, /identity/],
  [{ remoteAddress: 'x' as never }, TypeError, /remoteAddress/],
  [{ localPeerId: '' }, RangeError, /peerId/],
])('a wrong option is named: %o', (options, kind, words) => {
  expect(() => websocket(options)).toThrow(kind)
  expect(() => websocket(options)).toThrow(words)
})
