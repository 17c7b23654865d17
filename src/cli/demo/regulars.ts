/** The peers that the hub keeps are the manager's to bring back: here they are only asked for, and talked to. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError } from '../../errors.ts'
import { pause } from '../pause.ts'
import { converse } from './chatter.ts'

/** Until a peer is asked for again for which there was no slot. */
const AGAIN_MS = 500

/** What a regular is worth; everybody else is worth nothing, but for what is urgent. */
export const WORTH = 5

/** Keeps some peers connected and talks to them without end, from the moment it is made until the signal is aborted. */
export class Regulars {
  readonly peers: ReadonlySet<PeerId>
  readonly #manager: ConnectionManager
  readonly #signal: AbortSignal

  constructor(manager: ConnectionManager, peers: readonly PeerId[], signal: AbortSignal) {
    this.peers = new Set(peers)
    this.#manager = manager
    this.#signal = signal
    manager.connections$.subscribe((connection) => {
      if (this.peers.has(connection.peerId)) void converse(connection, Infinity, signal)
    })
    for (const peerId of peers) void this.#keep(peerId)
  }

  /** How many of them are connected. */
  get connected(): number {
    return [...this.peers].filter((peerId) => this.#manager.status(peerId) === 'Connected').length
  }

  async #keep(peerId: PeerId): Promise<void> {
    const manager = this.#manager
    manager.protect(peerId, 'regular')
    manager.tag(peerId, 'regular', WORTH)
    while (!this.#signal.aborted && manager.explain(peerId)?.kept !== true) {
      try {
        await manager.connect(peerId, { keep: true, signal: this.#signal })
      } catch (error) {
        if (!ConnectionError.is(error) && !this.#signal.aborted) throw error
        await pause(AGAIN_MS, this.#signal)
      }
    }
  }
}
