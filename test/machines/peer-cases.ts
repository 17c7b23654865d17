/** Every event of the peer machine, with every outcome of every guard, is a case with a name. */
import { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { Failure } from '../../machines/domain/failure.ts'
import { PEER_STATES } from '../../machines/domain/peer-state.ts'
import type { PeerContext, PeerEvent } from '../../machines/peer-machine.ts'
import type { Owner } from '../../machines/policy/report.ts'

/** When every case happens. */
const AT = 1_500
const POOLED_AT = 1_000

/** Why a peer failed before, and why the event says that it fails now. */
const OLD: Failure = { code: 'ERR_OLD', message: 'before', at: 1, attempts: 1 }
export const NEW: Failure = { code: 'ERR_NEW', message: 'now', at: AT, attempts: 2 }

const plain = [
  'turn.granted',
  'peer.evict',
  'callers.left',
  'link.opened',
  'link.closed',
  'pool.expired',
  'pool.evicted',
  'close.timedOut',
  'memory.full',
  'supervisor.stopped',
] as const
const failing = ['dial.failed', 'dial.timedOut', 'link.failed', 'heartbeat.lost', 'peer.crashed'] as const
const statuses = Object.values(ConnectionStatus)

/** Every case. A link pooled at 1,000 is used at 1,500: with a TTL of 501 it is fresh, with one of exactly 500 it is stale. */
export const CASES: Readonly<Record<string, PeerEvent>> = {
  'peer.connect turn fresh': { type: 'peer.connect', at: AT, ttl: 501, turn: true },
  'peer.connect turn stale': { type: 'peer.connect', at: AT, ttl: 500, turn: true },
  'peer.connect wait fresh': { type: 'peer.connect', at: AT, ttl: 501, turn: false },
  'peer.connect wait stale': { type: 'peer.connect', at: AT, ttl: 500, turn: false },
  'backoff.elapsed turn': { type: 'backoff.elapsed', at: AT, turn: true },
  'backoff.elapsed wait': { type: 'backoff.elapsed', at: AT, turn: false },
  'peer.disconnect pool': { type: 'peer.disconnect', at: AT, pool: true },
  'peer.disconnect close': { type: 'peer.disconnect', at: AT, pool: false },
  'link.accepted replacing': { type: 'link.accepted', at: AT, dialWins: false },
  'link.accepted dialWins': { type: 'link.accepted', at: AT, dialWins: true },
  ...Object.fromEntries(plain.map((type) => [type, { type, at: AT } as const])),
  ...Object.fromEntries(failing.map((type) => [type, { type, at: AT, failure: NEW } as const])),
  ...Object.fromEntries(
    statuses.map((status) => [
      `peer.reported ${status}`,
      { type: 'peer.reported', at: AT, status, failure: status === 'Failed' ? NEW : undefined } as const,
    ]),
  ),
}

/** The context that every case begins in. */
export function contextOf(owner: Owner): PeerContext {
  return { peerId: 'peer', owner, pooledAt: POOLED_AT, failure: OLD }
}

/** Every state with every owner, those included that no sequence of events reaches. */
export const CELLS = PEER_STATES.flatMap((state) => (['manager', 'app'] as const).map((owner) => ({ state, owner })))
