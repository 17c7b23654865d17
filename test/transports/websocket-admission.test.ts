/** Over WebSocket a dial that resolves was admitted, and one that is turned away learns why, in Node and in a page. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Arrival, EndReason, Link, Listener, ListenOptions, Refusal, Transport } from '../../src/transports/transport.ts'
import { websocket as browserWebsocket, type WebSocketOptions as PageOptions } from '../../src/transports/websocket-browser.ts'
import { CloseCode, OLD_SUBPROTOCOL, SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket, type WebSocketOptions } from '../../src/transports/websocket.ts'
import { numbered, numberOf, record } from './link-recorder.ts'
import { cert, key } from './localhost-certificate.ts'

const LOOPBACK = 'ws://127.0.0.1:0'
const PAGE = 'https://app.example'
const FULL: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'host-limit', retryAfterMs: 2_500 }
const never = (): AbortSignal => new AbortController().signal
const nothing = (): void => {}

/** Timers that fire by hand. */
class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  onSet: () => void = nothing
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    this.onSet()
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
}

/** What stands in for a browser's class: it says which page it is of. */
class PageLike extends WebSocket {
  constructor(address: string, protocol: string) {
    super(address, protocol, { perMessageDeflate: false, origin: PAGE })
  }
}

const inNode = (options: WebSocketOptions = {}): Transport => websocket(options)
const inPage = ({ clock }: WebSocketOptions = {}): Transport => {
  const options: PageOptions = { WebSocket: PageLike as unknown as typeof globalThis.WebSocket, ...(clock && { clock }) }
  return browserWebsocket(options)
}
const DIALERS = [
  ['Node', inNode],
  ['a page', inPage],
] as const

/** A listener of ours, and those that wait there. */
async function gate(options: WebSocketOptions = {}, address = LOOPBACK, more: Partial<ListenOptions> = {}) {
  const arrivals: Arrival[] = []
  let told: () => void = nothing
  const listener = await websocket(options).listen!(new URL(address), {
    ...more,
    onLink: () => expect.unreachable('a link was given that nobody admitted'),
    onArrival(arrival) {
      arrivals.push(arrival)
      told()
    },
  })
  onTestFinished(() => listener.close())
  async function next(): Promise<Arrival> {
    while (arrivals.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return arrivals.shift()!
  }
  return { listener, arrivals, next }
}

async function dial({ address }: Pick<Listener, 'address'>, transport: Transport = inNode(), signal = never()): Promise<Link> {
  const link = await transport.dial(new URL(address), { peerId: 'hub', signal })
  onTestFinished(() => link.abort())
  return link
}

/** What a dial comes to, looked at without waiting. */
function watched(dialling: Promise<Link>): { outcome: 'open' | 'failed' | undefined; dialling: Promise<Link> } {
  const watch = { outcome: undefined as 'open' | 'failed' | undefined, dialling }
  dialling.then(
    () => (watch.outcome = 'open'),
    () => (watch.outcome = 'failed'),
  )
  return watch
}

/** A bare HTTP request for an upgrade, and its socket. */
async function bareRequest({ address }: Pick<Listener, 'address'>, ...lines: string[]): Promise<Socket> {
  const socket = connect(Number(address.port), '127.0.0.1')
  socket.on('error', nothing)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const all = ['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...lines]
  all.push('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`)
  socket.write(`${all.join('\r\n')}\r\n\r\n`)
  return socket
}

/** A server that opens WebSockets, and does with them what it is told. */
async function strangeServer(does: (socket: WebSocket) => void): Promise<Pick<Listener, 'address'>> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (socket) => {
    socket.on('error', nothing)
    onTestFinished(() => socket.terminate())
    does(socket)
  })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  return { address: new URL(`ws://127.0.0.1:${(server.address() as { port: number }).port}`) }
}

async function applicationServer(server: Server): Promise<Pick<Listener, 'address'>> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address: new URL(`ws://127.0.0.1:${(server.address() as { port: number }).port}`) }
}

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

describe('a refusal by HTTP', () => {
  test.each<[number, Refusal]>([
    [401, { code: 'ERR_DENIED', reason: 'unauthorized' }],
    [403, { code: 'ERR_DENIED', reason: 'gate' }],
    [403, { code: 'ERR_SELF_DIAL', reason: 'self' }],
    [429, { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_200 }],
    [429, { code: 'ERR_MAX_CONNECTIONS', reason: 'subnet-limit' }],
    [503, { code: 'ERR_MAX_CONNECTIONS', reason: 'inbound-limit' }],
    [503, { code: 'ERR_STOPPED', reason: 'stopped' }],
  ])('has the status %i for %o, says when to come again, and is read by other programs too', async (status, refusal) => {
    const { listener, next } = await gate()
    const socket = await bareRequest(listener)
    ;(await next()).refuse(refusal)
    const [head = '', body] = (await socket.setEncoding('utf8').toArray()).join('').split('\r\n\r\n')
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(head).toContain(`qudag-refusal: ${JSON.stringify(refusal)}`)
    if (refusal.retryAfterMs !== undefined) expect(head).toContain('retry-after: 2')
    expect(body).toContain(refusal.reason)
  })

  test('comes before the handshake where the address alone says no, and on a server of the application', async () => {
    const verdict = { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 700 }
    const server = createServer()
    await applicationServer(server)
    for (const options of [{}, { server }]) {
      const { listener, arrivals } = await gate(options, LOOPBACK, { admits: () => verdict })
      await expect(dial(listener)).rejects.toMatchObject({
        code: 'ERR_REJECTED_BY_PEER',
        remoteCode: 'ERR_RATE_LIMITED',
        reason: 'host-rate',
        retryAfterMs: 700,
        message: expect.stringContaining('HTTP status 429'),
      })
      expect(arrivals).toEqual([])
    }
  })

  test('comes where the application says no, a page too: it learns nothing of who is there', async () => {
    const { listener } = await gate({ authorize: () => false })
    await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED' })
    await expect(dial(listener, inPage())).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('reaches a dialer under TLS, and so does a hello', async () => {
    const { listener, next } = await gate({ tls: { key, cert } }, 'wss://127.0.0.1:0')
    const refused = dial(listener, websocket({ tls: { ca: cert } }))
    ;(await next()).refuse(FULL)
    await expect(refused).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', reason: 'host-limit' })
    const dialling = dial(listener, websocket({ tls: { ca: cert } }))
    const far = (await next()).admit()
    const log = record(await dialling)
    far.send(numbered(1))
    await log.count(1)
    far.abort()
  })
})

describe('a peer that waits to be admitted', () => {
  test('and leaves is gone, once, and cannot be admitted any more', async () => {
    const { listener, next } = await gate()
    for (const leave of [(socket: Socket) => socket.end(), (socket: Socket) => socket.resetAndDestroy()]) {
      const socket = await bareRequest(listener)
      const arrival = await next()
      let gone = 0
      const left = new Promise<void>((resolve) => arrival.onGone(() => resolve(void gone++)))
      leave(socket)
      await left
      expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
      arrival.refuse(FULL)
      await new Promise<void>((resolve) => arrival.onGone(resolve))
      expect(gone).toBe(1)
    }
  })

  test('is told when the listener is closed, and so is the one that would admit it', async () => {
    const { listener, next } = await gate()
    const dialling = dial(listener)
    const arrival = await next()
    const left = new Promise<void>((resolve) => arrival.onGone(resolve))
    await Promise.all([listener.close(), left])
    await expect(dialling).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_STOPPED' })
    expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  })

  test('waits as long as it is let, and what was admitted or refused is never gone', async () => {
    const clock = new HandClock()
    const { listener, next } = await gate({ clock })
    const dialling = dial(listener)
    const arrival = await next()
    expect(clock.timers.size).toBe(0)
    let gone = 0
    arrival.onGone(() => gone++)
    const far = arrival.admit()
    expect(() => arrival.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
    const log = record(await dialling)
    far.send(numbered(1))
    await log.count(1)
    far.abort()
    await log.end()
    expect(gone).toBe(0)
  })

  test('is nobody before its request is in order', async () => {
    const { listener, arrivals } = await gate()
    const socket = connect(Number(listener.address.port), '127.0.0.1')
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`)
    expect((await socket.setEncoding('utf8').toArray()).join('')).toMatch(/^HTTP\/1.1 400 .*Sec-WebSocket-Key/s)
    expect(arrivals).toEqual([])
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
