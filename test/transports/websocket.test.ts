/** Over WebSockets the contract holds, and no stranger, crash or flood breaks it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { connect, createServer as createNetServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { ConnectionManager } from 'qudag-connections'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { testTransport } from '../../src/testing/test-transport.ts'
import type { Link, Listener } from '../../src/transports/transport.ts'
import { CloseCode, SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket, type WebSocketAuthorization, type WebSocketOptions } from '../../src/transports/websocket.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'
import { cert, key } from './localhost-certificate.ts'

const KIB = 1024
const MIB = 1024 * KIB
const LOOPBACK = 'ws://127.0.0.1:0'
const never = (): AbortSignal => new AbortController().signal

/** How many sockets this process has. */
const socketCount = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

testTransport('websocket', () => ({ dialer: websocket(), listener: websocket(), address: LOOPBACK, sockets: socketCount }), {
  describe,
  test,
})
testTransport('websocket over IPv6', () => ({ dialer: websocket(), listener: websocket(), address: 'ws://[::1]:0/peers' }), {
  describe,
  test,
})

/** Timers that fire by hand. */
class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
}

/** A listener of ours, and what arrives there. */
async function door(options: WebSocketOptions = {}, address = LOOPBACK) {
  const links: Link[] = []
  let told: (() => void) | undefined
  const listener = await websocket(options).listen!(new URL(address), {
    onLink(link) {
      links.push(link)
      told?.()
    },
  })
  onTestFinished(() => {
    void listener.close()
    for (const link of links) link.abort()
  })
  async function arrival(): Promise<Link> {
    if (links.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return links.shift()!
  }
  return { listener, links, arrival }
}

async function dial(listener: Listener | string, options: WebSocketOptions = {}, signal = never()): Promise<Link> {
  const address = new URL(typeof listener === 'string' ? listener : listener.address)
  const link = await websocket(options).dial(address, { peerId: 'x', signal })
  onTestFinished(() => link.abort())
  return link
}

/** A bare TCP socket to a listener. */
async function knock({ address }: Listener): Promise<Socket> {
  const socket = connect({ port: Number(address.port), host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** All that a socket is told before it is closed. */
async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

/** The answer to who dials with other means than ours. */
async function answerTo(socket: WebSocket): Promise<[status: number | undefined, words: string]> {
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let words = ''
  for await (const chunk of response.setEncoding('utf8')) words += chunk
  return [response.statusCode, words]
}

/** Our accepted link, and the bare client of `ws` at its other end. */
async function bareClient(options: WebSocketOptions = {}): Promise<[WebSocket, Link, LinkRecorder]> {
  const { listener, arrival } = await door(options)
  const socket = new WebSocket(listener.address, SUBPROTOCOL, { perMessageDeflate: false })
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  const [link] = await Promise.all([arrival(), once(socket, 'open')])
  return [socket, link, record(link)]
}

/** Our dialled link, and the bare socket of `ws` at its other end. */
async function bareServer(options: WebSocketOptions = {}): Promise<[WebSocket, Link, LinkRecorder]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (opened) => opened.send('hello {}'))
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const [link, [socket]] = await Promise.all([dial(`ws://127.0.0.1:${port}`, options), once(server, 'connection') as Promise<[WebSocket]>])
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.terminate()
    server.close()
  })
  return [socket, link, record(link)]
}

async function applicationServer(server: Server = createServer()): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

function portOf(server: Server): number {
  return (server.address() as { port: number }).port
}

/** Runs a program that uses the transport in a process of its own, where `ws` is installed or is not. */
async function peerProcess(contents: string, address: string, { hasWs = true } = {}): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'websocket-peer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'peer.mjs')
  const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', external: ['ws'], conditions: ['source'] })
  if (hasWs) await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  const child = fork(outfile, [address])
  onTestFinished(() => void child.kill())
  return child
}

describe('strangers', () => {
  test.each([
    ['no sub-protocol', undefined],
    ['another version', 'qudag-connections.v3'],
    ['another sub-protocol', 'chat'],
  ])('a client that offers %s is refused with words, and nobody hears of it', async (_what, protocol) => {
    const { listener, links, arrival } = await door()
    const socket = new WebSocket(listener.address, protocol === undefined ? [] : [protocol])
    expect(await answerTo(socket)).toEqual([400, expect.stringContaining('offer the WebSocket sub-protocol qudag-connections.v2')])
    expect(links).toEqual([])
    await dial(listener)
    await arrival()
  })

  test('a client that offers ours among others gets ours', async () => {
    const { listener, arrival } = await door()
    const socket = new WebSocket(listener.address, ['chat', SUBPROTOCOL])
    onTestFinished(() => socket.terminate())
    await Promise.all([once(socket, 'open'), arrival()])
    expect([socket.protocol, socket.extensions]).toEqual([SUBPROTOCOL, ''])
  })

  test.each([
    ['garbage', '\0\x01\x02 hello', /^HTTP\/1.1 400 .*not a peer of this protocol: connect by WebSocket/s],
    ['a request that is no upgrade', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', /^HTTP\/1.1 426 .*peers connect here by WebSocket/s],
    ['an upgrade to something else', 'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n', /^HTTP\/1.1 400 /],
    [
      'an upgrade without a key',
      `GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
      /^HTTP\/1.1 400 .*Sec-WebSocket-Key/s,
    ],
    [
      'another path',
      'GET /elsewhere?x HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
      /^HTTP\/1.1 404 .*\/elsewhere/s,
    ],
  ])('who sends %s is told so and cut, and others are not', async (_what, words, answer) => {
    const { listener, links, arrival } = await door()
    const near = await dial(listener)
    const log = record(await arrival())
    const socket = await knock(listener)
    const said = everything(socket)
    socket.write(words, 'latin1')
    expect(await said).toMatch(answer)
    expect(links).toEqual([])
    near.send(numbered(1))
    await log.count(1)
  })

  test('who connects and asks for nothing is cut after the deadline; who does is not', async () => {
    const clock = new HandClock()
    const { listener, links, arrival } = await door({ clock })
    const [silent, dribbling] = [await knock(listener), await knock(listener)]
    dribbling.write('GET / HTTP/1.1\r\nHo')
    const near = await dial(listener)
    const log = record(await arrival())
    expect(clock.timers.size).toBe(2)
    const said = [everything(silent), everything(dribbling)]
    for (const fire of clock.timers.values()) fire()
    for (const words of await Promise.all(said)) expect(words).toMatch(/^HTTP\/1.1 408 .*no WebSocket in 10000 ms/s)
    expect([links.length, clock.timers.size]).toEqual([0, 0])
    near.send(numbered(1))
    await log.count(1)
  })

  test('who does not even encrypt at a port that does is cut after the deadline', async () => {
    const clock = new HandClock()
    const { listener, arrival } = await door({ clock, tls: { key, cert } }, 'wss://127.0.0.1:0')
    const silent = await knock(listener)
    await dial(listener, { tls: { ca: cert } })
    await arrival()
    expect(clock.timers.size).toBe(1)
    const cut = once(silent.resume(), 'close')
    for (const fire of clock.timers.values()) fire()
    await cut
  })

  test('closing the listener cuts those that are still at the door, and leaves no timer', async () => {
    const clock = new HandClock()
    const { listener } = await door({ clock })
    const silent = await knock(listener)
    // Somebody who is answered after it shows that it has come.
    await answerTo(new WebSocket(listener.address))
    const cut = once(silent.resume(), 'close')
    await listener.close()
    await cut
    expect(clock.timers.size).toBe(0)
  })

  test.each([
    ['a text that is no control', (socket: WebSocket) => socket.send('hello'), 'EPROTO', CloseCode.ProtocolError],
    ['a control with a number too large', (socket: WebSocket) => socket.send('ping 4294967296'), 'EPROTO', CloseCode.ProtocolError],
    ['a megabyte of text', (socket: WebSocket) => socket.send('x'.repeat(MIB)), 'EPROTO', CloseCode.ProtocolError],
    [
      'a message larger than the largest',
      (socket: WebSocket) => socket.send(new Uint8Array(MIB + 1)),
      'ERR_FRAME_TOO_LARGE',
      CloseCode.TooLarge,
    ],
  ])('%s ends the link with an error, and no other', async (_what, send, code, closeCode) => {
    const [bad, , badLog] = await bareClient({ maxFrameBytes: MIB })
    const [good, , goodLog] = await bareClient()
    bad.send(numbered(1))
    send(bad)
    const closed = once(bad, 'close')
    expect(await badLog.end()).toMatchObject({ kind: 'error', error: { code } })
    expect(badLog.messages.map(numberOf)).toEqual([1])
    // The other side may have been cut before it could read why.
    expect([closeCode, CloseCode.Broken]).toContain((await closed)[0])
    good.send(numbered(2))
    expect((await goodLog.count(1)).map(numberOf)).toEqual([2])
  })

  test('bytes that are no WebSocket frame end the link with EPROTO', async () => {
    const [socket, , log] = await bareServer()
    const { _socket: stream } = socket as unknown as { _socket: Socket }
    stream.write(Buffer.from([0xff, 0xff, 0xff]))
    expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'EPROTO' } })
  })
})

describe('a dial', () => {
  test('fails where the server does not choose our sub-protocol', async () => {
    const server = await applicationServer()
    const sockets = new WebSocketServer({ server, handleProtocols: () => false })
    onTestFinished(() => sockets.close())
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toMatchObject({
      code: 'EPROTO',
      message: expect.stringMatching(/no peer of this protocol \(qudag-connections.v2\): Server sent no subprotocol/),
    })
  })

  test('says with which status and words the server refused it', async () => {
    const server = await applicationServer()
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\nnot yet'))
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('503 Service Unavailable: not yet'),
    })
    const { listener } = await door()
    await expect(dial(new URL('/elsewhere', listener.address).href)).rejects.toThrow(/404 Not Found: .*no peer listens at \/elsewhere/)
  })

  test('is not held up by a refusal without end, and can be aborted while it is read', async () => {
    const server = await applicationServer()
    server.on('upgrade', (_request, socket) => {
      socket.on('error', () => {})
      const babble = (): void => {
        while (!socket.destroyed && socket.write('x'.repeat(KIB)));
      }
      socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')
      socket.on('drain', babble)
      babble()
    })
    await expect(dial(`ws://127.0.0.1:${portOf(server)}`)).rejects.toThrow(/400 Bad Request: x+$/)
    const silent = await applicationServer()
    const asked = new Promise<void>((resolve) => {
      silent.on('upgrade', (_request, socket) => {
        socket.on('error', () => {})
        socket.write('HTTP/1.1 400 Bad Request\r\n\r\n', () => resolve())
      })
    })
    const abort = new AbortController()
    const dialling = dial(`ws://127.0.0.1:${portOf(silent)}`, {}, abort.signal)
    await asked
    abort.abort(new Error('enough'))
    await expect(dialling).rejects.toThrow('enough')
  })

  test('fails at a server that speaks something else', async () => {
    const server = createNetServer((socket) => socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    await expect(dial(`ws://127.0.0.1:${portOf(server as Server)}`)).rejects.toMatchObject({ code: expect.stringMatching(/^HPE_/) })
  })

  test('fails with the platform’s own error, and shows no password', async () => {
    const { listener, arrival } = await door()
    const address = new URL(listener.address)
    address.username = 'me'
    address.password = 'secret'
    const near = await dial(address.href)
    expect(near.remoteAddress).toBe(listener.address.href)
    expect((await arrival()).remoteAddress).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/)
    await listener.close()
    await expect(dial(address.href)).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  })

  test('sends headers where it is told to', async () => {
    const server = await applicationServer()
    const { arrival } = await door({ server, remoteAddress: ({ headers }) => String(headers['x-who']) })
    await dial(`ws://127.0.0.1:${portOf(server)}`, { headers: { 'x-who': 'ws://ann' } })
    expect((await arrival()).remoteAddress).toBe('ws://ann')
  })
})

describe('a listener', () => {
  test('is at the path of its address, or at the one that is an option', async () => {
    const { listener } = await door({ path: '/peers' })
    expect(listener.address.pathname).toBe('/peers')
    await dial(listener)
    await expect(dial(new URL('/', listener.address).href)).rejects.toThrow(/404/)
    expect((await door({ path: '/peers' }, `${LOOPBACK}/others`)).listener.address.pathname).toBe('/others')
  })

  test('may be on a server of the application, and is gone from it when it is closed', async () => {
    const server = await applicationServer(createServer((_request, response) => response.end('the application')))
    const { listener, arrival } = await door({ server }, 'ws://example.invalid/peers')
    expect(listener.address.href).toBe(`ws://127.0.0.1:${portOf(server)}/peers`)
    const near = await dial(listener)
    const log = record(await arrival())
    const [response] = (await once(get(`http://127.0.0.1:${portOf(server)}/`), 'response')) as [IncomingMessage]
    expect(await response.setEncoding('utf8').toArray()).toEqual(['the application'])
    expect(server.listenerCount('upgrade')).toBe(1)
    await listener.close()
    expect([server.listenerCount('upgrade'), server.listening]).toEqual([0, true])
    near.send(numbered(1))
    await log.count(1)
  })

  test('shares a server with others, each at its path, and leaves other upgrades alone', async () => {
    const server = await applicationServer()
    const a = await door({ server }, 'ws://x/a')
    const b = await door({ server }, 'ws://x/b')
    await expect(websocket({ server }).listen!(new URL('ws://x/a'), { onLink() {} })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await Promise.all([dial(b.listener), b.arrival()])
    await a.listener.close()
    await expect(dial(a.listener)).rejects.toThrow(/404/)
    server.on('upgrade', (request, socket) => {
      if (request.url === '/theirs') socket.end('HTTP/1.1 418 I am a teapot\r\n\r\n')
    })
    await expect(dial(`ws://127.0.0.1:${portOf(server)}/theirs`)).rejects.toThrow(/418/)
    await Promise.all([dial(b.listener), b.arrival()])
  })

  test('takes its path of a server that does not listen yet, knows the port once it does, and leaves when it is closed', async () => {
    const server = createServer()
    const listener = await websocket({ server }).listen!(new URL('ws://x/'), { onLink() {} })
    expect(listener.address.port).toBe('0')
    await applicationServer(server)
    expect(listener.address.port).toBe(String(portOf(server)))
    await listener.close()
    expect(server.listenerCount('upgrade')).toBe(0)
  })

  test('asks the application who an arriving peer is, and whether it may come in', async () => {
    const told: Record<string, string | undefined> = { '/1': '10.0.0.7', '/2': '2001:db8::7', '/3': 'ws://10.0.0.7:99', '/4': undefined }
    const server = await applicationServer()
    const options: WebSocketOptions = {
      server,
      authorize: ({ headers }) => headers.origin !== 'https://evil.example',
      remoteAddress({ url = '' }) {
        if (url === '/5') throw new Error('planted')
        return told[url]
      },
    }
    const seen: string[] = []
    for (const path of Object.keys(told)) {
      const { listener, arrival } = await door(options, `ws://x${path}`)
      await dial(listener)
      seen.push((await arrival()).remoteAddress)
    }
    expect(seen).toEqual(['ws://10.0.0.7', 'ws://[2001:db8::7]', 'ws://10.0.0.7:99', expect.stringMatching(/^ws:\/\/127\.0\.0\.1:\d+$/)])
    const { listener, links } = await door(options, 'ws://x/5')
    await expect(dial(listener)).rejects.toThrow(/403 Forbidden/)
    await expect(
      dial(`ws://127.0.0.1:${portOf(server)}/1`, { headers: { origin: 'https://evil.example', cookie: 'a=b' } }),
    ).rejects.toThrow(/403/)
    expect(links).toEqual([])
  })

  test('asks the application which peer id a request proves, and refuses where it is at fault', async () => {
    const told: Record<string, unknown> = {
      '/1': { peerId: 'ann' },
      '/2': Promise.resolve({ peerId: 'ben' }),
      '/3': true,
      '/4': { peerId: '' },
      '/5': { peerId: 'inbound+ws://ann' },
      '/6': undefined,
      '/7': false,
    }
    const server = await applicationServer()
    const asked: string[] = []
    const errors: string[] = []
    const listeners: Listener[] = []
    const links: Link[] = []
    const options: WebSocketOptions = {
      server,
      authorize({ url = '' }) {
        asked.push(url)
        return told[url] as WebSocketAuthorization
      },
    }
    for (const path of Object.keys(told)) {
      listeners.push(
        await websocket(options).listen!(new URL(`ws://x${path}`), {
          onLink: (link) => void links.push(link),
          onError: (_thrown, callback) => void errors.push(callback),
        }),
      )
    }
    for (const listener of listeners.slice(0, 3)) await dial(listener)
    for (const listener of listeners.slice(3))
      await expect(dial(listener)).rejects.toMatchObject({ code: 'ERR_REJECTED_BY_PEER', remoteCode: 'ERR_DENIED' })
    expect(links.map(({ remotePeerId }) => remotePeerId)).toEqual(['ann', 'ben', undefined])
    expect(asked).toEqual(Object.keys(told))
    expect(errors).toEqual(['authorize', 'authorize', 'authorize'])
    for (const listener of listeners) void listener.close()
    for (const link of links) link.abort()
  })

  test('encrypts at wss:, on a server of its own or of the application, and a dialer proves whom it reached', async () => {
    const own = await door({ tls: { key, cert } }, 'wss://127.0.0.1:0')
    const theirs = await door({ server: await applicationServer(createSecureServer({ key, cert })) })
    for (const { listener, arrival } of [own, theirs]) {
      expect(listener.address.protocol).toBe('wss:')
      const near = await dial(listener, { tls: { ca: cert } })
      const far = await arrival()
      expect(far.remoteAddress).toMatch(/^wss:\/\/127\.0\.0\.1:\d+$/)
      const log = record(far)
      record(near)
      far.pause()
      let sent = 0
      // The system takes some of it away in each turn, until its buffers are full too.
      for (let turns = 0; turns < 10; turns++) {
        while (near.send(numbered(sent++, 64 * KIB))) turns = 0
        await new Promise(setImmediate)
      }
      expect(near.bufferedBytes).toBeGreaterThan(MIB)
      far.resume()
      expect(await near.ping!(never())).toBeGreaterThanOrEqual(0)
      await near.close()
      expect(await log.end()).toEqual({ kind: 'remote' })
      expect(log.messages.map(numberOf)).toEqual(Array.from({ length: sent }, (_, n) => n))
      await expect(dial(listener)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    }
    await expect(door({}, 'wss://127.0.0.1:0')).rejects.toThrow(/tls.cert/)
  })
})

describe('a link', () => {
  test.each([
    ['code 1000', (socket: WebSocket) => socket.close(1000), { kind: 'remote' }],
    ['a page that is left', (socket: WebSocket) => socket.close(1001), { kind: 'remote' }],
    ['no code', (socket: WebSocket) => socket.close(), { kind: 'remote' }],
    ['a goodbye', (socket: WebSocket) => socket.send('goodbye'), { kind: 'remote' }],
    [
      'an error of its own',
      (socket: WebSocket) => socket.close(1011, 'oops'),
      { kind: 'error', error: { message: expect.stringContaining('1011: "oops"') } },
    ],
    ['a refusal of our message', (socket: WebSocket) => socket.close(1009), { kind: 'error', error: { code: 'ERR_FRAME_TOO_LARGE' } }],
    ['a browser’s abort', (socket: WebSocket) => socket.close(4006), { kind: 'error', error: { code: 'ECONNRESET' } }],
    ['no close at all', (socket: WebSocket) => socket.terminate(), { kind: 'error', error: { code: 'ECONNRESET' } }],
  ])('ends after all that was sent, as the other side says: %s', async (_what, end, reason) => {
    for (const open of [bareClient, bareServer]) {
      const [socket, , log] = await open()
      for (let n = 0; n < 3; n++) socket.send(numbered(n), () => {})
      const [{ length }] = await Promise.all([log.count(3), new Promise((resolve) => socket.send(numbered(3), resolve))])
      expect(length).toBeGreaterThanOrEqual(3)
      end(socket)
      expect(await log.end()).toMatchObject(reason)
      expect(log.messages.map(numberOf)).toEqual([0, 1, 2, 3])
    }
  })

  test('that is paused still hands on what came before the end', async () => {
    const [socket, link, log] = await bareClient()
    log.onMessage = () => link.pause()
    const { _socket: stream } = socket as unknown as { _socket: Socket }
    stream.cork()
    for (let n = 1; n <= 3; n++) socket.send(numbered(n))
    socket.send('goodbye')
    stream.uncork()
    for (let n = 1; n <= 3; n++) {
      await log.count(n)
      await new Promise(setImmediate)
      expect([log.messages.map(numberOf).at(-1), log.reasons.length]).toEqual([n, 0])
      link.resume()
    }
    expect(await log.end()).toEqual({ kind: 'remote' })
    expect(log.messages.map(numberOf)).toEqual([1, 2, 3])
  })

  test('says goodbye, and waits for the other side to hang up', async () => {
    const [socket, link, log] = await bareClient()
    const said: string[] = []
    socket.on('message', (data, isBinary) => said.push(isBinary ? 'bytes' : (data as Buffer).toString()))
    link.send(new Uint8Array(3))
    const closed = link.close()
    while (said.length < 2) await once(socket, 'message')
    expect([said, log.reasons]).toEqual([['bytes', 'goodbye'], []])
    socket.send(numbered(7))
    await log.count(1)
    socket.send('goodbye')
    const [code] = (await once(socket, 'close')) as [number]
    await closed
    expect([code, log.reasons]).toEqual([1000, [{ kind: 'local' }]])
  })

  test('answers pings as frames and as texts, the browser’s way', async () => {
    const [socket] = await bareClient()
    socket.send('ping 4294967295')
    expect(String((await once(socket, 'message'))[0])).toBe('pong 4294967295')
    socket.ping('any')
    expect(String((await once(socket, 'pong'))[0])).toBe('any')
  })

  test('ignores pongs that nobody asked for', async () => {
    const [socket, , log] = await bareClient()
    for (let n = 0; n < 1000; n++) socket.pong(Buffer.from([0, 0, n >> 8, n & 0xff]))
    socket.pong('odd')
    socket.send('pong 7')
    socket.send(numbered(1))
    await log.count(1)
    expect(log.reasons).toEqual([])
  })

  test.each(['frames', 'texts'])(
    'takes a flood of pings as %s from a side that does not read in bounded memory, and answers the latest',
    async (how) => {
      const [socket, link, log] = await bareClient({ highWaterMark: 64 * KIB })
      socket.pause()
      let most = 0
      const flood = 400_000
      for (let n = 1; n <= flood; n++) {
        if (how === 'texts') socket.send(`ping ${n}`)
        else socket.ping(Buffer.from(`ping ${n}`.padStart(100)))
        if (n % 5_000 === 0) {
          await new Promise((resolve) => socket.send(numbered(n), resolve))
          most = Math.max(most, link.bufferedBytes)
        }
      }
      await log.count(flood / 5_000)
      most = Math.max(most, link.bufferedBytes)
      expect(most).toBeLessThan(256 * KIB)
      let last = ''
      const answered = new Promise<void>((resolve) => {
        const hear = (data: unknown): void => {
          last = String(data).trim()
          if (last.endsWith(` ${flood}`)) resolve()
        }
        socket.on(how === 'texts' ? 'message' : 'pong', hear)
      })
      socket.resume()
      await answered
    },
  )

  test('refuses at the other side too what is larger than its largest message', async () => {
    for (const [nearOptions, farOptions] of [
      [{}, { maxFrameBytes: 10 }],
      [{ maxFrameBytes: 10 }, {}],
    ]) {
      const { listener, arrival } = await door(farOptions)
      const [near, far] = await Promise.all([dial(listener, nearOptions), arrival()])
      const [from, to] = farOptions?.maxFrameBytes === undefined ? [far, near] : [near, far]
      const [fromLog, toLog] = [record(from), record(to)]
      from.send(new Uint8Array(10))
      from.send(new Uint8Array(11))
      expect(await toLog.end()).toMatchObject({ kind: 'error', error: { code: 'ERR_FRAME_TOO_LARGE' } })
      expect(toLog.messages.length).toBe(1)
      expect(await fromLog.end()).toMatchObject({
        kind: 'error',
        error: { code: expect.stringMatching(/ERR_FRAME_TOO_LARGE|ECONNRESET|EPIPE/) },
      })
    }
  })

  test('of 16 MiB messages both ways at once', async () => {
    const { listener, arrival } = await door()
    const [near, far] = await Promise.all([dial(listener), arrival()])
    const logs = [record(near), record(far)]
    const message = new Uint8Array(16 * MIB)
    for (let at = 0; at < message.length; at += 4099) message[at] = at & 0xff
    near.send(message)
    far.send(message)
    for (const log of logs) expect(Buffer.compare((await log.count(1))[0]!, message)).toBe(0)
  })
})

describe('a process', () => {
  test('that is killed is an error; one that leaves in order is not, and ends by itself', async () => {
    const { listener, arrival } = await door()
    for (const way of ['killed', 'leaves'] as const) {
      const child = await peerProcess(
        `
        import { websocket } from '../../src/transports/websocket.ts'
        const link = await websocket().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
        link.attach({ message: () => void link.close(), drain() {}, closed: () => process.disconnect() })
        link.send(new Uint8Array([1, 2, 3]))`,
        listener.address.href,
      )
      const exit = once(child, 'exit')
      const link = await arrival()
      const log = record(link)
      expect((await log.count(1))[0]).toEqual(new Uint8Array([1, 2, 3]))
      if (way === 'killed') child.kill('SIGKILL')
      else link.send(numbered(1))
      expect((await log.end()).kind).toBe(way === 'killed' ? 'error' : 'remote')
      expect((await exit)[0]).toBe(way === 'killed' ? null : 0)
    }
  })

  test('whose handler throws loses no message after it, nor the end', async () => {
    const { listener, arrival } = await door()
    const child = await peerProcess(
      `
      import { websocket } from '../../src/transports/websocket.ts'
      const got = []
      let thrown = 0
      process.on('uncaughtException', () => thrown++)
      const link = await websocket().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
      link.attach({
        message(data) { got.push(data[3]); throw new Error('planted') },
        drain() {},
        closed: (reason) => setImmediate(() => process.send([thrown, got, reason.kind], () => process.disconnect())),
      })`,
      listener.address.href,
    )
    const link = await arrival()
    record(link)
    for (let n = 0; n < 5; n++) link.send(numbered(n))
    void link.close()
    expect((await once(child, 'message'))[0]).toEqual([5, [0, 1, 2, 3, 4], 'remote'])
  })

  test('without the package ws is told to install it, by the transport and by a manager', async () => {
    const { listener } = await door()
    const child = await peerProcess(
      `
      import { ConnectionManager } from '../../src/index.ts'
      import { websocket } from '../../src/transports/websocket.ts'
      const address = new URL(process.argv[2]!)
      const told = ({ name, code, message, cause }) => ({ name, code, message, causeCode: cause?.code })
      const signal = new AbortController().signal
      const manager = new ConnectionManager(1)
      const errors = await Promise.all([
        websocket().dial(address, { peerId: 'x', signal }).catch(told),
        websocket().listen(address, { onLink() {} }).catch(told),
        manager.connect(address.href).catch(told),
        manager.listen('ws://127.0.0.1:0').catch(told),
      ])
      await manager.shutdown()
      process.send(errors, () => process.disconnect())`,
      listener.address.href,
      { hasWs: false },
    )
    const [[errors], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[unknown[]], [number]]
    const missing = { name: 'ConnectionError', code: 'ERR_NO_TRANSPORT', message: expect.stringMatching(/'ws'.*npm install ws$/) }
    expect(errors).toEqual([
      expect.objectContaining({ ...missing, causeCode: 'ERR_MODULE_NOT_FOUND' }),
      expect.objectContaining(missing),
      expect.objectContaining(missing),
      expect.objectContaining(missing),
    ])
    expect(code).toBe(0)
  })
})

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
