/** Selections: the peer that is picked is connected now, and that it was picked is remembered. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { select, type SelectionCandidate, type SelectionStrategy } from '../../../machines/policy/selection.ts'
import { ignoreRejection, isThenable } from '../callbacks/app-callback.ts'
import { spelled } from '../errors/failures.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Standings } from '../peers/standing.ts'
import type { World } from '../world/world.ts'

/** Picks among the connected peers of one supervisor. */
export class Selections {
  readonly #world: World
  readonly #standings: Standings
  #picks = 0

  constructor(world: World, standings: Standings) {
    this.#world = world
    this.#standings = standings
  }

  /** Picks one of those that have a link of ours in use; undefined: there is none. */
  select(peerIds: Iterable<PeerId>, strategy: SelectionStrategy): PeerRecord | undefined {
    const candidates: SelectionCandidate[] = []
    for (const peerId of new Set(peerIds)) {
      const peer = this.#world.peers.get(peerId)
      if (peer?.state !== 'Connected' || peer.port === undefined) continue
      const { direction, latency, holds, picked } = peer
      candidates.push({ peerId, direction, latency, holds, picked, score: this.#standings.scoreOf(peerId) })
    }
    const { random } = this.#world.settings
    const asked = typeof strategy === 'function' ? readingPick(strategy) : strategy
    const picked = select(candidates, asked, random)?.peerId
    const peer = picked === undefined ? undefined : this.#world.peers.get(picked)
    // The strategy, or a score, may have commanded the manager.
    if (peer?.state !== 'Connected') return undefined
    peer.picked = ++this.#picks
    return peer
  }
}

/** The app's strategy, whose caller hears of it where it picks with a promise or with what is no peer id. */
function readingPick(
  strategy: (candidates: readonly SelectionCandidate[]) => unknown,
): (candidates: readonly SelectionCandidate[]) => PeerId | undefined {
  return (candidates) => {
    const picked = strategy(candidates)
    if (isThenable(picked)) ignoreRejection(picked)
    if (picked === undefined || picked === null || typeof picked === 'string') return picked ?? undefined
    throw new TypeError(`strategy must return a peer id or undefined, got ${spelled(picked)}`)
  }
}
