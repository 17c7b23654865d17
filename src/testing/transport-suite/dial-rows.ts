/** A dial ends in a link or in nothing, and a listener gives its place back. */
import { check, checkSame, textOf } from './check.ts'
import { CountedAbort } from './counted-signal.ts'
import type { Party } from './party.ts'
import { numbered, numberOf } from './payload.ts'
import type { Row } from './row.ts'

/** After so many turns of the event loop a dial is aborted, in turn. */
const ABORT_AFTER = [0, 1, 2, 3, 5, 8]

const REASON = new Error('planted by the suite')

export const DIAL_ROWS: readonly Row[] = [
  {
    title: 'a dial is refused where nobody listens any more',
    writerIs: 'dialer',
    async writer(p) {
      const address = String(await p.hear('closed at'))
      const error = await failure(p, p.dialAt(address))
      check(error !== undefined, 'a dial to where nobody listens opened a link')
      check(error instanceof Error, `a dial that was refused should reject with an Error, not ${textOf(error)}`)
    },
    async reader(p) {
      const listener = await p.listen()
      await p.wait('close of the listener', listener.close())
      await p.wait('a second close of the listener', listener.close())
      p.tell('closed at', listener.address.href)
    },
  },
  {
    title: 'a listener that is closed leaves its links alone',
    writerIs: 'dialer',
    async writer(p) {
      const log = await p.open()
      await p.hear('closed')
      log.link.send(numbered(1))
      await log.count(1)
    },
    async reader(p) {
      const log = p.record(await p.arrival())
      log.onMessage = (data) => void log.link.send(data)
      await p.wait('close of the listener', p.closeListeners())
      p.tell('closed')
      await log.count(1)
    },
  },
  {
    title: 'a place that is taken is refused, and is free again once its listener is closed',
    writerIs: 'dialer',
    async writer() {},
    async reader(p) {
      const listener = await p.listen()
      const { href } = listener.address
      let isRefused = false
      await p.listen(href).catch(() => (isRefused = true))
      check(isRefused, `a second listener was let in at ${href}`)
      await p.wait('close of the listener', listener.close())
      await (await p.listen(href)).close()
    },
  },
  {
    title: 'a dial aborted before it began rejects with the reason, and nobody arrives',
    writerIs: 'dialer',
    async writer(p) {
      const error = await failure(p, p.dialAt(await p.where(), AbortSignal.abort(REASON)))
      check(error === REASON, `a dial with an aborted signal should reject with its reason, not with ${textOf(error)}`)
      ;(await p.open()).link.send(numbered(7))
    },
    async reader(p) {
      const log = p.record(await p.arrival())
      checkSame((await log.count(1)).map(numberOf), [7], 'what the only link that arrives says')
    },
  },
  {
    title: 'a dial aborted under way rejects with the reason at once, and leaves no link behind',
    writerIs: 'dialer',
    async writer(p) {
      const address = await p.where()
      for (const turns of ABORT_AFTER) {
        const abort = new CountedAbort()
        const dialing = p.dialAt(address, abort.signal)
        const ended = dialing.then(
          (link) => link.abort(),
          (error: unknown) => check(error === REASON, `an aborted dial should reject with the reason, not with ${textOf(error)}`),
        )
        if (turns > 0) await p.turn(turns)
        abort.abort(REASON)
        await p.wait('an aborted dial to settle', ended)
        if (turns === 0) check((await failure(p, dialing)) === REASON, 'a dial aborted at once opened a link all the same')
      }
      ;(await p.open()).link.send(numbered(7))
    },
    async reader(p) {
      for (;;) {
        const log = p.record(await p.arrival())
        await Promise.race([log.count(1), log.end()])
        if (log.messages.length > 0) return
      }
    },
  },
  {
    title: 'an aborted link ends at the other side too',
    writerIs: 'dialer',
    async writer(p) {
      for (let n = 0; n < 5; n++) (await p.dial()).abort()
    },
    async reader(p) {
      for (let n = 0; n < 5; n++) await p.record(await p.arrival()).end()
    },
  },
  {
    title: 'once a dial is done its signal means nothing, and nobody listens to it',
    writerIs: 'dialer',
    async writer(p) {
      const abort = new CountedAbort()
      const log = p.record(await p.dial(abort.signal))
      checkSame(abort.listeners, 0, 'the listeners that a dial left on its signal')
      abort.abort(REASON)
      log.link.send(numbered(1))
      await log.count(1)
    },
    async reader(p) {
      const log = p.record(await p.arrival())
      log.onMessage = (data) => void log.link.send(data)
      await log.count(1)
    },
  },
  {
    title: 'each side says where the other is, as an address of the scheme',
    writerIs: 'dialer',
    async writer(p) {
      checkAddress(p, (await p.open()).link.remoteAddress)
    },
    async reader(p) {
      checkAddress(p, (await p.open()).link.remoteAddress)
    },
  },
]

export const CROWD_ROWS: readonly Row[] = [
  {
    title: 'many links at once, each with its own messages',
    timesLimit: 4,
    async writer(p) {
      const links = await p.wait(`${p.facts.links} links`, Promise.all(Array.from({ length: p.facts.links }, () => p.link())))
      const logs = links.map((link) => p.record(link))
      for (const [i, { link }] of logs.entries()) for (let n = 0; n < 3; n++) link.send(numbered(i * 3 + n))
      for (const [i, log] of logs.entries()) {
        checkSame((await log.count(3)).map(numberOf), [i * 3, i * 3 + 1, i * 3 + 2], `the echoes on link ${i} of ${links.length}`)
      }
      await p.wait('every close to resolve', Promise.all(links.map((link) => link.close())))
    },
    async reader(p) {
      const serve = async (): Promise<void> => {
        const log = await p.open(({ link }, data) => void link.send(data))
        checkSame(await log.end(), 'remote', 'the end')
      }
      await Promise.all(Array.from({ length: p.facts.links }, serve))
    },
  },
]

function checkAddress(p: Party, address: string): void {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):./i.exec(address) ?? []
  check(
    scheme !== undefined && p.transport.schemes.includes(scheme),
    `remoteAddress is "${address}", not an address of ${p.transport.schemes.join(' or ')}`,
  )
}

/** What it rejects with; undefined: it did not. */
function failure(p: Party, promise: Promise<unknown>): Promise<unknown> {
  return p.wait(
    'a dial to settle',
    promise.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  )
}
