/** Strangers at a WebSocket listener are told why they are cut, and break no link of others. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { CloseCode, SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { Opcode } from '../../src/transports/websocket-writer.ts'
import { numbered, numberOf, record } from './link-recorder.ts'
import { cert, key } from './localhost-certificate.ts'
import { bareRequest } from './websocket-admission-rig.ts'
import { KIB, MIB, HandClock, door, dial, knock, everything, answerTo, bareClient, bareServer } from './websocket-rig.ts'

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
    // Whoever sends more than 64 KiB after that may be cut before it could read why.
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

  test.each([
    ['a goodbye', 'goodbye', 1000],
    ['a text of no meaning', 'hello?', 1002],
  ])('%s is answered with a close frame, and the socket waits for its answer, which else would find a reset', async (_what, said, code) => {
    const { listener, arrival } = await door()
    const socket = await bareRequest(listener)
    socket.allowHalfOpen = true
    const heard: Buffer[] = []
    socket.on('data', (bytes) => heard.push(bytes))
    socket.write(Buffer.concat([textFrame(said)]))
    record(await arrival())
    await once(socket, 'end')
    expect(Buffer.concat(heard).includes(Buffer.of(code >>> 8, code & 0xff))).toBe(true)
    expect(await answered(socket)).toBe(true)
    socket.end()
    if (!socket.closed) await once(socket, 'close')
  })

  test('who goes on sending behind its end is cut after 64 KiB', async () => {
    const { listener, arrival } = await door()
    const socket = await bareRequest(listener)
    socket.allowHalfOpen = true
    socket.resume()
    socket.write(textFrame('goodbye'))
    const link = await arrival()
    record(link)
    await once(socket, 'end')
    socket.write(new Uint8Array(4 * MIB))
    await new Promise((resolve) => socket.once('close', resolve))
    // A chunk is 64 KiB at most, and the one that is too much is the last.
    expect(link.receivedBytes).toBeLessThanOrEqual(130 * KIB)
  })

  test('who never hangs up is cut after a second', async () => {
    const { listener, arrival } = await door()
    const socket = await bareRequest(listener)
    socket.allowHalfOpen = true
    socket.resume()
    const link = await arrival()
    record(link)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    link.abort(undefined, 'evicted')
    await once(socket, 'end')
    expect(await answered(socket)).toBe(true)
    vi.advanceTimersByTime(1_000)
    expect(await answered(socket)).toBe(false)
  })
})

/** Whether a close frame can still be answered: where the other end is gone, the first is answered with a reset and the second fails. */
async function answered(socket: Socket): Promise<boolean> {
  const frame = clientFrame(Opcode.Close, Buffer.of(3, 232))
  for (let n = 0; n < 2; n++) {
    const error = await new Promise((resolve) => socket.write(frame, resolve))
    if (error instanceof Error) return false
  }
  return true
}

/** A frame of a client, masked with a key of zeros. */
function clientFrame(opcode: Opcode, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.of(0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0), payload])
}

function textFrame(words: string): Uint8Array {
  return clientFrame(Opcode.Text, Buffer.from(words))
}
