/** A hand on one peer: what a test does to it, beside what it holds of it. */
import type { Connection } from 'qudag-connections'
import type { ScriptedDial } from 'qudag-connections/testing'
import type { PeerState } from '../../machines/domain/peer-state.ts'

/** A connect that was made, and whether it is settled. */
export interface Waiting {
  readonly controller: AbortController
  settled: boolean
}

/** What a test does to one peer, beside what it holds of it. */
export class Hand {
  readonly peerId: string
  /** Connects that were made and that may not be settled yet. */
  calls: Waiting[] = []
  /** Connections that may be over. */
  holds: Connection[] = []
  /** Disconnects and releases that are not settled. */
  leaving = 0
  dial: ScriptedDial | undefined
  /** The link that was held, and the state that it was held in, when it was looked at last. */
  port: unknown
  state: PeerState | undefined
  /** Whether it was told since then that its link was replaced. */
  replaced = false

  constructor(peerId: string) {
    this.peerId = peerId
  }
}
