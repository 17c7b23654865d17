/** An explanation says in plain data, good in a log, why a peer is as it is. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { TransitionReason } from '../../../machines/domain/transition.ts'
import { askBreaker } from '../../../machines/policy/breaker.ts'
import type { FleetPeerExplanation } from '../options/fleet-gate.ts'
import type { PastMove } from '../peers/history.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import { viewPeer, type PeerView } from '../actors/peer-view.ts'
import type { SlotRequest } from '../waiting/slot-queue.ts'
import type { World } from '../world/world.ts'

/** What a peer waits for. @since 0.1.0 */
export interface Waiting {
  readonly for: 'slot' | 'turn' | 'dial' | 'close' | 'reuse' | 'check' | 'backoff' | 'free dial'
  /** Until when at the latest, in milliseconds since the epoch; left out where no time is set. */
  readonly until?: number
}

/** How a link is known to live. @since 0.1.0 */
export interface HeartbeatExplanation {
  /** The last sign of life that was noticed, in milliseconds since the epoch; messages are noticed when the link is looked at. */
  readonly heardAt: number
  /** Pings in a row that were not answered in time. */
  readonly misses: number
  /** Until when an answer is awaited, in milliseconds since the epoch; left out where no ping is under way. */
  readonly answerBy?: number
}

/** How the last link of a peer ended. @since 0.1.0 */
export interface EndedLink {
  /** In milliseconds since the epoch. */
  readonly at: number
  readonly reason: TransitionReason
  /** Why the other side ended it, where it did and said so: `shutdown`, `evicted`, `replaced`, `idle`, `disconnected`, or a word of the future. */
  readonly remoteReason?: string
}

/** Why a peer is as it is. Plain data. @since 0.1.0 */
export interface Explanation extends Partial<Omit<PeerView, 'peerId'>> {
  readonly peerId: PeerId
  readonly waiting?: Waiting
  /** Whether it is dialled again whenever it is lost. */
  readonly kept: boolean
  /** How many connections hold its link. */
  readonly holds: number
  /** How many connects wait for it. */
  readonly callers: number
  /** Attempts to reconnect that have failed since the last stable connection. */
  readonly attempts: number
  readonly breaker: { readonly state: 'closed' | 'open' | 'half-open'; readonly failures: number; readonly until?: number }
  /** Its tags by name. */
  readonly tags: Readonly<Record<string, number>>
  /** How often it is protected from eviction, by name. */
  readonly protections: Readonly<Record<string, number>>
  /** How its link is known to live; left out where it has none, or one that cannot ping. */
  readonly heartbeat?: HeartbeatExplanation
  /** From when on its link is not pooled or reused any more, in milliseconds since the epoch; left out: at any age. */
  readonly retiresAt?: number
  /** How its last link ended; left out where none has. */
  readonly lastEnd?: EndedLink
  /** What the fleet holds of it; left out: this manager is no node of a fleet. */
  readonly fleet?: FleetPeerExplanation
  /** Its last moves that are still remembered, the latest first, at most 32. */
  readonly moves: readonly PastMove[]
}

/** Explains a peer that is known, or waits for a slot; undefined: neither. */
export function explainPeer(
  world: World,
  peerId: PeerId,
  peer: PeerRecord | undefined,
  request: SlotRequest | undefined,
): Explanation | undefined {
  if (peer === undefined && request === undefined) return undefined
  const view = peer === undefined ? undefined : viewPeer(world, peer)
  const waiting =
    request === undefined
      ? peer === undefined
        ? undefined
        : waitingOf(world, peer)
      : { for: 'slot' as const, until: world.instant(request.deadline.at) }
  let holds = 0
  for (let hold = peer?.firstHold; hold !== undefined; hold = hold.next) holds++
  return {
    ...view,
    peerId,
    ...(waiting === undefined ? {} : { waiting }),
    kept: peer?.kept ?? (request?.kept ?? false) !== false,
    holds,
    callers: (peer?.callers?.size ?? 0) + (request?.callers.size ?? 0),
    attempts: peer?.backoff?.attempt ?? 0,
    breaker: breakerOf(world, peer),
    tags: world.standings.tagsOf(peerId),
    protections: world.standings.protectionCountsOf(peerId),
    ...heartbeatOf(world, peer),
    ...(peer === undefined || peer.retiresAt === Infinity ? {} : { retiresAt: world.instant(peer.retiresAt) }),
    ...endedOf(peer),
    ...(world.settings.fleet === undefined ? {} : { fleet: world.settings.fleet.explainPeer(peerId) }),
    moves: peer === undefined ? [] : world.history.of(peer),
  }
}

function waitingOf(world: World, peer: PeerRecord): Waiting | undefined {
  const until = peer.deadline === undefined ? {} : { until: world.instant(peer.deadline.at) }
  switch (peer.state) {
    case 'Connecting.waiting':
      return { for: 'turn', ...until }
    case 'Connecting.dialing':
      return { for: 'dial', ...until }
    case 'Disconnected.closing':
      return { for: 'close', ...until }
    case 'Disconnected.pooled':
      if (peer.check !== undefined) return { for: 'check', until: world.instant(peer.check.at) }
      return { for: 'reuse', until: world.instant(peer.since + world.limits.poolTimeoutMs) }
    default:
      if (peer.backoff?.isReady === true) return { for: 'free dial' }
      return peer.backoff !== undefined && peer.backoff.index >= 0 ? { for: 'backoff', until: world.instant(peer.backoff.at) } : undefined
  }
}

function endedOf(peer: PeerRecord | undefined): { lastEnd?: EndedLink } {
  if (peer?.endedBy === undefined) return {}
  const { endedAt: at, endedBy: reason, farewell } = peer
  return { lastEnd: farewell === undefined ? { at, reason } : { at, reason, remoteReason: farewell } }
}

function heartbeatOf(world: World, peer: PeerRecord | undefined): { heartbeat?: HeartbeatExplanation } {
  const trip = peer?.roundTrip
  if (trip === undefined) return {}
  const { heardAt, misses, answerBy } = trip
  return { heartbeat: { heardAt: world.instant(heardAt), misses, ...(answerBy === 0 ? {} : { answerBy: world.instant(answerBy) }) } }
}

function breakerOf(world: World, peer: PeerRecord | undefined): Explanation['breaker'] {
  const breaker = peer?.breaker
  const policy = world.settings.breaker
  if (breaker === undefined || policy === undefined) return { state: 'closed', failures: 0 }
  if (breaker.openUntil === 0) return { state: 'closed', failures: breaker.failures }
  const isOpen = askBreaker({ ...breaker, isProbing: false }, world.now(), policy).kind === 'refuse'
  return { state: isOpen ? 'open' : 'half-open', failures: breaker.failures, until: world.instant(breaker.openUntil) }
}
