/** Pings, dials and listeners answer, end and are refused as they must, by every transport. */
import { getEventListeners } from 'node:events'
import { expect, test } from 'vitest'
import { KIB, never, type LinkEnds } from './link-ends.ts'
import { type LinkRecorder, numbered, numberOf, record } from './link-recorder.ts'

/** Tests pings, dials and listeners. */
export function dialContract({ setup, listening, bothWays }: LinkEnds): void {
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
}
