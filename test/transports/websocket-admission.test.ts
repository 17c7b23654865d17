/** Over WebSocket a dial that resolves was admitted, and one that is turned away learns why, in Node and in a page. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { EndReason } from '../../src/transports/transport.ts'
import { CloseCode, OLD_SUBPROTOCOL, SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { numbered, numberOf, record } from './link-recorder.ts'
import {
  PAGE,
  FULL,
  nothing,
  HandClock,
  DIALERS,
  gate,
  dial,
  watched,
  strangeServer,
  applicationServer,
} from './websocket-admission-rig.ts'

describe.each(DIALERS)('a dial from %s', (_where, transport) => {
  test('resolves once the other side has admitted it, and not before', async () => {
    const { listener, next } = await gate()
    const watch = watched(dial(listener, transport()))
    const arrival = await next()
    expect(arrival.remoteAddress).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    // Others come and go meanwhile.
    const other = dial(listener, transport())
    const admitted = (await next()).admit()
    await other
    expect(watch.outcome).toBeUndefined()
    const far = arrival.admit()
    const near = await watch.dialling
    const logs = [record(near), record(far)]
    far.send(numbered(1))
    near.send(numbered(2))
    for (const [i, log] of logs.entries()) expect((await log.count(1)).map(numberOf)).toEqual([i + 1])
    admitted.abort()
  })

  test('that is turned away fails with the code, the reason and the time to wait', async () => {
    const { listener, next } = await gate()
    const dialling = dial(listener, transport())
    const arrival = await next()
    arrival.refuse(FULL)
    await expect(dialling).rejects.toMatchObject({
      name: 'ConnectionError',
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_MAX_CONNECTIONS',
      reason: 'host-limit',
      retryAfterMs: 2_500,
      address: listener.address.href,
    })
    expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    arrival.refuse(FULL)
  })

  test('gets what is said right behind the hello', async () => {
    const { listener, next } = await gate()
    const dialling = dial(listener, transport())
    const far = (await next()).admit()
    for (let n = 0; n < 50; n++) far.send(numbered(n, n * 100))
    const closed = far.close('shutdown')
    const log = record(await dialling)
    expect(await log.end()).toEqual({ kind: 'remote', reason: 'shutdown' })
    expect(log.messages.map(numberOf)).toEqual(Array.from({ length: 50 }, (_, n) => n))
    await closed
  })

  test('that nobody answers with a hello ends in time', async () => {
    const clock = new HandClock()
    const armed = new Promise<void>((resolve) => (clock.onSet = resolve))
    const dialling = dial(await strangeServer(nothing), transport({ clock }))
    await armed
    for (const fire of clock.timers.values()) fire()
    await expect(dialling).rejects.toMatchObject({ code: 'ETIMEDOUT', message: expect.stringContaining('said no hello in 10000 ms') })
    expect(clock.timers.size).toBe(0)
  })

  test('that waits for a hello can be aborted, and leaves nothing behind', async () => {
    const clock = new HandClock()
    const armed = new Promise<void>((resolve) => (clock.onSet = resolve))
    let left: Promise<unknown> | undefined
    const server = await strangeServer((socket) => void (left = once(socket, 'close')))
    const abort = new AbortController()
    const dialling = dial(server, transport({ clock }), abort.signal)
    await armed
    abort.abort(new Error('enough'))
    await expect(dialling).rejects.toThrow('enough')
    await left
    expect(clock.timers.size).toBe(0)
  })

  test.each([
    ['a message', (socket: WebSocket) => socket.send(numbered(1)), { code: 'EPROTO' }],
    ['another text', (socket: WebSocket) => socket.send('ping 1'), { code: 'EPROTO' }],
    ['a hello that is no object', (socket: WebSocket) => socket.send('hello 7'), { code: 'EPROTO' }],
    ['a hello without end', (socket: WebSocket) => socket.send(`hello {"x":"${'x'.repeat(5_000)}"}`), { code: 'EPROTO' }],
    ['a close', (socket: WebSocket) => socket.close(1000), { code: 'ECONNRESET' }],
    ['a break', (socket: WebSocket) => socket.terminate(), { code: 'ECONNRESET' }],
    ['a refusal of another version', (socket: WebSocket) => socket.send('refused 7'), { code: 'ERR_REJECTED_BY_PEER' }],
    [
      'a refusal that would command a terminal, and wait for ever',
      (socket: WebSocket) => socket.send('refused {"code":"ERR_DENIED","reason":"\\u001b[2J","retryAfterMs":1e300}'),
      { remoteCode: 'ERR_DENIED', reason: 'unknown', retryAfterMs: 86_400_000 },
    ],
  ])('that gets %s instead of a hello fails', async (_what, say, error) => {
    await expect(dial(await strangeServer(say), transport())).rejects.toMatchObject(error)
  })

  test('takes a hello of a later version, as long as it may be', async () => {
    const hello = `hello {"later":"${'x'.repeat(4_096 - 12)}"}`
    const server = await strangeServer((socket) => {
      socket.send(hello)
      socket.send(numbered(1))
      socket.send(hello)
    })
    const log = record(await dial(server, transport()))
    // Only the first text may be a hello.
    expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'EPROTO' } })
    expect(log.messages.map(numberOf)).toEqual([1])
  })

  test.each<EndReason>(['disconnected', 'shutdown', 'evicted', 'replaced', 'idle'])(
    'hears that its link is %s, and says so itself',
    async (reason) => {
      const { listener, next } = await gate()
      for (const end of ['close', 'abort'] as const) {
        for (const isOurs of [true, false]) {
          const dialling = dial(listener, transport())
          const far = (await next()).admit()
          const near = await dialling
          const [from, to] = isOurs ? [near, far] : [far, near]
          const log = record(to)
          record(from)
          if (end === 'close') void from.close(reason)
          else from.abort(undefined, reason)
          expect(await log.end()).toEqual({ kind: 'remote', reason })
        }
      }
    },
  )
})

describe('a peer of another version', () => {
  test('that offers version 1 is told so, by HTTP', async () => {
    const { listener, arrivals } = await gate()
    const socket = new WebSocket(listener.address, OLD_SUBPROTOCOL)
    socket.on('error', nothing)
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
    expect(response.statusCode).toBe(426)
    expect((await response.setEncoding('utf8').toArray()).join('')).toMatch(/speaks version 1 .* this side speaks version 2/)
    expect(arrivals).toEqual([])
  })

  test('that answers as version 1 does is named as such', async () => {
    const server = createServer()
    // The words of version 1.
    const words = 'qudag-connections: not a peer of this protocol: offer the WebSocket sub-protocol qudag-connections.v1\n'
    server.on('upgrade', (_request, socket) => socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-length: ${words.length}\r\n\r\n${words}`))
    await expect(dial(await applicationServer(server))).rejects.toMatchObject({
      code: 'EPROTO',
      message: expect.stringMatching(/speaks version 1 .* this side speaks version 2/),
    })
  })
})

test('a page that is refused sees the close code too, whatever it makes of the words', async () => {
  const { listener, next } = await gate()
  const socket = new WebSocket(listener.address, SUBPROTOCOL, { origin: PAGE })
  const texts: string[] = []
  socket.on('message', (data) => texts.push((data as Buffer).toString()))
  const closed = once(socket, 'close')
  ;(await next()).refuse(FULL)
  const [code, words] = (await closed) as [number, Buffer]
  expect([code, String(words)]).toEqual([CloseCode.Refused, 'this peer may not come in (host-limit); try again in 2500 ms'])
  expect(texts).toEqual([`refused ${JSON.stringify(FULL)}`])
})
