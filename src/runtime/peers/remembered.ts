/** Peers without a link are remembered up to a bound of their own kind, and the one that is gone longest is forgotten first. */
import { isUnproven } from '../../../machines/domain/peer-id.ts'
import { isMemoryFull, type Retention } from '../../../machines/policy/memory.ts'
import { FifoList } from '../collections/fifo-list.ts'
import type { PeerRecord } from './peer-record.ts'

/** The peers that are gone. Those whose name is gone with their link have a bound apart: they proved no id, or were beside another link of theirs. */
export class Remembered {
  readonly #retention: Retention
  readonly #named = new FifoList<PeerRecord>()
  readonly #unproven = new FifoList<PeerRecord>()

  constructor(retention: Retention) {
    this.#retention = retention
  }

  /** Adds a peer that has no link any more; true: {@link excess} has to go. */
  add(peer: PeerRecord): boolean {
    const line = peer.isBeside || isUnproven(peer.peerId) ? this.#unproven : this.#named
    line.push(peer)
    peer.line = line
    return this.excess !== undefined
  }

  /** Takes a peer out: others that come and go must not push it out. */
  remove(peer: PeerRecord): void {
    const { line } = peer
    if (line !== this.#named && line !== this.#unproven) return
    line.remove(peer)
    peer.line = undefined
  }

  /** The peer that is to be forgotten next; undefined: none has to be. */
  get excess(): PeerRecord | undefined {
    const { peers, unproven } = this.#retention
    if (isMemoryFull(this.#unproven.size, unproven)) return this.#unproven.first
    return isMemoryFull(this.#named.size, peers) ? this.#named.first : undefined
  }
}
