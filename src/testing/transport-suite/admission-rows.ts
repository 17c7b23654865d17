/** A dial is done when the listener has admitted it, and learns why where it has not. */
import type { Refusal } from '../../transports/transport.ts'
import { check, checkCode, checkSame, checkThrows, textOf } from './check.ts'
import type { Party } from './party.ts'
import { numbered, numberOf } from './payload.ts'
import type { Row } from './row.ts'

const REASON = new Error('planted by the suite')
/** So many turns of the event loop a dial that should wait is looked at. */
const TURNS = 20

const PAUSED: Refusal = { code: 'ERR_RATE_LIMITED', reason: 'host-rate', retryAfterMs: 1_500 }
const PLAIN: Refusal = { code: 'ERR_DENIED', reason: 'gate' }

/** What a listener with `onArrival` promises. */
export const ADMISSION_ROWS: readonly Row[] = [
  {
    title: 'a dial is done when the listener admits it, and not before; then messages pass both ways',
    writerIs: 'dialer',
    readerNeeds: 'admit',
    takesArrivals: true,
    async writer(p) {
      let isDone = false
      const dialing = p.dialAt(await p.where()).finally(() => (isDone = true))
      await p.hear('arrived')
      await p.turn(TURNS)
      check(!isDone, 'the dial was done before the listener had admitted it')
      p.tell('not yet')
      const log = p.record(p.keep(await p.wait('the dial to be done', dialing)))
      log.link.send(numbered(1))
      checkSame((await log.count(1)).map(numberOf), [2], 'what the listener says')
    },
    async reader(p) {
      const arrival = await p.knock()
      check(arrival.remoteAddress !== '', 'an arrival should say where its other side is')
      p.tell('arrived')
      await p.hear('not yet')
      const log = p.record(p.keep(arrival.admit()))
      checkSame((await log.count(1)).map(numberOf), [1], 'what the dialer says')
      log.link.send(numbered(2))
    },
  },
  {
    title: 'a refusal reaches the dialer, with its code, its reason, and the pause if there is one',
    writerIs: 'dialer',
    readerNeeds: 'admit',
    takesArrivals: true,
    async writer(p) {
      for (const refusal of [PAUSED, PLAIN]) {
        const error = await failure(p)
        check(error !== undefined, 'a dial that was refused opened a link')
        checkCode(error, 'ERR_REJECTED_BY_PEER', 'a dial that was refused')
        const { remoteCode: code, reason, retryAfterMs } = error as { remoteCode?: unknown; reason?: unknown; retryAfterMs?: unknown }
        checkSame({ code, reason, retryAfterMs }, refusal, 'what the dialer learns of why (remoteCode, reason, retryAfterMs)')
      }
    },
    async reader(p) {
      for (const refusal of [PAUSED, PLAIN]) (await p.knock()).refuse(refusal)
    },
  },
  {
    title: 'an arrival that is gone says so once, to the last who asked; then admit throws, and refuse does nothing',
    writerIs: 'dialer',
    readerNeeds: 'admit',
    takesArrivals: true,
    async writer(p) {
      const abort = new AbortController()
      const dialing = p.dialAt(await p.where(), abort.signal)
      const ended = dialing.then(
        (link) => link.abort(),
        (error: unknown) => check(error === REASON, `an aborted dial should reject with the reason, not with ${textOf(error)}`),
      )
      await p.hear('arrived')
      abort.abort(REASON)
      await p.wait('an aborted dial to settle', ended)
      await p.hear('over')
    },
    async reader(p) {
      const arrival = await p.knock()
      const told: string[] = []
      arrival.onGone(() => told.push('first'))
      const gone = new Promise<void>((resolve) => {
        arrival.onGone(() => {
          told.push('last')
          resolve()
        })
      })
      p.tell('arrived')
      await p.wait('onGone of an arrival whose dialer has gone', gone)
      checkThrows(() => p.keep(arrival.admit()), 'ERR_NOT_CONNECTED', 'admit of an arrival that is gone')
      arrival.refuse(PLAIN)
      await p.turn(3)
      checkSame(told, ['last'], 'who was told that it is gone')
      await p.wait('onGone of one that is over already', new Promise<void>((resolve) => arrival.onGone(resolve)))
      p.tell('over')
    },
  },
  {
    title: 'a listener that knows no admission hands over links, though it is given onArrival',
    writerIs: 'dialer',
    readerLacks: 'admit',
    takesArrivals: true,
    async writer(p) {
      ;(await p.open()).link.send(numbered(1))
      await p.hear('came')
    },
    async reader(p) {
      await p.record(await p.arrival()).count(1)
      p.tell('came')
    },
  },
]

/** What a dial rejects with; undefined: it opened a link. */
async function failure(p: Party): Promise<unknown> {
  const dialing = p.dialAt(await p.where())
  return p.wait(
    'the dial to settle',
    dialing.then(
      (link) => void p.keep(link),
      (error: unknown) => error,
    ),
  )
}
