/** An arriving link is admitted or refused once, and told so where its transport can. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Arrival, Link, LinkFence, Refusal } from '../../transports/transport.ts'
import { abortQuietly, faultOfLink } from '../callbacks/foreign-link.ts'
import type { ArrivalRefusal, RefusalNumbers } from './door.ts'
import { spelled } from '../errors/failures.ts'
import { wordOf } from '../../transports/refusal.ts'
import { isThenable, ignoreRejection } from '../callbacks/app-callback.ts'
import { watchOver } from '../links/waiting-link.ts'

/** What the other side is told of each reason. A word more is `reason` itself. */
const CODES: Readonly<Record<ArrivalRefusal, string>> = {
  stopped: 'ERR_STOPPED',
  'invalid-id': 'ERR_DENIED',
  denied: 'ERR_DENIED',
  'host-rate': 'ERR_RATE_LIMITED',
  'total-rate': 'ERR_RATE_LIMITED',
  'host-limit': 'ERR_MAX_CONNECTIONS',
  'subnet-limit': 'ERR_MAX_CONNECTIONS',
  'pending-limit': 'ERR_MAX_CONNECTIONS',
  gate: 'ERR_DENIED',
  'gate-timeout': 'ERR_DENIED',
  gone: 'ERR_NOT_CONNECTED',
  self: 'ERR_SELF_DIAL',
  superseded: 'ERR_INVALID_TRANSITION',
  duplicate: 'ERR_INVALID_TRANSITION',
  'inbound-limit': 'ERR_MAX_CONNECTIONS',
  'max-connections': 'ERR_MAX_CONNECTIONS',
  'owned-elsewhere': 'ERR_OWNED_ELSEWHERE',
  'fleet-limit': 'ERR_MAX_CONNECTIONS',
  'fleet-away': 'ERR_STORE',
  'older-fence': 'ERR_OWNED_ELSEWHERE',
}

/** What is said to the other side of one that is turned away. */
export function refusalFor(why: ArrivalRefusal, { retryAfterMs, said = '' }: RefusalNumbers = {}): Refusal {
  const code = CODES[why]
  const reason = wordOf(said) || why
  return retryAfterMs === undefined ? { code, reason } : { code, reason, retryAfterMs }
}

/** A link of a transport that knows no admission: its other side is connected already, and is told nothing but the end. */
export class PlainArrival implements Arrival {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly fence?: LinkFence
  readonly #link: Link

  constructor(link: Link) {
    this.#link = link
    this.remoteAddress = link.remoteAddress
    if (link.remotePeerId !== undefined) this.remotePeerId = link.remotePeerId
    if (link.fence !== undefined) this.fence = link.fence
  }

  admit(): Link {
    return this.#link
  }

  refuse(): void {
    abortQuietly(this.#link)
  }

  onGone(f: () => void): void {
    watchOver(this.#link, f)
  }
}

const METHODS = ['admit', 'refuse', 'onGone'] as const

/** What is wrong with an arrival that a transport gave; undefined: nothing that can be seen. */
export function faultOfArrival(arrival: unknown): TypeError | undefined {
  try {
    if (typeof arrival !== 'object' || arrival === null) return new TypeError('the transport gave no arrival')
    const given = arrival as { readonly [name in keyof Arrival]?: unknown }
    const missing = METHODS.find((name) => typeof given[name] !== 'function')
    if (missing !== undefined) return new TypeError(`the transport gave no arrival: it has no method ${missing}`)
    const { remoteAddress, remotePeerId } = given
    if (typeof remoteAddress !== 'string')
      return new TypeError(`the transport gave an arrival whose remoteAddress is no text: ${spelled(remoteAddress)}`)
    if (remotePeerId !== undefined && typeof remotePeerId !== 'string')
      return new TypeError(`the transport gave an arrival whose remotePeerId is no peer id: ${spelled(remotePeerId)}`)
    return undefined
  } catch (error) {
    return new TypeError(`the transport gave an arrival that throws when it is looked at: ${spelled(error)}`, { cause: error })
  }
}

/** The link of an arrival. @throws what is wrong with it */
export function admitted(arrival: Arrival): Link {
  const link = arrival.admit()
  const fault = faultOfLink(link)
  if (fault === undefined) return link
  abortQuietly(link)
  throw fault
}

/** Turns away whatever a transport gave for an arrival. It counts as gone whatever comes of it. */
export function refuseQuietly(arrival: unknown, refusal: Refusal): void {
  try {
    const refused = (arrival as { readonly refuse?: (refusal: Refusal) => unknown } | undefined | null)?.refuse?.(refusal)
    if (isThenable(refused)) ignoreRejection(refused)
  } catch {
    // It was to be gone, and nobody here has it.
  }
}
