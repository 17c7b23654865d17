/** A crash and a vanished path are told apart from a close in order. */
import { check, checkSame } from './check.ts'
import { numbered } from './payload.ts'
import { chunkOf, fill } from './pressure-rows.ts'
import type { Row } from './row.ts'

/** How many turns of the event loop a false end is given to show. */
const MANY_TURNS = 50

/** The word that asks whoever runs the row to cut: to kill the reader's process, or to take its path away. */
export const CUT = 'cut'

/** The word that asks for the path back. */
export const HEAL = 'heal'

/** The reader's process is killed. */
export const CRASH_ROWS: readonly Row[] = [
  {
    title: 'the other side crashes: an error, after all that it had sent',
    endsWithWriter: true,
    async writer(p) {
      const log = await p.open()
      await log.count(3)
      p.tell(CUT)
      checkSame(await log.end(), 'error', 'the end of a link whose other side was killed')
      checkSame(log.messages.length, 3, 'the messages that came before it')
    },
    async reader(p) {
      const log = await p.open()
      for (let n = 0; n < 3; n++) log.link.send(numbered(n))
    },
  },
  {
    title: 'the other side crashes while this one writes and waits: an error, and nothing that waits is left hanging',
    endsWithWriter: true,
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      await fill(p, log)
      const closed = log.link.close()
      p.tell(CUT)
      await p.wait('close to resolve', closed)
      checkSame(log.link.bufferedBytes, 0, 'the buffered bytes of a link that is over')
    },
    async reader(p) {
      const log = await p.open()
      log.link.pause()
      p.tell('stopped')
    },
  },
]

/** Nothing passes any more, and nobody is told. */
export const VANISH_ROWS: readonly Row[] = [
  {
    title: 'the path vanishes: no end is made up, the writer is stopped in bounded memory, and abort frees it at once',
    async writer(p) {
      const log = await p.open()
      await log.count(1)
      p.tell(CUT)
      await p.hear(CUT)
      await fill(p, log)
      await p.turn(MANY_TURNS)
      check(!log.reasons.some(({ kind }) => kind === 'remote'), 'a vanished path was told as a close by the other side')
      check(log.reasons.length === 0 || log.reasons[0]?.kind === 'error', 'a vanished path ended the link as if this side had closed it')
      log.link.abort()
      checkSame(log.reasons.length, 1, 'the calls of closed when abort returns')
      p.tell('aborted')
    },
    async reader(p) {
      const log = await p.open()
      log.link.send(numbered(1))
      await p.hear('aborted')
      await p.turn(MANY_TURNS)
      check(!log.reasons.some(({ kind }) => kind === 'remote'), 'a vanished path was told as a close by the other side')
    },
  },
  {
    title: 'the path vanishes: a ping does not come back, and ends with its signal',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      await log.count(1)
      p.tell(CUT)
      await p.hear(CUT)
      const abort = new AbortController()
      const reason = new Error('no pong')
      let answer: unknown
      const pinging = log.link.ping!(abort.signal).then(
        (ms) => (answer = ms),
        (error: unknown) => (answer = error),
      )
      await p.turn(MANY_TURNS)
      check(typeof answer !== 'number', 'a ping came back although the path had vanished')
      abort.abort(reason)
      await p.wait('the ping to reject', pinging)
      check(answer === reason || log.reasons.length > 0, 'an aborted ping did not reject with the reason of its signal')
    },
    async reader(p) {
      const log = await p.open()
      log.link.send(numbered(1))
    },
  },
  {
    title: 'the path vanishes and comes back: nothing is lost',
    async writer(p) {
      const log = await p.open()
      await log.count(1)
      p.tell(CUT)
      await p.hear(CUT)
      const sent = await fill(p, log)
      p.tell(HEAL)
      p.tell('sent', sent)
      await p.hear('all came')
    },
    async reader(p) {
      const log = await p.open()
      log.link.send(numbered(1))
      const sent = Number(await p.hear('sent'))
      await log.count(sent)
      check(
        log.messages.every((message) => message.byteLength === chunkOf(p)),
        'a message came back shorter or longer than it was sent',
      )
      p.tell('all came')
    },
  },
]
