/** A link over TCP ends as the other side says, and keeps its bounds whatever bytes come. */
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { controlFrame, FrameKind, GOODBYE, GREETING } from '../../src/transports/frames.ts'
import { tcp } from '../../src/transports/tcp.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'
import { MIB, never, frame, header, door, bareDialer, bareListener, everything } from './tcp-rig.ts'

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
