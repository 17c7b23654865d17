/** Rows about messages: what is sent arrives, whole, in order, once, and never before somebody listens. */
import { check, checkSame, checkThrows } from './check.ts'
import { flaw, KIB, numbered, numberOf, pattern, upTo } from './payload.ts'
import type { Row } from './row.ts'

const SIZES = [0, 1, 3, 4, 5, 64, 65, 125, 126, 127, 1000, 8 * KIB, 0, 64 * KIB - 4, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 300 * KIB, 0, 2]
const MANY = 1000

export const MESSAGE_ROWS: readonly Row[] = [
  {
    title: 'messages from 0 bytes to hundreds of thousands arrive whole',
    async writer(p) {
      const { link } = await p.open()
      for (const [n, length] of sizesOf(p.facts.maxFrameBytes).entries()) link.send(pattern(n, length))
    },
    async reader(p) {
      const log = await p.open()
      const sizes = sizesOf(p.facts.maxFrameBytes)
      for (const [n, length] of sizes.entries()) {
        const got = (await log.count(n + 1))[n]!
        const wrong = flaw(got, n, length)
        check(wrong === undefined, `message ${n + 1} of ${sizes.length} is not what was sent: ${wrong}`)
      }
    },
  },
  {
    title: 'a thousand messages arrive in order, each once',
    async writer(p) {
      const { link } = await p.open()
      for (let n = 0; n < MANY; n++) link.send(numbered(n, 4 + (n % 50)))
      void link.close()
    },
    async reader(p) {
      const log = await p.open()
      await log.end()
      for (const [place, message] of log.messages.entries()) {
        check(numberOf(message) === place, `in place ${place} came message ${numberOf(message)}`)
      }
      check(log.messages.length === MANY, `${log.messages.length} messages came of ${MANY}`)
    },
  },
  {
    title: 'a message is plain bytes, may be kept, and its sender may use its own again at once',
    async writer(p) {
      const { link } = await p.open()
      const bytes = new Uint8Array(100)
      for (let n = 0; n < MANY; n++) link.send(bytes.fill(n & 0xff))
      bytes.fill(0xee)
    },
    async reader(p) {
      const log = await p.open()
      for (const [n, message] of (await log.count(MANY)).entries()) {
        check(Object.getPrototypeOf(message) === Uint8Array.prototype, `message ${n} is not a plain Uint8Array`)
        check(
          message.every((byte) => byte === (n & 0xff)),
          `message ${n} holds bytes that were written after it: they were not copied`,
        )
      }
    },
  },
  {
    title: 'a message of the largest size passes',
    async writer(p) {
      const { link } = await p.open()
      link.send(pattern(7, p.facts.maxFrameBytes))
    },
    async reader(p) {
      const log = await p.open()
      const wrong = flaw((await log.count(1))[0]!, 7, p.facts.maxFrameBytes)
      check(wrong === undefined, `the largest message is not what was sent: ${wrong}`)
    },
  },
  {
    title: 'one byte more than the largest throws ERR_FRAME_TOO_LARGE, and the link lives on',
    async writer(p) {
      const log = await p.open()
      const { link } = log
      checkThrows(() => link.send(new Uint8Array(p.facts.maxFrameBytes + 1)), 'ERR_FRAME_TOO_LARGE', 'send of one byte too many')
      check(link.bufferedBytes === 0, `a message that was refused counts as ${link.bufferedBytes} buffered bytes`)
      link.send(numbered(1))
    },
    async reader(p) {
      const log = await p.open()
      checkSame((await log.count(1)).map(numberOf), [1], 'the messages after the one that was refused')
    },
  },
  {
    title: 'nothing is lost before attach, nor delivered from within it',
    async writer(p) {
      const { link } = await p.open()
      for (let n = 0; n < 100; n++) link.send(numbered(n, 1000))
      p.tell('sent')
      await p.wait('close to resolve', link.close())
    },
    async reader(p) {
      const link = await p.link()
      await p.hear('sent')
      await p.turn(5)
      const log = p.record(link)
      check(log.messages.length === 0, 'a message was delivered from within attach')
      checkSame(await log.end(), 'remote', 'the end')
      checkSame(log.messages.map(numberOf), upTo(100), 'the messages that came before attach')
    },
  },
  {
    title: 'a link that ended before attach tells so after it',
    async writer(p) {
      const link = await p.link()
      link.abort()
      const log = p.record(link)
      check(log.reasons.length === 0, 'closed was called from within attach')
      checkSame(await log.end(), 'local', 'the end of an aborted link')
    },
    async reader(p) {
      const link = await p.link()
      checkSame(await p.record(link).end(), 'remote', 'the end that the other side sees')
    },
  },
  {
    title: 'attach is for once',
    async writer(p) {
      const { link } = await p.open()
      let isRefused = false
      try {
        p.record(link)
      } catch {
        isRefused = true
      }
      check(isRefused, 'a second attach was accepted: the first handler is cut off without a word')
    },
    async reader(p) {
      await p.open()
    },
  },
  {
    title: 'nothing is delivered from within send or resume',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('ready')
      log.link.send(numbered(1))
      log.link.send(numbered(2))
      // The echo is sent from within the delivery of the first: it must not be here when send returns.
      check(log.messages.length === 0, 'the answer was delivered from within send')
      await log.count(1)
    },
    async reader(p) {
      const log = await p.open(({ link }) => link.pause())
      p.tell('ready')
      await log.count(1)
      log.link.send(numbered(1))
      await p.turn(3)
      const before = log.messages.length
      log.link.resume()
      check(log.messages.length === before, 'a message was delivered from within resume')
      await log.count(2)
    },
  },
]

/** The sizes that fit. */
function sizesOf(maxFrameBytes: number): number[] {
  return SIZES.filter((size) => size <= maxFrameBytes)
}
