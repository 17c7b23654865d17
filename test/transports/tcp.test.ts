/** Over real sockets the contract holds, and no stranger, crash or flood breaks it. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { controlFrame, FrameKind, GOODBYE, GREETING, HEADER_BYTES, PREAMBLE, writeDataHeader } from '../../src/transports/frames.ts'
import { tcp, type TcpOptions } from '../../src/transports/tcp.ts'
import type { Arrival, Link } from '../../src/transports/transport.ts'
import { linkContract } from './link-contract.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'

const MIB = 1024 * 1024
const LOOPBACK = new URL('tcp://127.0.0.1:0')
const never = (): AbortSignal => new AbortController().signal

linkContract('tcp', () => ({ transport: tcp(), address: LOOPBACK, maxFrameBytes: 16 * MIB }))
linkContract('tcp over IPv6', () => ({ transport: tcp(), address: new URL('tcp://[::1]:0'), maxFrameBytes: 16 * MIB }))

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

function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length)
  writeDataHeader(bytes, 0, payload.length)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

function header(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A listener of ours, what arrives there, and a bare socket as the stranger that knocks. */
async function door(options: TcpOptions = {}) {
  const links: Link[] = []
  let told: (() => void) | undefined
  const listener = await tcp(options).listen!(LOOPBACK, {
    onLink(link) {
      links.push(link)
      told?.()
    },
  })
  onTestFinished(() => {
    void listener.close()
    for (const link of links) link.abort()
  })
  const port = Number(listener.address.port)
  async function knock(): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  async function arrival(): Promise<Link> {
    if (links.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return links.shift()!
  }
  return { listener, links, port, knock, arrival }
}

/** A stranger that has introduced itself as a peer, and our link to it. */
async function bareDialer(options: TcpOptions = {}): Promise<[Socket, Link, LinkRecorder]> {
  const { knock, arrival } = await door(options)
  const socket = await knock()
  socket.write(GREETING)
  const link = await arrival()
  return [socket, link, record(link)]
}

/** A bare server that says this to whoever connects, and a dial of it. */
async function bareServer(
  says: Uint8Array | string,
  options: TcpOptions = {},
): Promise<{ socket: Promise<Socket>; dialing: Promise<Link> }> {
  const server = createServer((socket) => void socket.on('error', () => {}).write(says)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const arrived = once(server, 'connection') as Promise<[Socket]>
  const dialing = tcp(options).dial(new URL(`tcp://127.0.0.1:${port}`), { peerId: 'x', signal: never() })
  const socket = arrived.then(([one]) => {
    server.close()
    onTestFinished(() => void one.destroy())
    return one
  })
  return { socket, dialing }
}

/** Our dialled link, and the bare socket at its other end. */
async function bareListener(options: TcpOptions = {}): Promise<[Socket, Link, LinkRecorder]> {
  const { socket, dialing } = await bareServer(GREETING, options)
  const link = await dialing
  onTestFinished(() => link.abort())
  return [await socket, link, record(link)]
}

async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

/** Runs a program that uses the transport in a process of its own. */
async function peerProcess(contents: string, address: string): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tcp-peer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'peer.mjs')
  const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node' })
  const child = fork(outfile, [address])
  onTestFinished(() => void child.kill())
  return child
}

test('a stranger that is not a peer is told so and cut, and nobody hears of it', async () => {
  const { knock, links, arrival } = await door()
  for (const words of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\0\0\0\0\0\0']) {
    const socket = await knock()
    const said = everything(socket)
    socket.write(words, 'latin1')
    expect((await said).toString()).toMatch(/qudag-connections: not a peer/)
  }
  expect(links).toEqual([])
  const peer = await knock()
  peer.write(GREETING)
  await arrival()
})

test('who connects and does not say that it is a peer is cut after the deadline; who does is not', async () => {
  const clock = new HandClock()
  const { knock, links, arrival } = await door({ clock })
  const [silent, dribbling, peer] = [await knock(), await knock(), await knock()]
  dribbling.write(PREAMBLE.subarray(0, 3))
  peer.write(GREETING)
  const link = await arrival()
  expect(clock.timers.size).toBe(2)
  const cut = [once(silent, 'close'), once(dribbling, 'close')]
  for (const socket of [silent, dribbling]) socket.resume()
  for (const fire of clock.timers.values()) fire()
  await Promise.all(cut)
  expect(links).toEqual([])
  const log = record(link)
  peer.write(frame(numbered(1)))
  await log.count(1)
})

test('closing the listener cuts those that are still at the door', async () => {
  const clock = new HandClock()
  const { listener, knock, arrival } = await door({ clock })
  const silent = await knock()
  const peer = await knock()
  peer.write(GREETING)
  await arrival()
  const cut = once(silent.resume(), 'close')
  await listener.close()
  await cut
  expect(clock.timers.size).toBe(0)
})

test('a dialled stranger never becomes a link: it fails as soon as it speaks', async () => {
  const { dialing } = await bareServer('SSH-2.0-OpenSSH_9.2\r\n')
  await expect(dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('"SSH-"') })
})

test('a silent server of something else is not connected to: the dial fails after the deadline, and leaves no socket', async () => {
  const clock = new HandClock()
  const { socket, dialing } = await bareServer('', { clock })
  const gone = once((await socket).resume(), 'close')
  while (clock.timers.size === 0) await new Promise(setImmediate)
  for (const fire of clock.timers.values()) fire()
  await expect(dialing).rejects.toMatchObject({ code: 'ETIMEDOUT' })
  await gone
})

test('a listener that takes its time to admit is a peer: only who dials ends the wait', async () => {
  const clock = new HandClock()
  const { socket, dialing } = await bareServer(PREAMBLE, { clock })
  const peer = await socket
  await once(peer, 'data')
  while (clock.timers.size > 0) await new Promise(setImmediate)
  peer.write(GREETING.subarray(PREAMBLE.length))
  ;(await dialing).abort()
})

test('a peer of another version is told apart from a stranger, by who dials and by who listens', async () => {
  const { dialing } = await bareServer('QDC\x07')
  await expect(dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('speaks version 7') })
  // What a listener of version 1 says to whoever is not of its version.
  const old = await bareServer('qudag-connections: not a peer of this protocol\r\n')
  await expect(old.dialing).rejects.toMatchObject({ code: 'EPROTO', message: expect.stringContaining('speaks version 1') })
  const { knock, links } = await door()
  const socket = await knock()
  const said = everything(socket)
  socket.write('QDC\x01')
  const text = (await said).toString('latin1')
  expect(text.slice(0, 4)).toBe('QDC\x02')
  expect(text).toContain('"code":"ERR_VERSION"')
  expect(links).toEqual([])
})

test('a dial that is turned away is told why, and when to come again', async () => {
  const refusal = { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_500 }
  for (const early of [true, false]) {
    const listener = await tcp().listen!(new URL('tcp://127.0.0.1:0'), {
      onLink: () => expect.unreachable(),
      onArrival: (arrival) => arrival.refuse(refusal),
      ...(early ? { admits: () => refusal } : {}),
    })
    const dialing = tcp().dial(listener.address, { peerId: 'x', signal: never() })
    await expect(dialing).rejects.toMatchObject({
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_RATE_LIMITED',
      reason: 'host-rate',
      retryAfterMs: 1_500,
    })
    await listener.close()
  }
})

test('what waits to be admitted is not read, and its end is told', async () => {
  const arrivals: Arrival[] = []
  const listener = await tcp().listen!(new URL('tcp://127.0.0.1:0'), {
    onLink: () => expect.unreachable(),
    onArrival: (arrival) => void arrivals.push(arrival),
  })
  const abort = new AbortController()
  const dialing = tcp().dial(listener.address, { peerId: 'x', signal: abort.signal })
  while (arrivals.length === 0) await new Promise(setImmediate)
  const gone = new Promise<void>((resolve) => arrivals[0]!.onGone(resolve))
  abort.abort(new Error('enough'))
  await expect(dialing).rejects.toThrow('enough')
  await gone
  expect(() => arrivals[0]!.admit()).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
  await listener.close()
})

test('a close tells its reason, and so does an abort without a cause', async () => {
  const { listener, arrival } = await door()
  for (const how of ['close', 'abort'] as const) {
    const near = await tcp().dial(listener.address, { peerId: 'x', signal: never() })
    const log = record(near)
    const far = await arrival()
    record(far)
    if (how === 'close') await far.close('evicted')
    else far.abort(undefined, 'evicted')
    expect(await log.end()).toEqual({ kind: 'remote', reason: 'evicted' })
  }
})

test.each([
  ['an unknown kind', header(0xe0_00_00_04), 'EPROTO'],
  ['a goodbye with a long payload', header(0x60_00_00_41), 'EPROTO'],
  ['a second hello', header(0x80_00_00_00), 'EPROTO'],
  ['a refusal of what is admitted', header(0xa0_00_00_00), 'EPROTO'],
  ['a ping without its id', header(0x20_00_00_00), 'EPROTO'],
  ['a pong of a gigabyte', header(0x5f_ff_ff_ff), 'EPROTO'],
  ['a message larger than the largest', header(MIB + 1), 'ERR_FRAME_TOO_LARGE'],
])('%s ends the link at once and no other', async (_what, bytes, code) => {
  const { knock, arrival } = await door({ maxFrameBytes: MIB })
  const [bad, good] = [await knock(), await knock()]
  bad.write(Buffer.concat([GREETING, frame(numbered(1)), bytes]))
  const badLog = record(await arrival())
  good.write(GREETING)
  const goodLog = record(await arrival())
  expect(await badLog.end()).toMatchObject({ kind: 'error', error: { code } })
  expect(badLog.messages.map(numberOf)).toEqual([1])
  good.write(frame(numbered(2)))
  expect((await goodLog.count(1)).map(numberOf)).toEqual([2])
})

test('headers and messages that come byte by byte come whole', async () => {
  const [socket, , log] = await bareDialer()
  const bytes = Buffer.concat([frame(numbered(1, 70)), frame(new Uint8Array(0)), frame(numbered(2, 100)), GOODBYE])
  for (const byte of bytes) {
    socket.write(Uint8Array.of(byte))
    await new Promise(setImmediate)
  }
  expect(await log.end()).toEqual({ kind: 'remote' })
  expect(log.messages.map((message) => message.length)).toEqual([70, 0, 100])
})

test('16 MiB announced and one byte sent holds no 16 MiB', async () => {
  const { knock, arrival } = await door()
  globalThis.gc?.()
  const before = process.memoryUsage().arrayBuffers
  const logs: LinkRecorder[] = []
  for (let i = 0; i < 50; i++) {
    const socket = await knock()
    socket.write(Buffer.concat([GREETING, frame(numbered(i)), header(16 * MIB), Buffer.of(1)]))
    const log = record(await arrival())
    await log.count(1)
    logs.push(log)
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * MIB)
  expect(logs.every((log) => log.reasons.length === 0)).toBe(true)
})

test('a flood of pings from a side that does not read takes bounded memory, and messages still pass', async () => {
  const [socket, link, log] = await bareDialer({ highWaterMark: 64 * 1024 })
  const ping = controlFrame(FrameKind.Ping, 7)
  const pings = Buffer.concat(Array.from({ length: 8192 }, () => ping))
  let most = 0
  // Pings that come together are answered together, and without a reader the latest alone.
  for (let i = 0; i < 400; i++) {
    if (!socket.write(pings)) await once(socket, 'drain')
    most = Math.max(most, link.bufferedBytes)
  }
  socket.write(frame(numbered(1)))
  await log.count(1)
  most = Math.max(most, link.bufferedBytes)
  expect(most).toBeLessThan(256 * 1024)
})

test('a ping that comes while we cannot write is answered when we can', async () => {
  const [socket, link, log] = await bareDialer()
  // The system takes some of it away in each turn, until its buffers are full too.
  for (let turns = 0; turns < 10; turns++) {
    while (link.send(numbered(0, 64 * 1024))) turns = 0
    await new Promise(setImmediate)
  }
  expect(link.bufferedBytes).toBeGreaterThan(MIB)
  socket.write(Buffer.concat([controlFrame(FrameKind.Ping, 41), controlFrame(FrameKind.Ping, 42), frame(numbered(1))]))
  await log.count(1)
  const pong = Buffer.from(controlFrame(FrameKind.Pong, 42))
  let tail = Buffer.alloc(0)
  await new Promise<void>((resolve) => {
    socket.on('data', (chunk) => {
      tail = Buffer.concat([tail.subarray(-16), chunk])
      if (tail.includes(pong)) resolve()
    })
  })
})

test('pongs that nobody asked for are ignored', async () => {
  const [socket, link, log] = await bareDialer()
  const pongs = Array.from({ length: 10_000 }, (_, id) => controlFrame(FrameKind.Pong, id))
  socket.write(Buffer.concat([...pongs, frame(numbered(1))]))
  await log.count(1)
  link.send(numbered(2))
  expect(log.reasons).toEqual([])
})

test('the end of the stream without a goodbye is an error, after all that was sent', async () => {
  for (const open of [bareDialer, bareListener]) {
    const [socket, , log] = await open()
    socket.end(Buffer.concat([frame(numbered(1)), header(100), Buffer.of(1)]))
    expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ECONNRESET', message: expect.stringContaining('goodbye') } })
    expect(log.messages.map(numberOf)).toEqual([1])
  }
})

test('a paused link still hands on what came before the end', async () => {
  const [socket, link, log] = await bareDialer()
  log.onMessage = () => link.pause()
  socket.end(Buffer.concat([frame(numbered(1)), frame(numbered(2))]))
  await log.count(1)
  // Something the other way shows that time has passed.
  for (let i = 0; i < 3; i++) {
    link.send(numbered(9))
    await once(socket, 'data')
  }
  expect([log.messages.length, log.reasons.length]).toEqual([1, 0])
  link.resume()
  await log.count(2)
  link.resume()
  expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ECONNRESET' } })
})

test('a pong answers its ping and those before it, not those after it', async () => {
  const [socket, link] = await bareListener()
  const pings = [1, 2, 3].map(() => link.ping!(never()))
  const settled: number[] = []
  for (const [i, ping] of pings.entries()) void ping.then(() => settled.push(i + 1))
  socket.write(controlFrame(FrameKind.Pong, 2))
  await pings[1]
  await new Promise(setImmediate)
  expect(settled).toEqual([1, 2])
  socket.write(controlFrame(FrameKind.Pong, 3))
  await pings[2]
})

test('a reset is an error with its code', async () => {
  const [socket, , log] = await bareDialer()
  socket.resetAndDestroy()
  expect(await log.end()).toMatchObject({ kind: 'error', error: { code: 'ECONNRESET' } })
})

test('a goodbye ends the link even where the other side keeps its half open', async () => {
  const [socket, link, log] = await bareDialer()
  const gone = everything(socket)
  socket.write(Buffer.concat([frame(numbered(1)), GOODBYE, frame(numbered(2))]))
  expect(await log.end()).toEqual({ kind: 'remote' })
  expect(log.messages.map(numberOf)).toEqual([1])
  await gone
  expect(() => link.send(numbered(3))).toThrow(expect.objectContaining({ code: 'ERR_NOT_CONNECTED' }))
})

test('close waits for a half-open other side, and abort does not', async () => {
  const [socket, link, log] = await bareDialer()
  socket.allowHalfOpen = true
  const closed = link.close()
  const said: Buffer[] = []
  socket.on('data', (chunk) => said.push(chunk))
  await once(socket, 'end')
  expect(Buffer.concat(said)).toEqual(Buffer.concat([GREETING, GOODBYE]))
  expect(log.reasons).toEqual([])
  link.abort()
  expect(log.reasons).toEqual([{ kind: 'local' }])
  await closed
})

test('abort with nothing queued says goodbye, and with a cause it does not', async () => {
  for (const [cause, last] of [
    [undefined, GOODBYE],
    [new Error('enough'), frame(numbered(1))],
  ] as const) {
    const [socket, link] = await bareDialer()
    const said = everything(socket)
    link.send(numbered(1))
    link.abort(cause)
    expect((await said).subarray(-last.length)).toEqual(Buffer.from(last))
  }
})

test('a message of 16 MiB passes both ways at once', async () => {
  const { listener, arrival } = await door()
  const near = await tcp().dial(listener.address, { peerId: 'x', signal: never() })
  const far = await arrival()
  const logs = [record(near), record(far)]
  const message = new Uint8Array(16 * MIB)
  for (let at = 0; at < message.length; at += 4099) message[at] = at & 0xff
  near.send(message)
  far.send(message)
  for (const log of logs) expect(Buffer.compare((await log.count(1))[0]!, message)).toBe(0)
  near.abort()
})

test('each side has a largest message of its own', async () => {
  const { listener, arrival } = await door({ maxFrameBytes: 10 })
  const near = await tcp().dial(listener.address, { peerId: 'x', signal: never() })
  const nearLog = record(near)
  near.send(new Uint8Array(11))
  const farLog = record(await arrival())
  expect(await farLog.end()).toMatchObject({ kind: 'error', error: { code: 'ERR_FRAME_TOO_LARGE' } })
  expect(await nearLog.end()).toMatchObject({ kind: 'error' })
})

test('a peer that is killed is an error; one that leaves in order is not', async () => {
  const { listener, arrival } = await door()
  for (const way of ['killed', 'leaves'] as const) {
    const child = await peerProcess(
      `
      import { tcp } from '../../src/transports/tcp.ts'
      const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
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
    // The one that leaves ends by itself: nothing of the transport keeps it alive.
    expect((await exit)[0]).toBe(way === 'killed' ? null : 0)
  }
})

test('abort before, during and after the dial, and every end of a link, leave no socket and a process that ends by itself', async () => {
  const { listener, arrival } = await door()
  const child = await peerProcess(
    `
    import { tcp } from '../../src/transports/tcp.ts'
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
    const turn = () => new Promise(setImmediate)
    // Node counts a handle until the close callbacks of the turn in which it was closed.
    const closedTurn = async () => { await turn(); await turn() }
    const left = {}
    for (const host of ['127.0.0.1', 'localhost']) {
      const address = new URL(process.argv[2]!)
      address.hostname = host
      for (const turns of [-1, 0, 1, 2, 5]) {
        const abort = new AbortController()
        if (turns < 0) abort.abort()
        const dialling = tcp().dial(address, { peerId: 'hub', signal: abort.signal }).then((link) => link.abort(), () => {})
        for (let i = 0; i < turns; i++) await turn()
        abort.abort()
        await dialling
        await closedTurn()
        left[host + ' aborted after ' + turns] = sockets()
      }
    }
    for (const end of ['close', 'abort', 'crash']) {
      const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
      link.attach({ message() {}, drain() {}, closed() {} })
      if (end === 'close') await link.close()
      else link.abort(end === 'crash' ? new Error('enough') : undefined)
      await closedTurn()
      left[end] = sockets()
    }
    const listener = await tcp().listen(new URL('tcp://127.0.0.1:0'), { onLink() {} })
    await listener.close()
    process.send(left, () => process.disconnect())`,
    listener.address.href,
  )
  // This side's links must be read for the other's close to end.
  const serving = (async () => {
    for (;;) record(await arrival())
  })()
  const [[left], [code]] = (await Promise.all([once(child, 'message'), once(child, 'exit')])) as [[Record<string, number>], [number]]
  expect(Object.entries(left).filter(([, sockets]) => sockets > 0)).toEqual([])
  expect([code, Object.keys(left).length]).toEqual([0, 13])
  void serving
})

test('a handler that throws loses no message after it, nor the end', async () => {
  const { listener, arrival } = await door()
  const child = await peerProcess(
    `
    import { tcp } from '../../src/transports/tcp.ts'
    const got = []
    let thrown = 0
    process.on('uncaughtException', () => thrown++)
    const link = await tcp().dial(new URL(process.argv[2]!), { peerId: 'hub', signal: new AbortController().signal })
    link.attach({
      message(data) { got.push(data[3]); throw new Error('planted') },
      drain() {},
      closed: (reason) => process.send([thrown, got, reason.kind], () => process.disconnect()),
    })`,
    listener.address.href,
  )
  const link = await arrival()
  for (let i = 0; i < 5; i++) link.send(numbered(i))
  void link.close()
  expect((await once(child, 'message'))[0]).toEqual([5, [0, 1, 2, 3, 4], 'remote'])
})

test('a name is dialled through the resolver, and failures are the platform’s own', async () => {
  const { listener, arrival } = await door()
  const near = await tcp().dial(new URL(`tcp://localhost:${listener.address.port}`), { peerId: 'x', signal: never() })
  expect(near.remoteAddress).toBe(listener.address.href)
  expect((await arrival()).remoteAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
  near.abort()
  await listener.close()
  const dial = (address: string) => tcp().dial(new URL(address), { peerId: 'x', signal: never() })
  await expect(dial(listener.address.href)).rejects.toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' })
  await expect(dial('tcp://127.0.0.1')).rejects.toThrow(/needs a host and a port/)
  await expect(dial('tcp://127.0.0.1:0')).rejects.toBeInstanceOf(TypeError)
})

test('an IPv4 side of a listener on all addresses has its IPv4 address', async () => {
  let arrive: (link: Link) => void = () => {}
  const arrived = new Promise<Link>((resolve) => {
    arrive = resolve
  })
  const listener = await tcp().listen!(new URL('tcp://[::ffff:127.0.0.1]:0'), { onLink: (link) => arrive(link) })
  onTestFinished(() => listener.close())
  const near = await tcp().dial(new URL(`tcp://127.0.0.1:${listener.address.port}`), { peerId: 'x', signal: never() })
  onTestFinished(() => near.abort())
  expect((await arrived).remoteAddress).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/)
})

test('a listener is on loopback unless told otherwise', async () => {
  const listener = await tcp().listen!(new URL('tcp:'), { onLink() {} })
  expect(listener.address.hostname).toBe('127.0.0.1')
  await listener.close()
})

test.each([
  [{ maxFrameBytes: 0 }, /maxFrameBytes/],
  [{ maxFrameBytes: 2 ** 29 }, /maxFrameBytes/],
  [{ highWaterMark: -1 }, /highWaterMark/],
  [{ keepAliveMs: -1 }, /keepAliveMs/],
  [{ handshakeTimeoutMs: 0 }, /handshakeTimeoutMs/],
])('a wrong option is named: %o', (options, words) => {
  expect(() => tcp(options)).toThrow(RangeError)
  expect(() => tcp(options)).toThrow(words)
})
