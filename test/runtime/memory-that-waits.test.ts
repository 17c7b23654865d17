/** What waits is counted as what it keeps in memory, and what may wait is bounded either way. */
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { flush, scripted, type ScriptedLink } from 'qudag-connections/testing'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Inbox, MessageQueue } from '../../src/runtime/holds/inbox.ts'
import { MessageIterator } from '../../src/runtime/holds/message-iterator.ts'

const A = 'scripted://a'
const CHUNK = 64 * 1024

describe('a message that waits', () => {
  test('of 65 bytes does not keep the chunk of 64 KiB that it came in', () => {
    const queue = new MessageQueue(1024 * 1024)
    queue.push(new Uint8Array(new ArrayBuffer(CHUNK), 5, 65).fill(7))
    const kept = queue.shift()!
    expect(kept).toEqual(new Uint8Array(65).fill(7))
    expect(kept.buffer.byteLength).toBe(65)
  })

  test('keeps no more than is counted, and its bytes, however it lies in its buffer', () => {
    const view = fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300))
    fc.assert(
      fc.property(fc.array(view, { maxLength: 60 }), fc.integer({ min: 1, max: 3_000 }), (views, maxBytes) => {
        const queue = new MessageQueue(maxBytes)
        const all = views.map(([before, length, after], n) =>
          new Uint8Array(new ArrayBuffer(before + length + after), before, length).fill(n),
        )
        let full = false
        for (const data of all) {
          queue.push(data)
          full = queue.isFull
        }
        const buffers = new Set<ArrayBufferLike>()
        for (const data of all) {
          const kept = queue.shift()!
          expect(kept).toEqual(data)
          buffers.add(kept.buffer)
        }
        const bytes = [...buffers].reduce((sum, buffer) => sum + buffer.byteLength, 0)
        expect(full).toBe(bytes >= maxBytes && views.length > 0)
        expect([queue.isLow, queue.length]).toEqual([true, 0])
      }),
    )
  })

  test('is not copied where somebody reads it at once: a subscriber, or a loop that waits for it', async () => {
    const { link, connection } = await connected()
    const view = new Uint8Array(new ArrayBuffer(CHUNK), 5, 65)
    const got: Uint8Array[] = []
    connection.messages$.subscribe((data) => got.push(data))
    link.receive(view)
    expect(got[0]).toBe(view)
    const inbox = new Inbox(undefined, 1_000)
    const iterator = new MessageIterator(inbox, () => {})
    inbox.attach(iterator)
    const next = iterator.next()
    inbox.deliver(view, false)
    expect((await next).value).toBe(view)
  })
})

describe('what waits to be sent', () => {
  test('is bounded: past maxSendBufferBytes send throws ERR_BUFFER_FULL and sends nothing', async () => {
    const { link, connection } = await connected({ maxSendBufferBytes: 1_000 })
    link.setBuffered(900)
    expect(connection.send(new Uint8Array(100))).toBe(true)
    link.setBuffered(1_000)
    const full = expect.objectContaining({ code: 'ERR_BUFFER_FULL', peerId: A, limit: 1_000, current: 1_000 })
    expect(() => connection.send(new Uint8Array(1))).toThrow(full)
    expect(link.sent).toHaveLength(1)
    link.drain()
    connection.send(new Uint8Array(1))
    expect(link.sent).toHaveLength(2)
  })

  test('may be one message that is larger than the bound, where nothing else waits', async () => {
    const { link, connection } = await connected({ maxSendBufferBytes: 1_000 })
    connection.send(new Uint8Array(5_000))
    link.setBuffered(5_000)
    expect(() => connection.send(new Uint8Array(0))).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL' }))
  })

  test('has no bound where Infinity is asked for, and 16 MiB by default', async () => {
    const endless = await connected({ maxSendBufferBytes: Infinity })
    endless.link.setBuffered(2 ** 40)
    endless.connection.send(new Uint8Array(1))
    const { link, connection } = await connected()
    link.setBuffered(16 * 1024 * 1024)
    expect(() => connection.send(new Uint8Array(1))).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_FULL' }))
  })

  test.each([0, -1, 1.5, NaN, '1'])('is a number of bytes: %s is refused by name', (value) => {
    for (const name of ['maxSendBufferBytes', 'maxUnfinishedBytes']) {
      expect(() => new ConnectionManager(1, { [name]: value })).toThrow(name)
    }
  })

  test('never grows past the bound, whatever is sent and whatever leaves', async () => {
    const step = fc.record({ length: fc.nat(400), leaves: fc.nat(400) })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { link, connection } = await connected({ maxSendBufferBytes: 1_000 })
        for (const { length, leaves } of steps) {
          const buffered = link.bufferedBytes
          const fits = buffered === 0 || buffered + length <= 1_000
          let sent = true
          try {
            connection.send(new Uint8Array(length))
          } catch {
            sent = false
          }
          expect(sent).toBe(fits)
          link.setBuffered(Math.max(0, buffered + (sent ? length : 0) - leaves))
        }
      }),
    )
  })
})

async function connected(options: ManagerOptions = {}) {
  const transport = scripted()
  const manager = new ConnectionManager(4, { transport, ...options })
  const connecting = manager.connect(A)
  await flush()
  const link: ScriptedLink = transport.lastDial(A)!.open()
  return { manager, link, connection: await connecting }
}
