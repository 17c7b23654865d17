/** A move of a peer: what each room is told of it, and in which order. */
import { isUnproven } from '../../../machines/domain/peer-id.ts'
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { MoveKind } from '../../../machines/domain/move-kind.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import type { Door } from '../admission/door.ts'
import type { Evictions } from '../admission/evictions.ts'
import type { Keeps } from '../keeping/keeps.ts'
import type { Breakers } from '../peers/breakers.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { PoolChecks } from '../pool/pool-checks.ts'
import type { PoolTrim } from '../pool/pool-trim.ts'
import type { Reconnects } from '../reconnecting/reconnects.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'

/** The rooms that moves concern. They are looked up at each move: they are made after the world that moves. */
export interface MovedRooms {
  readonly world: World
  readonly evictions: Evictions | undefined
  readonly breakers: Breakers
  readonly checks: PoolChecks
  readonly poolTrim: PoolTrim
  readonly door: Door
  readonly reconnects: Reconnects
  readonly waiters: SlotWaiters
  readonly keeps: Keeps
}

/** What tells the rooms of a move, once its peer is indexed where it is now and before any stream is told. */
export function onMove(rooms: MovedRooms): (peer: PeerRecord, kind: MoveKind, move: Move, lastedMs: number) => void {
  return (peer, kind, move, lastedMs) => {
    // Who has nothing to do with a move is not even asked: this is on the path of every one.
    if (kind.wasOrIsUnknown) rooms.world.standings.moved(peer, move)
    if (peer.direction === 'inbound' && (peer.isBeside || isUnproven(peer.peerId))) unprovenMoved(rooms.world, peer, kind.toState)
    rooms.evictions?.moved(peer, move)
    if (peer.breaker !== undefined || kind.to === 'Failed') rooms.breakers.moved(peer, move)
    if (peer.check !== undefined) rooms.checks.moved(peer, move)
    if (peer.direction === 'inbound' || peer.seat !== undefined) {
      rooms.door.moved(peer, move)
      if (rooms.door.excess > 0) rooms.world.afterwards(() => rooms.poolTrim.trim())
    }
    if (kind.mayBeLoss || peer.backoff !== undefined) rooms.reconnects.moved(peer, move, lastedMs)
    if (rooms.waiters.size > 0) rooms.waiters.moved(peer, kind.toState)
    if (rooms.keeps.size > 0) rooms.keeps.moved(peer)
  }
}

/** What was said of a name that is gone with its link goes too. */
function unprovenMoved(world: World, peer: PeerRecord, to: PeerState | undefined): void {
  if (to !== undefined && holdsSlot(to)) return
  world.standings.forgetLink(peer.peerId)
  peer.kept = peer.wanted = false
  world.moves.remember(peer)
}
