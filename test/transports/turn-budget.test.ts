/** A link that has much to deliver leaves the others their turn, loses nothing, and keeps its order. */
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { expect, test } from 'vitest'
import { controlFrame, FrameKind, GREETING, writeDataHeader } from '../../src/transports/frames.ts'
import { atNextTurn, FRAMES_A_TURN } from '../../src/transports/turn-budget.ts'

test('turns are taken in the order in which they were asked for, and one that throws costs the others nothing', async () => {
  const took: number[] = []
  const uncaught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').once('uncaughtException', (error) => uncaught.push(error))
  const done = new Promise<void>((resolve) => {
    const taker = (n: number) => ({
      continueTurn() {
        took.push(n)
        if (n === 1) throw new Error('broken')
        if (n === 2 && took.length < 4) atNextTurn(this)
        if (took.length === 4) resolve()
      },
    })
    for (const n of [0, 1, 2]) atNextTurn(taker(n))
  })
  await done
  for (const listener of listeners) process.on('uncaughtException', listener)
  expect(took).toEqual([0, 1, 2, 2])
  expect(uncaught).toMatchObject([{ message: 'broken' }])
})

test('one peer that floods messages of one byte has at most two shares of a turn, and every byte arrives in order', async () => {
  const { hub, socket } = await flooded()
  const COUNT = 20_000
  const flood = new Uint8Array(COUNT * 5)
  for (let n = 0; n < COUNT; n++) {
    writeDataHeader(flood, n * 5, 1)
    flood[n * 5 + 4] = n & 0xff
  }
  let [inTurn, most, count, isOrdered] = [0, 0, 0, true]
  let turn: NodeJS.Immediate | undefined
  await new Promise<void>((resolve) => {
    hub.messages$.subscribe(({ data }) => {
      turn ??= setImmediate(() => {
        turn = undefined
        inTurn = 0
      })
      most = Math.max(most, ++inTurn)
      isOrdered &&= data[0] === (count & 0xff)
      // As long as an app's own work with one message may take: the links' time is over after one share.
      for (const until = performance.now() + 0.02; performance.now() < until;);
      if (++count === COUNT) resolve()
    })
    socket.write(flood)
  })
  expect(isOrdered).toBe(true)
  expect(most).toBeLessThanOrEqual(3 * FRAMES_A_TURN)
  socket.destroy()
  await hub.shutdown()
})

test('a flood of pings is answered by few pongs, the last one for the last ping', async () => {
  const { hub, socket } = await flooded()
  const COUNT = 50_000
  const bytes = await new Promise<number>((resolve) => {
    let [got, last] = [0, Buffer.alloc(0)]
    socket.on('data', (chunk) => {
      got += chunk.length
      last = Buffer.concat([last, chunk]).subarray(-4)
      if (last.readUInt32BE() === COUNT) resolve(got)
    })
    socket.write(Buffer.concat(Array.from({ length: COUNT }, (_, n) => controlFrame(FrameKind.Ping, n + 1))))
  })
  expect(bytes).toBeLessThan((COUNT * 8) / 10)
  socket.destroy()
  await hub.shutdown()
})

test('forty unfinished messages of 16 MiB hold no more than the bound, and an honest peer beside them goes on', async () => {
  const hub = new ConnectionManager(100, { transport: tcp(), maxUnfinishedBytes: 32 * 1024 * 1024, limits: { inbound: 100 } })
  const { address } = await hub.listen('tcp://127.0.0.1:0')
  const cuts: string[] = []
  hub.transitions$.subscribe(({ failure }) => failure !== undefined && cuts.push(failure.code))
  const header = new Uint8Array(4)
  writeDataHeader(header, 0, 16 * 1024 * 1024)
  const part = Buffer.concat([GREETING, header, new Uint8Array(5 * 1024 * 1024)])
  const sockets: Socket[] = []
  // 5 MiB have taken room for 16 MiB: two of the forty stay.
  await new Promise<void>((resolve) => {
    let closed = 0
    for (let n = 0; n < 40; n++) {
      const socket = connect(Number(address.port), '127.0.0.1').on('error', () => {})
      socket.resume().on('close', () => ++closed === 38 && resolve())
      socket.write(part)
      sockets.push(socket)
    }
  })
  const honest = new ConnectionManager(1)
  const connection = await honest.connect(address.href)
  const message = new Uint8Array(16 * 1024 * 1024).fill(1)
  const heard = new Promise<number>((resolve) => hub.messages$.subscribe(({ data }) => resolve(data.byteLength)))
  connection.send(message)
  expect(await heard).toBe(message.byteLength)
  expect(new Set(cuts)).toEqual(new Set(['ENOBUFS']))
  for (const socket of sockets) socket.destroy()
  await honest.shutdown()
  await hub.shutdown()
})

test('what cannot leave is gathered: two small messages each tick to a side that does not read take few chunks', async () => {
  const server = createServer((socket) => void socket.pause().write(GREETING))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const transport = tcp({ highWaterMark: 1 })
  const { port } = server.address() as { port: number }
  const manager = new ConnectionManager(1, { transport })
  const connection = await manager.connect(`tcp://127.0.0.1:${port}`)
  while (connection.send(new Uint8Array(1024 * 1024)));
  globalThis.gc?.()
  const before = process.memoryUsage().arrayBuffers
  for (let n = 0; n < 5_000; n++) {
    connection.send(new Uint8Array(1))
    connection.send(new Uint8Array(1))
    await new Promise(setImmediate)
  }
  globalThis.gc?.()
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024)
  await manager.shutdown()
  server.close()
})

async function flooded(): Promise<{ hub: ConnectionManager; socket: Socket }> {
  const hub = new ConnectionManager(4, { transport: tcp() })
  const { address } = await hub.listen('tcp://127.0.0.1:0')
  const socket = connect(Number(address.port), '127.0.0.1')
  socket.write(GREETING)
  await new Promise<void>((resolve) => hub.connections$.subscribe(() => resolve()))
  return { hub, socket }
}
