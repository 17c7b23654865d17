/** The best proof that this platform has: the demo is as safe as it can be here, and says what is missing for more. */
import type { PeerView } from '../../runtime/actors/peer-view.ts'
import { createIdentity, type Identity } from '../../transports/identity.ts'
import { SAFETY_WORDS, safetyOf } from '../../transports/link-safety.ts'

/** Who the hub is, and why it is not safe against quantum computers where it is not. */
export interface BestProof {
  readonly identity: Identity
  /** Undefined: nothing is missing. */
  readonly missing: string | undefined
}

/** Makes an identity that a quantum computer cannot forge, and where this Node knows none, one of Ed25519. */
export function bestProof(): BestProof {
  try {
    return { identity: createIdentity({ algorithm: 'ml-dsa-65' }), missing: undefined }
  } catch {
    const missing = `post-quantum identities and key agreement need Node 24.7 or newer, this is ${process.version}; here ids are of ed25519`
    return { identity: createIdentity(), missing }
  }
}

/** How many links are, or were, how safe. */
export class SafetyCounts {
  readonly #counts = SAFETY_WORDS.map(() => 0)

  /** Of all peers that have a link now. */
  static of(peers: Iterable<Pick<PeerView, 'status' | 'security' | 'remoteAddress'>>): SafetyCounts {
    const counts = new SafetyCounts()
    for (const peer of peers) if (peer.status === 'Connected') counts.add(peer)
    return counts
  }

  add({ security, remoteAddress = '' }: Pick<PeerView, 'security' | 'remoteAddress'>): void {
    this.#counts[safetyOf(security, remoteAddress)]!++
  }

  /** `3 proven, encrypted`, `5 open`: the safest first. */
  get words(): readonly string[] {
    return SAFETY_WORDS.flatMap((words, step) =>
      this.#counts[step] === 0 ? [] : [`${this.#counts[step]} ${words || 'open'}`],
    ).toReversed()
  }
}
