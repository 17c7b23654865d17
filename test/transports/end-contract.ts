/** The end of a link comes once, after what was sent, and is told to both sides, by every transport. */
import { expect, test } from 'vitest'
import { KIB, never, type LinkEnds } from './link-ends.ts'
import { numbered, numberOf } from './link-recorder.ts'

/** Tests how links end. */
export function endContract({ attached, bothWays, fill }: LinkEnds): void {
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
}
