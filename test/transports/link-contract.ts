/** Every transport of ours keeps the same promises, each of which is a test of its own. */
import { getEventListeners } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Link, Listener, Transport } from '../../src/transports/transport.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'

/** What the contract is told of a transport. */
export interface ContractSetup {
  /** A transport whose largest frame is `maxFrameBytes`; two of one test reach each other. */
  readonly transport: Transport
  /** Where to listen; a free place is found. */
  readonly address: URL
  /** The largest message, in bytes. */
  readonly maxFrameBytes: number
}

const KIB = 1024
const never = (): AbortSignal => new AbortController().signal

/** Says what a link must do, and tests that this transport's links do. */
export function linkContract(name: string, setup: () => ContractSetup): void {
  /** Listens, and gives the links that arrive in turn. */
  async function listening({ transport, address }: ContractSetup = setup()) {
    const arrived: Link[] = []
    const waiting: ((link: Link) => void)[] = []
    const listener: Listener = await transport.listen!(address, {
      onLink(link) {
        const next = waiting.shift()
        if (next === undefined) arrived.push(link)
        else next(link)
      },
    })
    onTestFinished(() => listener.close())
    const next = (): Promise<Link> => {
      const link = arrived.shift()
      return link === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(link)
    }
    const dial = (signal = never()): Promise<Link> => transport.dial(listener.address, { peerId: 'peer', signal })
    return { listener, dial, next, transport }
  }

  /** Two ends of one link. */
  async function pair(given?: ContractSetup): Promise<[near: Link, far: Link]> {
    const { dial, next } = await listening(given)
    const ends = await Promise.all([dial(), next()])
    for (const end of ends) onTestFinished(() => end.abort())
    return ends
  }

  async function attached(given?: ContractSetup): Promise<[near: Link, far: Link, nearLog: LinkRecorder, farLog: LinkRecorder]> {
    const [near, far] = await pair(given)
    return [near, far, record(near), record(far)]
  }

  /** Both directions of every row: what holds for the dialer holds for the listener. */
  async function bothWays(row: (from: Link, to: Link, fromLog: LinkRecorder, toLog: LinkRecorder) => Promise<void>): Promise<void> {
    const [a, b, aLog, bLog] = await attached()
    await row(a, b, aLog, bLog)
    const [c, d, cLog, dLog] = await attached()
    await row(d, c, dLog, cLog)
  }

  async function fill(from: Link): Promise<number> {
    let sent = 0
    for (;;) {
      const goesOn = from.send(numbered(sent++, 64 * KIB))
      if (!goesOn) return sent
      // A wire takes some of it away in a turn of the event loop; what it takes is bounded.
      if (sent % 16 === 0) await new Promise(setImmediate)
    }
  }

  describe(`${name} keeps the contract of a link`, () => {
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

    test('close flushes: the other side gets it all before it is told, and then close resolves', () =>
      bothWays(async (from, _to, fromLog, toLog) => {
        for (let i = 0; i < 100; i++) from.send(numbered(i, 64 * KIB))
        await from.close()
        expect(await toLog.end()).toEqual({ kind: 'remote' })
        expect(toLog.messages.map(numberOf)).toEqual(Array.from({ length: 100 }, (_, i) => i))
        expect(fromLog.reasons).toEqual([{ kind: 'local' }])
      }))

    test('close waits for a side that reads slowly', () =>
      bothWays(async (from, to, fromLog, toLog) => {
        to.pause()
        const sent = await fill(from)
        const closed = from.close()
        to.send(numbered(1))
        await fromLog.count(1)
        expect(fromLog.reasons).toEqual([])
        to.resume()
        await closed
        expect(toLog.messages.length).toBe(sent)
        expect(await toLog.end()).toEqual({ kind: 'remote' })
      }))

    test('close twice is close once, and after the end it resolves', () =>
      bothWays(async (from, to, fromLog, toLog) => {
        await Promise.all([from.close(), from.close()])
        await from.close()
        await toLog.end()
        await to.close()
        from.abort()
        expect([fromLog.reasons.length, toLog.reasons.length]).toEqual([1, 1])
      }))

    test('both sides may close at once, and both flush', async () => {
      const [near, far, nearLog, farLog] = await attached()
      for (let i = 0; i < 400; i++) {
        near.send(numbered(i, 64 * KIB))
        far.send(numbered(i, 64 * KIB))
      }
      await Promise.all([near.close(), far.close()])
      expect([nearLog.messages.length, farLog.messages.length]).toEqual([400, 400])
      expect([nearLog.reasons, farLog.reasons]).toEqual([[{ kind: 'local' }], [{ kind: 'local' }]])
    })

    test('abort ends our side before it returns, and the other side sees a remote close', () =>
      bothWays(async (from, _to, fromLog, toLog) => {
        from.send(numbered(1))
        from.abort()
        expect(fromLog.reasons).toEqual([{ kind: 'local' }])
        expect(from.bufferedBytes).toBe(0)
        expect(await toLog.end()).toEqual({ kind: 'remote' })
        expect(toLog.messages.map(numberOf)).toEqual([1])
      }))

    test('abort with a cause is an error to the other side', () =>
      bothWays(async (from, _to, fromLog, toLog) => {
        from.abort(new Error('enough'))
        expect(fromLog.reasons).toEqual([{ kind: 'local' }])
        expect(await toLog.end()).toEqual({ kind: 'error', error: expect.objectContaining({ code: 'ECONNRESET' }) })
      }))

    test('abort while closing resolves the close', () =>
      bothWays(async (from, to, fromLog) => {
        to.pause()
        await fill(from)
        const closed = from.close()
        from.abort()
        await closed
        expect(fromLog.reasons).toEqual([{ kind: 'local' }])
      }))

    test('a handler may close or abort from within a message, and hears nothing after the end', () =>
      bothWays(async (from, to, _fromLog, toLog) => {
        toLog.onMessage = () => to.abort()
        for (let i = 0; i < 10; i++) from.send(numbered(i))
        await toLog.end()
        expect(toLog.messages.length).toBe(1)
      }))

    test('once it is over or closing, send throws and ping rejects ERR_NOT_CONNECTED', () =>
      bothWays(async (from, to, _fromLog, toLog) => {
        const over = expect.objectContaining({ name: 'ConnectionError', code: 'ERR_NOT_CONNECTED' })
        const closed = from.close()
        expect(() => from.send(numbered(1))).toThrow(over)
        await closed
        await toLog.end()
        for (const link of [from, to]) {
          expect(() => link.send(numbered(1))).toThrow(over)
          await expect(link.ping!(never())).rejects.toEqual(over)
        }
      }))

    test('a ping measures a round trip', () =>
      bothWays(async (from) => {
        const times = await Promise.all(Array.from({ length: 20 }, () => from.ping!(never())))
        for (const ms of times) expect(ms).toBeGreaterThanOrEqual(0)
      }))

    test('a ping comes back under load', () =>
      bothWays(async (from, to, _fromLog, toLog) => {
        for (let i = 0; i < 100; i++) {
          from.send(numbered(i, 64 * KIB))
          to.send(numbered(i, 64 * KIB))
        }
        expect(await from.ping!(never())).toBeGreaterThanOrEqual(0)
        expect(toLog.messages.length).toBe(100)
      }))

    test('a ping ends with its signal and leaves no listener', () =>
      bothWays(async (from, to) => {
        const reason = new Error('enough')
        await expect(from.ping!(AbortSignal.abort(reason))).rejects.toBe(reason)
        to.pause()
        for (let i = 0; i < 100; i++) {
          const waiting = new AbortController()
          const ping = from.ping!(waiting.signal)
          waiting.abort(reason)
          await expect(ping).rejects.toBe(reason)
        }
        to.resume()
        const signal = never()
        expect(await from.ping!(signal)).toBeGreaterThanOrEqual(0)
        expect(getEventListeners(signal, 'abort')).toEqual([])
      }))

    test('a ping rejects when the link ends first, and more than a few at a time are refused', () =>
      bothWays(async (from, to) => {
        to.pause()
        const pings = Array.from({ length: 65 }, () => from.ping!(never()))
        await expect(pings[64]).rejects.toBeInstanceOf(RangeError)
        const settled = Promise.allSettled(pings.slice(0, 64))
        from.abort()
        for (const result of await settled) expect(result).toMatchObject({ reason: { code: 'ERR_NOT_CONNECTED' } })
      }))

    test('a dial is refused where nobody listens', async () => {
      const { listener, dial } = await listening()
      await listener.close()
      await listener.close()
      await expect(dial()).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    })

    test('a listener that is closed leaves its links alone', async () => {
      const { listener, dial, next } = await listening()
      const [near, far] = await Promise.all([dial(), next()])
      await listener.close()
      const log = record(far)
      record(near)
      near.send(numbered(1))
      await log.count(1)
      await near.close()
    })

    test('a place that is taken rejects EADDRINUSE, and is free again once its listener is closed', async () => {
      const { listener, transport } = await listening()
      const again = () => transport.listen!(listener.address, { onLink() {} })
      await expect(again()).rejects.toMatchObject({ code: 'EADDRINUSE' })
      await listener.close()
      await (await again()).close()
    })

    test('two listeners that ask for any place get two', async () => {
      const given = setup()
      const [a, b] = [await listening(given), await listening(given)]
      expect(a.listener.address.href).not.toBe(b.listener.address.href)
    })

    test('a dial aborted before it began rejects with the reason, and nobody arrives', async () => {
      const { dial, next } = await listening()
      const reason = new Error('enough')
      await expect(dial(AbortSignal.abort(reason))).rejects.toBe(reason)
      const [near, far] = await Promise.all([dial(), next()])
      record(near)
      near.send(numbered(7))
      expect((await record(far).count(1)).map(numberOf)).toEqual([7])
    })

    test('a dial aborted under way rejects with the reason', async () => {
      const { dial } = await listening()
      const reason = new Error('enough')
      const abort = new AbortController()
      const dialling = dial(abort.signal)
      abort.abort(reason)
      await expect(dialling).rejects.toBe(reason)
    })

    test('once a dial is done its signal means nothing', async () => {
      const { dial, next } = await listening()
      const abort = new AbortController()
      const [near, far] = await Promise.all([dial(abort.signal), next()])
      expect(getEventListeners(abort.signal, 'abort')).toEqual([])
      abort.abort()
      record(near)
      near.send(numbered(1))
      await record(far).count(1)
      await near.close()
    })

    test('each side says where the other is', async () => {
      const { listener, dial, next } = await listening()
      const [near, far] = await Promise.all([dial(), next()])
      expect(near.remoteAddress).toBe(listener.address.href)
      expect(new URL(far.remoteAddress).protocol).toBe(listener.address.protocol)
      near.abort()
    })

    test('1,000 links at once, each with its own messages', async () => {
      const { dial, next } = await listening()
      const serve = async (): Promise<LinkRecorder> => {
        const link = await next()
        const log = record(link)
        log.onMessage = (data) => link.send(data)
        return log
      }
      const serving = Array.from({ length: 1000 }, serve)
      const links = await Promise.all(Array.from({ length: 1000 }, () => dial()))
      const logs = links.map(record)
      for (const [i, link] of links.entries()) for (let n = 0; n < 3; n++) link.send(numbered(i * 3 + n))
      for (const [i, log] of logs.entries()) expect((await log.count(3)).map(numberOf)).toEqual([i * 3, i * 3 + 1, i * 3 + 2])
      await Promise.all(links.map((link) => link.close()))
      for (const log of await Promise.all(serving)) expect(await log.end()).toEqual({ kind: 'remote' })
    })
  })
}
