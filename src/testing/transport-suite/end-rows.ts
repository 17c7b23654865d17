/** A link ends once, both sides know how, and a close in order loses nothing. */
import type { EndReason } from '../../transports/transport.ts'
import { check, checkCode, checkSame, checkThrows } from './check.ts'
import type { Party } from './party.ts'
import { numbered, numberOf, upTo } from './payload.ts'
import { chunkOf, fill } from './pressure-rows.ts'
import type { Row } from './row.ts'

/** Why a link may end. */
const REASONS: readonly EndReason[] = ['disconnected', 'shutdown', 'evicted', 'replaced', 'idle']

export const END_ROWS: readonly Row[] = [
  {
    title: 'close flushes: the other side gets it all before it is told, and then close resolves',
    async writer(p) {
      const log = await p.open()
      for (let n = 0; n < 100; n++) log.link.send(numbered(n, chunkOf(p)))
      await p.wait('close to resolve', log.link.close())
      checkSame(
        log.reasons.map(({ kind }) => kind),
        ['local'],
        'the end of the side that closed',
      )
    },
    async reader(p) {
      const log = await p.open()
      checkSame(await log.end(), 'remote', 'the end of the other side')
      checkSame(log.messages.map(numberOf), upTo(100), 'the messages that were sent before close')
    },
  },
  {
    title: 'a close says why at the other side, where it is told why',
    writerNeeds: 'reasons',
    readerNeeds: 'reasons',
    async writer(p) {
      for (const reason of [...REASONS, undefined]) await p.wait('close to resolve', (await p.open()).link.close(reason))
    },
    async reader(p) {
      for (const reason of [...REASONS, undefined]) {
        const log = await p.open()
        await log.end()
        checkSame(log.reasons[0], { kind: 'remote', reason }, 'the end of the other side')
      }
    },
  },
  {
    title: 'a close with a reason that cannot be told is a close in order all the same',
    eitherLacks: 'reasons',
    async writer(p) {
      await p.wait('close to resolve', (await p.open()).link.close('idle'))
    },
    async reader(p) {
      checkSame(await (await p.open()).end(), 'remote', 'the end of the other side')
    },
  },
  {
    title: 'close waits for a side that reads slowly',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      const sent = await fill(p, log)
      let isClosed = false
      const closed = log.link.close().then(() => (isClosed = true))
      p.tell('closing', sent)
      // What comes the other way meanwhile is still delivered, and shows that time has passed.
      await log.count(1)
      check(!isClosed && log.reasons.length === 0, 'close was over before the other side had read what was sent')
      p.tell('go on')
      await p.wait('close to resolve', closed)
    },
    async reader(p) {
      const log = await p.open()
      log.link.pause()
      p.tell('stopped')
      const sent = Number(await p.hear('closing'))
      log.link.send(numbered(1))
      await p.hear('go on')
      log.link.resume()
      checkSame(await log.end(), 'remote', 'the end')
      checkSame(log.messages.map(numberOf), upTo(sent), 'the messages that were sent before close')
    },
  },
  {
    title: 'close twice is close once, after the end it resolves, and closed is called once',
    async writer(p) {
      const log = await p.open()
      await p.wait('both closes to resolve', Promise.all([log.link.close(), log.link.close()]))
      await p.wait('close after the end to resolve', log.link.close())
      log.link.abort()
      await p.hear('over')
      checkSame(log.reasons.length, 1, 'the calls of closed')
    },
    async reader(p) {
      const log = await p.open()
      await log.end()
      await p.wait('close after the end to resolve', log.link.close())
      await p.turn(3)
      checkSame(log.reasons.length, 1, 'the calls of closed at the other side')
      p.tell('over')
    },
  },
  {
    title: 'both sides may close at once, and both flush',
    writer: closeAtOnce,
    reader: closeAtOnce,
  },
  {
    title: 'abort ends our side before it returns, and the other side sees a remote close',
    async writer(p) {
      const log = await p.open()
      log.link.send(numbered(1))
      await p.hear('came')
      log.link.abort()
      checkSame(
        log.reasons.map(({ kind }) => kind),
        ['local'],
        'what closed was called with when abort returns',
      )
      checkSame(log.link.bufferedBytes, 0, 'the buffered bytes of a link that is over')
    },
    async reader(p) {
      const log = await p.open()
      await log.count(1)
      p.tell('came')
      checkSame(await log.end(), 'remote', 'the end of the other side')
    },
  },
  {
    title: 'abort with a cause is an error to the other side',
    async writer(p) {
      const log = await p.open()
      log.link.send(numbered(1))
      await p.hear('came')
      log.link.abort(new Error('planted by the suite'))
      checkSame(await log.end(), 'local', 'the end of the side that aborted')
    },
    async reader(p) {
      const log = await p.open()
      await log.count(1)
      p.tell('came')
      checkSame(await log.end(), 'error', 'the end of the other side')
    },
  },
  {
    title: 'abort while closing resolves the close',
    readerNeeds: 'pause',
    async writer(p) {
      const log = await p.open()
      await p.hear('stopped')
      await fill(p, log)
      const closed = log.link.close()
      log.link.abort()
      checkSame(
        log.reasons.map(({ kind }) => kind),
        ['local'],
        'the end',
      )
      await p.wait('close to resolve', closed)
    },
    async reader(p) {
      const log = await p.open()
      log.link.pause()
      p.tell('stopped')
    },
  },
  {
    title: 'a handler may abort from within a message, and hears nothing after the end',
    async writer(p) {
      const log = await p.open()
      for (let n = 0; n < 10; n++) log.link.send(numbered(n))
      await log.end()
      p.tell('over')
    },
    async reader(p) {
      const log = await p.open(({ link }) => link.abort())
      await log.end()
      await p.hear('over')
      await p.turn(3)
      checkSame([log.messages.length, log.late], [1, []], 'the messages, and the calls after the end')
    },
  },
  {
    title: 'once it is over or closing, send throws ERR_NOT_CONNECTED',
    async writer(p) {
      const log = await p.open()
      const closed = log.link.close()
      checkThrows(() => log.link.send(numbered(1)), 'ERR_NOT_CONNECTED', 'send while closing')
      await p.wait('close to resolve', closed)
      checkThrows(() => log.link.send(numbered(1)), 'ERR_NOT_CONNECTED', 'send after the end')
    },
    async reader(p) {
      const log = await p.open()
      await log.end()
      checkThrows(() => log.link.send(numbered(1)), 'ERR_NOT_CONNECTED', 'send after the other side has closed')
    },
  },
  {
    title: 'once it is over, ping rejects ERR_NOT_CONNECTED',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      check(log.link.ping !== undefined, 'the links cannot ping; say so in `cannot`')
      await p.wait('close to resolve', log.link.close())
      const error = await p.wait(
        'ping after the end to reject',
        log.link.ping(new AbortController().signal).then(
          () => undefined,
          (reason: unknown) => reason,
        ),
      )
      checkCode(error, 'ERR_NOT_CONNECTED', 'ping after the end')
    },
    async reader(p) {
      await (await p.open()).end()
    },
  },
]

/** Nobody reads until both have sent it all, so that neither hears of the other's close before its own. */
async function closeAtOnce(p: Party): Promise<void> {
  const link = await p.link()
  // Long queues, where they may be long: longer than what the system takes off us.
  const count = p.facts.bothPause ? Math.min(400, Math.floor(p.facts.mostBuffered / 2 / chunkOf(p))) : 8
  for (let n = 0; n < count; n++) link.send(numbered(n, chunkOf(p)))
  p.tell('sent')
  await p.hear('sent')
  const log = p.record(link)
  await p.wait('close to resolve', link.close())
  checkSame(log.messages.map(numberOf), upTo(count), 'the messages of the other side')
  checkSame(
    log.reasons.map(({ kind }) => kind),
    ['local'],
    'the end of a side that closed',
  )
}
