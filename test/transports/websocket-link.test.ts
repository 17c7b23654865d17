/** A link over a WebSocket ends as the other side says, and keeps its bounds whatever that side sends. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { WebSocket } from 'ws'
import { numbered, numberOf, record } from './link-recorder.ts'
import { KIB, MIB, door, dial, bareClient, bareServer } from './websocket-rig.ts'

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
