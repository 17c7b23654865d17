/** What is known of peers that other nodes own, and the errors that say so. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../machines/domain/shown.ts'
import { ConnectionError } from '../errors.ts'
import type { FleetHost, FleetPeerExplanation, FleetVerdict } from '../runtime/options/fleet-gate.ts'
import type { Session } from './session.ts'
import { LinkedMap } from '../runtime/collections/linked-map.ts'

/** Who was found to own a peer. */
interface Found {
  readonly node: string
  readonly fence: number
  readonly at: number
}

/** So many peers that others own are remembered, for `explain`. */
const MAX_FOUND = 1_024

/** The peers that other nodes were found to own, the last of them. */
export class Elsewhere {
  readonly #host: FleetHost
  readonly #found = new LinkedMap<PeerId, Found>()

  constructor(host: FleetHost) {
    this.#host = host
  }

  /** Another node owns a peer; gives the error that says so. */
  found(peerId: PeerId, node: string, fence: number): ConnectionError {
    const { clock } = this.#host
    this.#found.delete(peerId)
    this.#found.set(peerId, { node, fence, at: clock.instant(clock.now()) })
    if (this.#found.size > MAX_FOUND) this.#forgetOldest()
    return new ConnectionError(
      'ERR_OWNED_ELSEWHERE',
      `'${shownPeerId(peerId)}' is owned by node '${node}' of the fleet; ask that node, or disconnect the peer there`,
      { peerId, node },
    )
  }

  forget(peerId: PeerId): void {
    this.#found.delete(peerId)
  }

  explain(peerId: PeerId): FleetPeerExplanation {
    const found = this.#found.get(peerId)
    return found === undefined ? { owner: 'free' } : { owner: 'another node', ...found }
  }

  #forgetOldest(): void {
    const { first } = this.#found
    if (first !== undefined) this.#found.delete(first)
  }
}

/** What an arriving link is told of a claim that failed. */
export function verdictOf(error: unknown): FleetVerdict {
  if (!ConnectionError.is(error) || error.code !== 'ERR_OWNED_ELSEWHERE') return { reason: 'fleet-away' }
  return { reason: 'owned-elsewhere', ...(error.node === undefined ? {} : { said: error.node }) }
}

/** The error of a claim that cannot be made now. */
export function unclaimedError(peerId: PeerId, { storeError, state }: Session): ConnectionError {
  const why = storeError === undefined ? `this node is not registered (${state})` : storeError
  return new ConnectionError(
    'ERR_STORE',
    `'${shownPeerId(peerId)}' cannot be claimed for this node of the fleet: ${why}; it is tried again when the store answers`,
    { peerId, reason: 'unclaimed' },
  )
}
