/** Keeps one thing true: who is picked is connected now, and that it was picked is remembered. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { select, type SelectionCandidate, type SelectionStrategy } from '../../machines/policy/selection.ts'
import type { PeerRecord } from './peer-record.ts'
import type { Standings } from './standing.ts'
import type { World } from './world.ts'

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
    const peer = this.#world.peers.get(select(candidates, strategy, random)?.peerId ?? '')
    if (peer !== undefined) peer.picked = ++this.#picks
    return peer
  }
}
