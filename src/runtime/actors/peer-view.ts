/** A view of a peer is a copy, and looking changes nothing. */
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import type { EvictionRecord } from '../../../machines/domain/eviction-record.ts'
import type { Owner } from '../../../machines/policy/report.ts'
import type { LinkSecurity } from '../../transports/transport.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { World } from '../world/world.ts'

/** One known peer, as of the moment it was asked. @since 0.1.0 */
export interface PeerView {
  readonly peerId: PeerId
  readonly status: ConnectionStatus
  /** The status with its substate: `'Disconnected.pooled'`. */
  readonly state: PeerState
  /** Whether its link waits in the pool. */
  readonly pooled: boolean
  /** Who opened its link, or its last one. */
  readonly direction: Direction
  /** `app`: the application reports on it and owns its link. */
  readonly owner: Owner
  /** When its status changed last, in milliseconds since the epoch. */
  readonly since: number
  /** Where the other side is; left out where there was no link yet. */
  readonly remoteAddress?: string
  /** How its present link is secured, and by what it has proven who it is; left out where it is not, or has no link. */
  readonly security?: LinkSecurity
  /** The last measured round trip of the present link, in milliseconds; null: none. */
  readonly latency: number | null
  /** How many connections hold its link. */
  readonly holds: number
  /** What it is worth: the sum of its tags, or what the option `score` says. */
  readonly score: number
  /** Whether it is protected from eviction. */
  readonly protected: boolean
  /** Whom it yielded its slot to last, and why; left out where it did not. */
  readonly eviction?: EvictionRecord
  /** Why it is `Failed`. */
  readonly failure?: Failure
}

/** Shows one peer; undefined where it is just being made or forgotten. */
export function viewPeer(world: World, peer: PeerRecord): PeerView | undefined {
  const { peerId, state, direction, since, remoteAddress, latency, holds, eviction } = peer
  if (state === undefined) return undefined
  const failure = world.failureOf(peer)
  const security = peer.port?.security
  return {
    peerId,
    status: statusOf(state),
    state,
    pooled: state === 'Disconnected.pooled',
    direction,
    owner: world.ownerOf(peer),
    since: world.instant(since),
    latency,
    holds,
    score: world.standings.scoreOf(peerId),
    protected: world.standings.isProtected(peerId),
    ...(eviction === undefined ? {} : { eviction }),
    ...(remoteAddress === '' ? {} : { remoteAddress }),
    ...(security === undefined ? {} : { security }),
    ...(failure === undefined ? {} : { failure }),
  }
}
