/** One WebSocket peer costs neither the others their turns nor the process its memory. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { Link } from '../../src/transports/transport.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket } from '../../src/transports/websocket.ts'
import { record } from '../transports/link-recorder.ts'

const KIB = 1024

/** A frame of a client, masked with zeros. */
function frame(opcode: number, payload: Uint8Array, isFinal = true): Buffer {
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

function times(n: number, ...frames: readonly Buffer[]): Buffer {
  return Buffer.concat(Array.from({ length: n }, () => frames).flat())
}

async function port(onLink: (link: Link) => void = () => {}): Promise<number> {
  const listener = await websocket().listen!(new URL('ws://127.0.0.1:0'), { onLink })
  onTestFinished(() => listener.close())
  return Number(listener.address.port)
}

async function knock(at: number): Promise<Socket> {
  const socket = connect(at, '127.0.0.1')
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** A link of ours, and the bare socket at its other end. */
async function stranger(): Promise<[Socket, Link]> {
  let arrived: (link: Link) => void
  const arrival = new Promise<Link>((resolve) => (arrived = resolve))
  const socket = await knock(await port((link) => arrived(link)))
  const lines = ['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  lines.push('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  await once(socket, 'data')
  const link = await arrival
  onTestFinished(() => link.abort())
  return [socket, link]
}

test('a flood of tiny messages leaves the others their turns', async () => {
  const [socket, link] = await stranger()
  const log = record(link)
  let inFirstTurn = 0
  log.onMessage = () => {
    if (log.messages.length === 1) setImmediate(() => (inFirstTurn = log.messages.length))
  }
  socket.write(times(9_000, frame(2, new Uint8Array(1))))
  await log.count(9_000)
  expect(inFirstTurn).toBeGreaterThan(0)
  expect(inFirstTurn).toBeLessThan(500)
})

test('pings that come together are answered together, by the last', async () => {
  const [socket, link] = await stranger()
  const log = record(link)
  const pings = 50_000
  socket.write(Buffer.concat([times(pings, frame(9, new Uint8Array(0))), frame(2, new Uint8Array(1)), frame(9, Buffer.from('last'))]))
  let heard = ''
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      if (heard.endsWith('last')) resolve()
    })
  })
  await Promise.all([log.count(1), answered])
  // An empty pong has 2 bytes.
  expect(heard.length).toBeLessThan((2 * pings) / 5)
})

test('a message in a hundred thousand parts with pongs between costs its bytes', async () => {
  const [socket, link] = await stranger()
  const told: number[] = []
  const log = record(link)
  Object.assign(log, { unfinished: (bytes: number) => told.push(bytes) })
  const part = frame(0, new Uint8Array(1), false)
  const pong = frame(10, new Uint8Array(100))
  socket.write(Buffer.concat([frame(2, new Uint8Array(1), false), times(100_000, part, pong), frame(0, new Uint8Array(1))]))
  expect((await log.count(1))[0]!.byteLength).toBe(100_002)
  expect(log.messages[0]!.buffer.byteLength).toBeLessThan(300_000)
  expect(told.at(-1)).toBe(0)
  expect(Math.max(...told)).toBeLessThan(300_000)
})

test('half a message proves life', async () => {
  const [socket, link] = await stranger()
  record(link)
  const before = link.receivedBytes!
  expect(before).toBeGreaterThanOrEqual(0)
  const header = Buffer.from([0x82, 0x80 | 126, 0xff, 0xff, 0, 0, 0, 0])
  socket.write(Buffer.concat([header, new Uint8Array(10)]))
  while (link.receivedBytes! < before + 18) await new Promise(setImmediate)
  socket.write(new Uint8Array(1))
  while (link.receivedBytes! < before + 19) await new Promise(setImmediate)
})

test('a link that is paused tells the other side that it lives, a page too', async () => {
  const [socket, link] = await stranger()
  record(link)
  link.pause()
  link.assure!()
  expect((await once(socket, 'data'))[0].toString('latin1', 2)).toBe('pong 0')
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  const { port: at } = server.address() as { port: number }
  const dialling = websocket().dial(new URL(`ws://127.0.0.1:${at}`), { peerId: 'x', signal: new AbortController().signal })
  const [far] = await once(server, 'connection')
  far.send('hello {}')
  const near = await dialling
  onTestFinished(() => near.abort())
  near.assure!()
  await once(far, 'pong')
})

test('small messages that cannot leave are few chunks', async () => {
  const [socket, link] = await stranger()
  record(link)
  socket.pause()
  for (let turns = 0; turns < 10; turns++) {
    while (link.send(new Uint8Array(64 * KIB))) turns = 0
    await new Promise(setImmediate)
  }
  globalThis.gc?.()
  const { heapUsed } = process.memoryUsage()
  const messages = 200_000
  for (let n = 0; n < messages; n++) {
    link.send(new Uint8Array(1))
    if (n % 100 === 0) await new Promise(setImmediate)
  }
  globalThis.gc?.()
  // A chunk for each would be some 500 bytes of heap for each.
  expect(process.memoryUsage().heapUsed - heapUsed).toBeLessThan(messages * 200)
  expect(link.bufferedBytes).toBeGreaterThan(messages * 3)
})

test('pipelined requests behind one that is refused are not parsed', async () => {
  const socket = await knock(await port())
  let requests = 0
  const count = (): void => void requests++
  subscribe('http.server.request.start', count)
  onTestFinished(() => void unsubscribe('http.server.request.start', count))
  socket.resume().write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(5_000))
  await once(socket, 'close')
  expect(requests).toBe(1)
})
