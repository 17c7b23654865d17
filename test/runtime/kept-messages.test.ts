/** Messages of a kept peer: what is sent while there is no link waits within bounds, and what comes is read across links. */
import { describe, expect, test } from 'vitest'
import { flush } from 'qudag-connections/testing'
import { PEER, text, bytes, keepLinked } from './kept-peer-rig.ts'

describe('what is sent while there is no link', () => {
  test('waits within its bounds, and goes out in order before what is newer', async () => {
    const { clock, sent, cut, kept, manager } = await keepLinked({ queue: { maxMessages: 3, maxBytes: 10 } })
    cut()
    const buffer = bytes('aa')
    expect(kept.send(buffer)).toBe(false)
    buffer.fill(0)
    expect(kept.send(bytes('bb'))).toBe(false)
    expect(() => kept.send(bytes('1234567'))).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL', limit: 10, current: 4 }))
    expect(kept.send(bytes('cc'))).toBe(false)
    expect(() => kept.send(bytes('d'))).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL' }))
    const drained = kept.drained().then(() => kept.send(bytes('after')))
    manager.transitions$.subscribe(({ to }) => {
      if (to === 'Connected') kept.send(bytes('at once'))
    })
    await clock.advanceAsync(500)
    expect(await drained).toBe(true)
    expect(sent()).toEqual(['aa', 'bb', 'cc', 'at once', 'after'])
    await manager.shutdown()
  })

  test('goes out no faster than the link takes it, and what is newer stays behind', async () => {
    const { clock, transport, sent, cut, kept, manager } = await keepLinked({ queue: {} }, {}, { highWaterMark: 10 })
    cut()
    for (const word of ['a', 'b', 'c']) kept.send(bytes(word))
    transport.script.highWaterMark = -1
    await clock.advanceAsync(500)
    expect([sent(), kept.send(bytes('d'))]).toEqual([['a'], false])
    const drained = kept.drained()
    for (const expected of [
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b', 'c', 'd'],
    ]) {
      transport.linkOf(PEER)?.drain()
      await flush()
      expect(sent()).toEqual(expected)
    }
    transport.linkOf(PEER)?.drain()
    await drained
    await manager.shutdown()
  })

  test('is dropped where the next link can never take it, and the app is told', async () => {
    const errors: unknown[] = []
    const onError = (error: Error, where: { callback: string }): void => void errors.push([where.callback, error])
    const { clock, transport, sent, cut, kept, manager } = await keepLinked({ queue: {} }, { onError })
    cut()
    transport.script.maxFrameBytes = 3
    for (const word of ['a', 'too large', 'b']) kept.send(bytes(word))
    await clock.advanceAsync(500)
    expect(sent()).toEqual(['a', 'b'])
    expect(errors).toMatchObject([['send', { code: 'ERR_FRAME_TOO_LARGE' }]])
    await manager.shutdown()
  })

  test('is refused where nothing is queued, and dropped on release', async () => {
    const { clock, sent, cut, kept, manager } = await keepLinked({ queue: {} })
    cut()
    kept.send(bytes('dropped'))
    const other = manager.keep(PEER)
    expect(() => other.send(bytes('x'))).toThrow(/has no link just now/)
    await kept.release()
    await clock.advanceAsync(1_000)
    expect([other.status, sent()]).toEqual(['Connected', []])
    await manager.shutdown()
  })
})

describe('what a kept peer says', () => {
  test('is read one at a time across links, and a reader that falls behind pauses each link', async () => {
    const { clock, transport, cut, kept, manager } = await keepLinked({}, { maxBufferedBytes: 4 })
    const reader = kept[Symbol.asyncIterator]()
    transport.linkOf(PEER)?.receive(bytes('aaaa'))
    expect(transport.linkOf(PEER)?.paused).toBe(true)
    cut()
    await clock.advanceAsync(500)
    expect(transport.linkOf(PEER)?.paused).toBe(true)
    expect(text((await reader.next()).value)).toBe('aaaa')
    expect(transport.linkOf(PEER)?.paused).toBe(false)
    transport.linkOf(PEER)?.receive(bytes('bbbb'))
    expect(text((await reader.next()).value)).toBe('bbbb')
    const next = reader.next()
    await kept.release()
    expect((await next).done).toBe(true)
    await manager.shutdown()
  })

  test('waits for the first reader where nobody reads, and is left to whoever reads the connection', async () => {
    const { clock, transport, cut, kept, manager } = await keepLinked()
    transport.linkOf(PEER)?.receive(bytes('of the first link'))
    cut()
    await clock.advanceAsync(500)
    transport.linkOf(PEER)?.receive(bytes('of the second'))
    const read: string[] = []
    const reading = kept.messages$.subscribe((data) => read.push(text(data)))
    expect(read).toEqual(['of the first link', 'of the second'])
    reading.unsubscribe()
    transport.linkOf(PEER)?.receive(bytes('for another'))
    const others: string[] = []
    kept.connection?.messages$.subscribe((data) => others.push(text(data)))
    expect([read.length, others]).toEqual([2, ['for another']])
    await manager.shutdown()
  })

  test('goes to whoever takes one and leaves the rest for the next', async () => {
    const { transport, kept, manager } = await keepLinked()
    const first = kept[Symbol.asyncIterator]()
    for (const word of ['a', 'b', 'c']) transport.linkOf(PEER)?.receive(bytes(word))
    expect(text((await first.next()).value)).toBe('a')
    await first.return?.()
    const read: string[] = []
    kept.messages$.subscribe((data) => read.push(text(data)))
    transport.linkOf(PEER)?.receive(bytes('d'))
    expect(read).toEqual(['b', 'c', 'd'])
    await manager.shutdown()
  })
})
