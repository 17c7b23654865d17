/** The memory across restarts: peers kept in one run can be taken up in the next, as they stood, and do not all return at once. */
import { restoredBreaker, restoredPause, restoredTtl, type SavedBreaker } from '../../../machines/policy/restoration.ts'
import { noteAddresses } from '../options/given-addresses.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Reconnects } from './reconnects.ts'
import type { SavedPeer, SavedState } from '../options/saved-state.ts'
import type { SlotRequest } from '../waiting/slot-queue.ts'
import type { World } from '../world/world.ts'

/** What is to be remembered of the peers that are kept, and of those that wait for a slot to be kept. */
export function saveState(world: World, requests: Iterable<SlotRequest>): SavedState {
  const peers: SavedPeer[] = []
  const seen = new Set<string>()
  for (const peer of world.peers.values()) {
    if (!peer.kept) continue
    seen.add(peer.peerId)
    peers.push({ ...savePeer(world, peer), ...breakerOf(world, peer), ...backoffOf(world, peer) })
  }
  for (const request of requests) {
    if (request.kept !== false && !seen.has(request.peerId)) peers.push(savePeer(world, request))
  }
  return { version: 1, at: world.instant(world.now()), peers }
}

/** Takes up what was remembered. Each peer is dialled when its pause is over, as one that reconnects. */
export function restoreState(world: World, reconnects: Reconnects, { at, peers }: SavedState): void {
  const { settings, standings } = world
  const now = world.now()
  world.enter()
  try {
    for (const { peerId, addresses, tags, protections, breaker, backoff } of peers) {
      for (const { name, value, until } of tags) {
        if (until === undefined) standings.tag(peerId, name, value, undefined)
        else if (until > now) standings.tag(peerId, name, value, restoredTtl(until, at, now))
      }
      for (const [name, count] of Object.entries(protections)) standings.protect(peerId, name, count)
      const peer = world.known(peerId)
      peer.kept = peer.wanted = peer.isRestored = true
      noteAddresses(peer, addresses)
      if (breaker !== undefined && settings.breaker !== undefined) peer.breaker = restoredBreaker(breaker, now, settings.breaker)
      reconnects.resume(peer, backoff?.attempt ?? 0, restoredPause(backoff?.until, now, settings.random(), settings.reconnect))
    }
  } finally {
    world.leave()
  }
}

function savePeer(world: World, { peerId, addresses = [] }: Pick<PeerRecord, 'peerId' | 'addresses'>): SavedPeer {
  return {
    peerId,
    addresses,
    tags: world.standings.savedTagsOf(peerId).map((tag) => (tag.until === undefined ? tag : { ...tag, until: world.instant(tag.until) })),
    protections: world.standings.protectionCountsOf(peerId),
  }
}

function breakerOf(world: World, { breaker }: PeerRecord): { breaker?: SavedBreaker } {
  if (breaker === undefined) return {}
  const { failures, opened, openUntil } = breaker
  return { breaker: { failures, opened, openUntil: openUntil === 0 ? 0 : world.instant(openUntil) } }
}

function backoffOf(world: World, { backoff }: PeerRecord): Pick<SavedPeer, 'backoff'> {
  if (backoff === undefined || backoff.attempt === 0) return {}
  return { backoff: { attempt: backoff.attempt, ...(backoff.index >= 0 ? { until: world.instant(backoff.at) } : {}) } }
}
