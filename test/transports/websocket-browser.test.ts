/** Over the `WebSocket` of a browser the contract holds as far as a browser can keep it, and beyond that it says so. */
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { testTransport } from '../../src/testing/test-transport.ts'
import { websocket as browserWebsocket, type WebSocketOptions } from '../../src/transports/websocket-browser.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket } from '../../src/transports/websocket.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'
import type { Link } from '../../src/transports/transport.ts'

const never = (): AbortSignal => new AbortController().signal

/** How many sockets this process has. */
const socketCount = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

/** What stands in for a browser's class: the same events, as of a page, and as in a browser every ping is answered. */
class BrowserLike extends WebSocket {
  constructor(address: string, protocol: string) {
    super(address, protocol, { perMessageDeflate: false, maxPendingAutoPongs: 0, origin: 'http://page.example' } as ClientOptions)
  }
}

const asBrowser = (options: WebSocketOptions = {}) =>
  browserWebsocket({ WebSocket: BrowserLike as unknown as typeof globalThis.WebSocket, ...options })

testTransport(
  'websocket of a browser',
  {
    open: () => ({ dialer: asBrowser(), listener: websocket(), address: 'ws://127.0.0.1:0', sockets: socketCount }),
    cannot: { dialer: ['pause'] },
  },
  { describe, test },
)

/** Our link as a browser has it, and the bare socket of `ws` at its other end. */
async function bareServer(options: WebSocketOptions = {}): Promise<[WebSocket, Link, LinkRecorder]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (opened) => opened.send('hello {}'))
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const dialling = asBrowser(options).dial(new URL(`ws://127.0.0.1:${port}/#part`), { peerId: 'x', signal: never() })
  const [link, [socket]] = await Promise.all([dialling, once(server, 'connection') as Promise<[WebSocket]>])
  socket.on('error', () => {})
  onTestFinished(() => {
    link.abort()
    socket.terminate()
    server.close()
  })
  return [socket, link, record(link)]
}

/** Timers that fire by hand. */
class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
  fire(): void {
    const due = [...this.timers.values()]
    this.timers.clear()
    for (const f of due) f()
  }
}

/** Sends until the link pushes back for good: the system's buffers are full too. */
async function fill(link: Link): Promise<void> {
  for (let turns = 0; turns < 10; turns++) {
    while (link.send(new Uint8Array(64 * 1024))) turns = 0
    await new Promise(setImmediate)
  }
}

test('a full socket is looked at until it is well below the mark, and then no more', async () => {
  const clock = new HandClock()
  const [socket, link, log] = await bareServer({ clock, highWaterMark: 256 * 1024 })
  socket.pause()
  await fill(link)
  for (let looks = 0; looks < 3; looks++) clock.fire()
  expect([log.drains, clock.timers.size]).toEqual([0, 1])
  socket.resume()
  while (link.bufferedBytes > 128 * 1024) await once(socket, 'message')
  clock.fire()
  expect([log.drains, clock.timers.size]).toEqual([1, 0])
})

test('whatever arrives is an occasion to look, because timers are slow in a tab that nobody looks at', async () => {
  const clock = new HandClock()
  const [socket, link, log] = await bareServer({ clock, highWaterMark: 256 * 1024 })
  socket.pause()
  await fill(link)
  socket.resume()
  while (link.bufferedBytes > 0) await once(socket, 'message')
  socket.send(numbered(1))
  await log.count(1)
  expect([log.drains, clock.timers.size]).toEqual([1, 0])
})

test('the end of a link that is full leaves no timer', async () => {
  for (const end of [(link: Link) => link.abort(), (_: Link, socket: WebSocket) => socket.terminate()]) {
    const clock = new HandClock()
    const [socket, link, log] = await bareServer({ clock, highWaterMark: 256 * 1024 })
    socket.pause()
    await fill(link)
    expect(clock.timers.size).toBe(1)
    end(link, socket)
    await log.end()
    expect(clock.timers.size).toBe(0)
  }
})

test('a paused link holds what arrives, in order, up to a bound, and past it ends with ENOBUFS', async () => {
  const [socket, link, log] = await bareServer({ maxBufferedBytes: 10_000 })
  const closed = once(socket, 'close')
  link.pause()
  for (let n = 0; n < 9; n++) socket.send(numbered(n, 1000))
  socket.send('ping 1')
  // The pong shows that all of them have arrived.
  await once(socket, 'message')
  expect(log.messages).toEqual([])
  link.resume()
  await log.count(9)
  expect(log.messages.map(numberOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  link.pause()
  for (let n = 0; n < 11; n++) socket.send(numbered(n, 1000))
  expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ENOBUFS', message: expect.stringContaining('maxBufferedBytes') } })
  expect(log.messages.length).toBe(9)
  expect((await closed)[0]).toBe(4006)
})

test('a flood of empty messages counts too', async () => {
  const [socket, link, log] = await bareServer({ maxBufferedBytes: 10_000 })
  link.pause()
  for (let n = 0; n < 2_000; n++) socket.send(new Uint8Array(0))
  expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ENOBUFS' } })
})

test('a message larger than the largest ends the link, and the other side is told', async () => {
  const [socket, , log] = await bareServer({ maxFrameBytes: 10 })
  const closed = once(socket, 'close')
  socket.send(new Uint8Array(11))
  expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ERR_FRAME_TOO_LARGE' } })
  expect((await closed).map(String)).toEqual(['4009', 'more than 10 bytes'])
})

test('what a handler throws is reported, and the messages after it come', async () => {
  const [socket, , log] = await bareServer()
  const thrown: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', (error) => thrown.push(error))
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  })
  const planted = new Error('planted')
  log.onMessage = () => {
    throw planted
  }
  socket.send(numbered(1))
  socket.send(numbered(2))
  socket.send('goodbye')
  expect(await log.end()).toEqual({ kind: 'remote' })
  expect([log.messages.map(numberOf), thrown]).toEqual([
    [1, 2],
    [planted, planted],
  ])
})

test('a dial that fails says what a browser knows', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => false })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const dialling = asBrowser().dial(new URL(`ws://127.0.0.1:${port}`), { peerId: 'x', signal: never() })
  await expect(dialling).rejects.toMatchObject({ code: 'ECONNREFUSED', message: expect.stringContaining(SUBPROTOCOL) })
})

test('a browser that chooses no sub-protocol is no peer', async () => {
  class Unchosen extends EventTarget {
    readonly protocol = ''
    binaryType = 'blob'
    isClosed = false
    constructor() {
      super()
      queueMicrotask(() => this.dispatchEvent(new Event('open')))
    }
    close(): void {
      this.isClosed = true
    }
  }
  const transport = browserWebsocket({ WebSocket: Unchosen as unknown as typeof globalThis.WebSocket })
  await expect(transport.dial(new URL('ws://x'), { peerId: 'x', signal: never() })).rejects.toMatchObject({ code: 'EPROTO' })
})

test('where there is no WebSocket a dial says so, and nobody can listen', async () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket')
  Object.defineProperty(globalThis, 'WebSocket', { value: undefined, configurable: true, writable: true })
  onTestFinished(() => {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'WebSocket')
    else Object.defineProperty(globalThis, 'WebSocket', own)
  })
  const transport = browserWebsocket()
  expect(transport.listen).toBeUndefined()
  await expect(transport.dial(new URL('ws://x'), { peerId: 'x', signal: never() })).rejects.toMatchObject({ code: 'ERR_NO_TRANSPORT' })
})

test.each(['maxFrameBytes', 'highWaterMark', 'maxBufferedBytes'])('a wrong %s is named', (name) => {
  expect(() => browserWebsocket({ [name]: 0 })).toThrow(RangeError)
  expect(() => browserWebsocket({ [name]: 0 })).toThrow(name)
})
