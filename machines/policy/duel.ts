/** The duel: of two links to one proven peer both ends keep the same one. */
import type { PeerId } from '../domain/peer-id.ts'

/** Who opened a link: we did, or they did. */
export type Direction = 'inbound' | 'outbound'

/** Two links for one proven peer id. */
export interface Duel {
  /** What the other side knows us by; undefined where we have proven nothing. */
  readonly localPeerId: PeerId | undefined
  readonly peerId: PeerId
  /** The direction of the link that is held, or being dialled. */
  readonly held: Direction
  /** The direction of the link that arrives. */
  readonly arriving: Direction
}

/**
 * Whether the arriving link replaces the held one. In opposite directions both ends keep the link that the lower id
 * (by UTF-16 code units) dialled; in the same direction the newer replaces the older. Where we have proven no id, the
 * other side sees two different peers and has nothing to agree on: the newer link wins.
 */
export function arrivingWins({ localPeerId, peerId, held, arriving }: Duel): boolean {
  if (held === arriving || localPeerId === undefined) return true
  return arriving === (localPeerId < peerId ? 'outbound' : 'inbound')
}
