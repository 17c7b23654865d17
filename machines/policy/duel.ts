/** The duel, in which a link is replaced: of two links to one proven peer both ends keep the same one. */
import type { PeerId } from '../domain/peer-id.ts'

/** The side that opened a link: this one (outbound), or the other (inbound). @since 0.1.0 */
export type Direction = 'inbound' | 'outbound'

/** Two links for one proven peer id. @since 0.1.0 */
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
 *
 * @since 0.1.0
 */
export function arrivingWins({ localPeerId, peerId, held, arriving }: Duel): boolean {
  if (held === arriving || localPeerId === undefined) return true
  return arriving === (localPeerId < peerId ? 'outbound' : 'inbound')
}

/** Of several links that one proven peer opens to us, the newest stays, or the oldest, or each, as a peer of its own. */
export type Duplicates = 'newest' | 'oldest' | 'several'

/**
 * What becomes of a link that arrives for a proven peer which has one: it takes its place; it is refused, as the duel's
 * loser (`superseded`) or for coming second (`duplicate`); or it becomes a peer beside it.
 */
export type DuplicateVerdict = 'replace' | 'superseded' | 'duplicate' | 'beside'

/** Only of two that they have opened can one choose: in opposite directions both ends keep what the duel says. */
export function decideDuplicate(duplicates: Duplicates, duel: Duel): DuplicateVerdict {
  if (duel.held !== 'inbound' || duel.arriving !== 'inbound') return arrivingWins(duel) ? 'replace' : 'superseded'
  if (duplicates === 'newest') return 'replace'
  return duplicates === 'oldest' ? 'duplicate' : 'beside'
}
