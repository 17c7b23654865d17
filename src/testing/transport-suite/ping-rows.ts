/** A ping measures a round trip, also under load, and always settles. */
import { check, checkCode, checkSame } from './check.ts'
import { CountedAbort } from './counted-signal.ts'
import type { Party } from './party.ts'
import { numbered } from './payload.ts'
import { chunkOf } from './pressure-rows.ts'
import type { Row } from './row.ts'
import type { LinkRecord } from './link-record.ts'

const never = (): AbortSignal => new AbortController().signal

export const PING_ROWS: readonly Row[] = [
  {
    title: 'a ping measures a round trip',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      await p.hear('ready')
      const since = performance.now()
      const times = await p.wait('20 pings', Promise.all(Array.from({ length: 20 }, () => ping(log, never()))))
      const passed = performance.now() - since
      for (const ms of times) check(ms >= 0 && ms <= passed, `a ping took ${ms} ms, within ${passed} ms`)
      checkSame(log.reasons.length, 0, 'ends after pings')
    },
    reader: stay,
  },
  {
    title: 'a ping comes back under load, both ways',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      await p.hear('ready')
      const pings: Promise<number>[] = []
      for (let n = 0; n < 100; n++) {
        log.link.send(numbered(n, chunkOf(p)))
        if (n % 20 === 0) pings.push(ping(log, never()))
      }
      for (const ms of await p.wait('pings under load', Promise.all(pings))) check(ms >= 0, `a ping took ${ms} ms`)
      await log.count(100)
      p.tell('pinged')
    },
    async reader(p) {
      const log = await p.open()
      p.tell('ready')
      for (let n = 0; n < 100; n++) log.link.send(numbered(n, chunkOf(p)))
      await log.count(100)
      await p.hear('pinged')
    },
  },
  {
    title: 'a ping ends with its signal and leaves no listener on it',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      await p.hear('ready')
      const reason = new Error('enough')
      check(
        (await failure(p, ping(log, AbortSignal.abort(reason)))) === reason,
        'a ping with an aborted signal did not reject with its reason',
      )
      for (let n = 0; n < 100; n++) {
        const abort = new CountedAbort()
        const pinging = failure(p, ping(log, abort.signal))
        abort.abort(reason)
        check((await pinging) === reason, 'an aborted ping did not reject with the reason of its signal')
      }
      const counted = new CountedAbort()
      await p.wait('a ping', ping(log, counted.signal))
      checkSame(counted.listeners, 0, 'the listeners that a ping left on its signal')
    },
    reader: stay,
  },
  {
    title: 'a ping rejects ERR_NOT_CONNECTED when the link ends first',
    writerNeeds: 'ping',
    async writer(p) {
      const log = await p.open()
      await p.hear('ready')
      const pinging = failure(p, ping(log, never()))
      log.link.abort()
      checkCode(await pinging, 'ERR_NOT_CONNECTED', 'a ping of a link that ended')
    },
    reader: stay,
  },
]

async function stay(p: Party): Promise<void> {
  await p.open()
  p.tell('ready')
}

function ping({ link }: LinkRecord, signal: AbortSignal): Promise<number> {
  if (link.ping === undefined) throw new Error('the links cannot ping; say so in `cannot`')
  return link.ping(signal)
}

/** What it rejects with; undefined: it did not. */
function failure(p: Party, promise: Promise<unknown>): Promise<unknown> {
  return p.wait(
    'a ping to reject',
    promise.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  )
}
