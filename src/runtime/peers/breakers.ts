/** Breakers: what a peer's dials and links come to is noted with that peer, and nowhere else; an open one is half-open for one probe. */
import type { Move } from '../../../machines/domain/transition.ts'
import {
  afterFailure,
  afterNothing,
  askBreaker,
  CLOSED,
  halfOpened,
  probing,
  type BreakerVerdict,
} from '../../../machines/policy/breaker.ts'
import { isLocalFault } from '../../../machines/policy/local-fault.ts'
import type { PeerRecord } from './peer-record.ts'
import type { Settings } from '../options/settings.ts'

/** What tells of our own settings, and nothing of the peer. */
const OUR_OWN: ReadonlySet<string> = new Set([
  'ERR_NO_ADDRESS',
  'ERR_NO_TRANSPORT',
  'ERR_DENIED',
  'ERR_CRASHED',
  'ERR_SELF_DIAL',
  'ERR_OWNED_ELSEWHERE',
  'ERR_STORE',
])

const FAILED: ReadonlySet<string> = new Set(['dial-failed', 'timeout', 'heartbeat-lost'])

/** The breakers of one supervisor's peers. */
export class Breakers {
  readonly #settings: Settings

  constructor(settings: Settings) {
    this.#settings = settings
  }

  /** What a peer's breaker says to an attempt now. */
  ask(peer: PeerRecord | undefined, at: number): BreakerVerdict {
    const { breaker: policy } = this.#settings
    return peer?.breaker === undefined || policy === undefined ? { kind: 'pass' } : askBreaker(peer.breaker, at, policy)
  }

  /** Has the next attempt be a probe, where attempts are refused. */
  halfOpen(peer: PeerRecord, at: number): void {
    if (peer.breaker !== undefined) peer.breaker = halfOpened(peer.breaker, at)
  }

  moved(peer: PeerRecord, { from, to, fromState, reason, failure }: Move): void {
    const { breaker: policy, random } = this.#settings
    if (policy === undefined || from === to) return
    // Who waited for its turn to be dialled has shown nothing of itself.
    const wasDialled = fromState !== 'Connecting.waiting'
    if (to === 'Connected') peer.breaker = undefined
    else if (to === 'Connecting') this.#attempted(peer, peer.since)
    else if (to === 'Failed' && wasDialled && FAILED.has(reason) && !isOurs(peer, failure?.code)) {
      peer.breaker = afterFailure(peer.breaker ?? CLOSED, peer.since, random(), policy)
    } else if (from === 'Connecting' && peer.breaker !== undefined) peer.breaker = afterNothing(peer.breaker)
  }

  #attempted(peer: PeerRecord, at: number): void {
    if (peer.breaker !== undefined && this.ask(peer, at).kind === 'probe') peer.breaker = probing(peer.breaker)
  }
}

function isOurs({ error }: PeerRecord, code = ''): boolean {
  // The code of a dial that failed is its own; what it failed of is in its error.
  return OUR_OWN.has(code) || (code === 'ERR_DIAL_FAILED' && error?.code === code && isLocalFault(error))
}
