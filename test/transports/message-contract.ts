/** Messages over a link arrive whole, in order and when their reader wants them, by every transport. */
import { expect, test } from 'vitest'
import { KIB, type LinkEnds } from './link-ends.ts'
import { numbered, numberOf, record } from './link-recorder.ts'

/** Tests what becomes of messages. */
export function messageContract({ setup, pair, attached, bothWays, fill }: LinkEnds): void {
  test('messages arrive whole and in order, from none to many bytes', () =>
    bothWays(async (from, _to, _fromLog, toLog) => {
      const lengths = [0, 1, 3, 4, 5, 64, 65, 1000, 8 * KIB, 0, 64 * KIB - 4, 64 * KIB, 64 * KIB + 1, 300 * KIB, 0, 2]
      const sent = lengths.map((length, i) => new Uint8Array(length).map((_, at) => (at * 31 + i) & 0xff))
      for (const message of sent) from.send(message)
      const got = await toLog.count(sent.length)
      expect(got.map((message) => message.length)).toEqual(lengths)
      for (const [i, message] of got.entries()) expect(Buffer.compare(message, sent[i]!)).toBe(0)
    }))

  test('a message is plain bytes, may be kept, and its sender may use its own again at once', () =>
    bothWays(async (from, _to, _fromLog, toLog) => {
      const bytes = new Uint8Array(100)
      for (let i = 0; i < 1000; i++) {
        bytes.fill(i & 0xff)
        from.send(bytes)
      }
      bytes.fill(0xff)
      const got = await toLog.count(1000)
      expect(Object.getPrototypeOf(got[0])).toBe(Uint8Array.prototype)
      for (const [i, message] of got.entries()) expect(message.every((byte) => byte === (i & 0xff))).toBe(true)
    }))

  test('nothing is delivered from within send, attach or resume', () =>
    bothWays(async (from, to, _fromLog, toLog) => {
      from.send(numbered(1))
      expect(toLog.messages).toEqual([])
      toLog.onMessage = () => to.pause()
      from.send(numbered(2))
      await toLog.count(1)
      to.resume()
      expect(toLog.messages.length).toBe(1)
      await toLog.count(2)
    }))

  test('nothing is delivered before attach, and nothing is lost', async () => {
    const [near, far] = await pair()
    for (let i = 0; i < 100; i++) near.send(numbered(i, 1000))
    const closed = near.close()
    const log = record(far)
    expect(log.messages).toEqual([])
    expect(await log.end()).toEqual({ kind: 'remote' })
    expect(log.messages.map(numberOf)).toEqual(Array.from({ length: 100 }, (_, i) => i))
    await closed
  })

  test('a link that ended before attach tells so after it', async () => {
    const [near, far] = await pair()
    near.abort()
    const log = record(near)
    expect(log.reasons).toEqual([])
    expect(await log.end()).toEqual({ kind: 'local' })
    expect(await record(far).end()).toEqual({ kind: 'remote' })
  })

  test('attach is for once', async () => {
    const [near] = await attached()
    expect(() => record(near)).toThrow(/attach/)
  })

  test('a message of the largest size passes; one byte more throws ERR_FRAME_TOO_LARGE, and the link lives on', async () => {
    const given = setup()
    const [near, , , log] = await attached(given)
    const message = new Uint8Array(given.maxFrameBytes + 1)
    expect(() => near.send(message)).toThrow(expect.objectContaining({ name: 'ConnectionError', code: 'ERR_FRAME_TOO_LARGE' }))
    expect(near.bufferedBytes).toBe(0)
    message[given.maxFrameBytes - 1] = 7
    near.send(message.subarray(0, given.maxFrameBytes))
    const [got] = await log.count(1)
    expect([got!.length, got!.at(-1)]).toEqual([given.maxFrameBytes, 7])
  })

  test('a reader that stops stops the writer, and loses nothing when it goes on', () =>
    bothWays(async (from, to, fromLog, toLog) => {
      to.pause()
      const sent = await fill(from)
      expect(from.bufferedBytes).toBeGreaterThan(0)
      expect(from.bufferedBytes).toBeLessThan(8 * KIB * KIB)
      expect(toLog.messages).toEqual([])
      expect(fromLog.drains).toBe(0)
      to.resume()
      await fromLog.until(() => fromLog.drains > 0)
      await toLog.count(sent)
      expect(toLog.messages.map(numberOf)).toEqual(Array.from({ length: sent }, (_, i) => i))
      expect(toLog.messages.every((message) => message.length === 64 * KIB)).toBe(true)
      expect(from.bufferedBytes).toBe(0)
    }))

  test('a link that nobody has attached stops its writer too', async () => {
    const [near, far] = await pair()
    record(near)
    const sent = await fill(near)
    const log = record(far)
    await log.count(sent)
    expect(log.messages.map(numberOf)).toEqual(Array.from({ length: sent }, (_, i) => i))
  })

  test('a side that reads nothing, because it is paused or was never attached, can close', async () => {
    for (const isAttached of [true, false]) {
      const [near, far] = await pair()
      const log = isAttached ? record(near) : undefined
      near.pause()
      const farLog = record(far)
      await fill(far)
      await near.close()
      expect(await farLog.end()).toEqual({ kind: 'remote' })
      expect(log?.messages ?? []).toEqual([])
    }
  })

  test('pause holds from within the message that calls it', () =>
    bothWays(async (from, to, fromLog, toLog) => {
      toLog.onMessage = () => to.pause()
      for (let i = 0; i < 5; i++) from.send(numbered(i))
      for (let i = 1; i <= 5; i++) {
        await toLog.count(i)
        // A message the other way shows that time has passed.
        to.send(numbered(i))
        await fromLog.count(i)
        expect(toLog.messages.map(numberOf)).toEqual(Array.from({ length: i }, (_, n) => n))
        to.resume()
      }
    }))

  test('pause and resume at once deliver everything once', () =>
    bothWays(async (from, to, _fromLog, toLog) => {
      toLog.onMessage = () => {
        to.pause()
        to.resume()
        to.pause()
        to.resume()
      }
      for (let i = 0; i < 1000; i++) from.send(numbered(i, (i * 7) % 500))
      await toLog.count(1000)
      expect(toLog.messages.map(numberOf)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
    }))
}
