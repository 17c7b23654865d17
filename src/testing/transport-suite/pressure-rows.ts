/** A reader that stops stops its writer, in bounded memory, and nothing is lost when it goes on. */
import { check, checkSame } from './check.ts'
import type { LinkRecord } from './link-record.ts'
import type { Party } from './party.ts'
import { KIB, numbered, numberOf, upTo } from './payload.ts'
import type { Row } from './row.ts'

/** How many turns of the event loop without a drain mean that there will be none. */
const STUCK_TURNS = 30

export const PRESSURE_ROWS: readonly Row[] = [
  {
    title: 'a reader that stops stops the writer, and loses nothing when it goes on',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      p.tell('stuck', await fill(p, log))
    },
    async reader(p) {
      const log = await p.open()
      log.link.pause()
      p.tell('stopped')
      const sent = Number(await p.hear('stuck'))
      check(log.messages.length === 0, `${log.messages.length} messages were delivered while the link was paused`)
      log.link.resume()
      const got = await log.count(sent)
      checkSame(got.map(numberOf), upTo(sent), 'the messages after resume')
      const length = chunkOf(p)
      check(
        got.every((message) => message.byteLength === length),
        'a message came back shorter or longer than it was sent',
      )
    },
  },
  {
    title: 'bufferedBytes is what was accepted and has not left: above 0 while the writer is stopped, 0 when all has left',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      const { link } = log
      checkSame(link.bufferedBytes, 0, 'the buffered bytes of a new link')
      await p.hear('stopped')
      const sent = await fill(p, log)
      const most = sent * (chunkOf(p) + KIB)
      check(link.bufferedBytes > 0, 'send returned false although bufferedBytes says that nothing is buffered')
      check(link.bufferedBytes <= most, `${link.bufferedBytes} bytes are said to be buffered of the ${most} that were sent`)
      p.tell('stuck', sent)
      await p.hear('all came')
      await p.becomes(
        () => `bufferedBytes to be 0 when everything has arrived (it says ${link.bufferedBytes})`,
        () => link.bufferedBytes === 0,
      )
    },
    reader: readInTwo,
  },
  {
    title: 'drain tells the writer when it may go on',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      const sent = await fill(p, log)
      const before = log.drains
      p.tell('stuck', sent)
      await log.drained(before)
      await p.hear('all came')
      check(log.link.send(numbered(0)), 'send still returns false after a drain, with nothing under way')
    },
    reader: readInTwo,
  },
  {
    title: 'a link that nobody has attached stops its writer too, and loses nothing',
    readerNeeds: 'pause',
    async writer(p) {
      p.tell('stuck', await fill(p, await p.open()))
    },
    async reader(p) {
      const link = await p.link()
      const sent = Number(await p.hear('stuck'))
      const log = p.record(link)
      checkSame((await log.count(sent)).map(numberOf), upTo(sent), 'the messages that waited for attach')
    },
  },
  {
    title: 'pause holds at once, from within the message that calls it',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      for (let n = 0; n < 5; n++) log.link.send(numbered(n))
      for (let n = 1; n <= 5; n++) {
        await log.count(n)
        p.tell('your word came')
      }
    },
    async reader(p) {
      const log = await p.open(({ link }) => link.pause())
      for (let n = 1; n <= 5; n++) {
        await log.count(n)
        // A word to the other side and back shows that time has passed.
        log.link.send(numbered(n))
        await p.hear('your word came')
        checkSame(log.messages.map(numberOf), upTo(n), 'the messages while the link is paused')
        log.link.resume()
      }
    },
  },
  {
    title: 'pause and resume in quick turn deliver everything once',
    readerNeeds: 'pause',
    async writer(p) {
      const { link } = await p.open()
      for (let n = 0; n < 1000; n++) link.send(numbered(n, (n * 7) % 500))
      void link.close()
    },
    async reader(p) {
      const log = await p.open(({ link }) => {
        for (let i = 0; i < 2; i++) {
          link.pause()
          link.resume()
        }
      })
      await log.end()
      checkSame(log.messages.map(numberOf), upTo(1000), 'the messages')
    },
  },
  {
    title: 'a side that reads nothing, because it is paused or was never attached, can close',
    readerNeeds: 'pause',
    async writer(p) {
      for (let round = 0; round < 2; round++) {
        const log = await p.open()
        await p.hear('stopped')
        await fill(p, log)
        p.tell('stuck')
        checkSame(await log.end(), 'remote', 'the end that the other side sees')
      }
    },
    async reader(p) {
      for (const isAttached of [true, false]) {
        const link = await p.link()
        const log = isAttached ? p.record(link) : undefined
        link.pause()
        p.tell('stopped')
        await p.hear('stuck')
        await p.wait('close of a link that reads nothing', link.close())
        check(log === undefined || log.messages.length === 0, 'a paused link delivered messages while it closed')
      }
    },
  },
  {
    title: 'a reader that cannot stop its source ends the link past a bounded buffer, and says why',
    readerLacks: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      const length = chunkOf(p)
      for (let sent = 0; log.reasons.length === 0; sent += length) {
        check(sent < p.facts.mostBuffered, `the reader had stopped, and took ${sent} bytes all the same`)
        const before = log.drains
        if (log.link.send(new Uint8Array(length))) await p.turn()
        else await Promise.race([log.drained(before), log.end()])
      }
    },
    async reader(p) {
      const log = await p.open()
      log.link.pause()
      p.tell('stopped')
      checkSame(await log.end(), 'error', 'the end of a paused link that is flooded')
      check(log.messages.length === 0, `${log.messages.length} messages were delivered while the link was paused`)
    },
  },
]

/** Stops, and goes on when the writer is stuck. */
async function readInTwo(p: Party): Promise<void> {
  const log = await p.open()
  log.link.pause()
  p.tell('stopped')
  const sent = Number(await p.hear('stuck'))
  log.link.resume()
  await log.count(sent)
  p.tell('all came')
}

/** How long a message of {@link fill} is. */
export function chunkOf(p: Party): number {
  return Math.min(64 * KIB, p.facts.maxFrameBytes)
}

/** Sends until the link has pushed back for good; says how many messages that were. */
export async function fill(p: Party, log: LinkRecord): Promise<number> {
  const length = chunkOf(p)
  for (let sent = 0; ;) {
    check(
      sent * length < p.facts.mostBuffered,
      `the reader had stopped, and the writer could go on all the same: ${sent * length} bytes were taken`,
    )
    const before = log.drains
    if (log.link.send(numbered(sent++, length))) {
      // A wire takes some of it away in a turn of the event loop; what it takes is bounded.
      if (sent % 16 === 0) await p.turn()
      continue
    }
    for (let turns = 0; log.drains === before; turns++) {
      if (turns === STUCK_TURNS) return sent
      await p.turn()
    }
  }
}
