/** A batch of reports is judged whole before any of it happens. */
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'
import { decideAdmission } from '../../../machines/policy/admission.ts'
import { decideReport, type Owner } from '../../../machines/policy/report.ts'
import type { World } from '../world/world.ts'

interface Planned {
  readonly state: PeerState | undefined
  readonly owner: Owner
}

/** Why a batch cannot happen: the first entry that cannot. */
export interface BatchRefusal {
  readonly peerId: PeerId
  readonly status: ConnectionStatus
  readonly code: 'ERR_INVALID_TRANSITION' | 'ERR_MAX_CONNECTIONS'
  readonly current: number
}

/** Plays a batch through on a copy of what it touches; undefined: all of it can happen. */
export function judgeBatch(world: World, entries: readonly (readonly [PeerId, ConnectionStatus])[]): BatchRefusal | undefined {
  const { maxConnections } = world.limits
  const planned = new Map<PeerId, Planned>()
  const idle = world.pool.oldestFirst()
  let held = world.taken
  let pooled = world.pool.size

  const stateOf = (peerId: PeerId): Planned => {
    const known = planned.get(peerId)
    if (known !== undefined) return known
    const peer = world.peers.get(peerId)
    return peer === undefined ? { state: undefined, owner: 'manager' } : { state: peer.state, owner: world.ownerOf(peer) }
  }
  const evict = (): void => {
    for (let next = idle.next(); next.done !== true; next = idle.next()) {
      if (stateOf(next.value.peerId).state !== 'Disconnected.pooled') continue
      planned.set(next.value.peerId, { state: undefined, owner: 'manager' })
      pooled--
      held--
      return
    }
  }

  for (const [peerId, status] of entries) {
    const { state, owner } = stateOf(peerId)
    const verdict = decideReport(state, owner, status)
    if (verdict.kind === 'ignore') continue
    const view = {
      legal: verdict.kind !== 'refuse',
      needsSlot: verdict.needsSlot,
      held,
      idle: pooled,
      isCircuitOpen: false,
      waiting: 0,
      maxWaiting: 0,
    }
    const admission = decideAdmission(view, maxConnections)
    if (admission.kind === 'forbid') return { peerId, status, code: 'ERR_INVALID_TRANSITION', current: held }
    if (admission.kind === 'refuse') return { peerId, status, code: 'ERR_MAX_CONNECTIONS', current: held }
    if (admission.kind === 'evict') evict()
    const wasHeld = state !== undefined && holdsSlot(state)
    const next = reported(state, owner, status)
    if (wasHeld && !holdsSlot(next.state)) held--
    if (!wasHeld && holdsSlot(next.state)) held++
    if (state === 'Disconnected.pooled') pooled--
    planned.set(peerId, next)
  }
  return undefined
}

function reported(state: PeerState | undefined, owner: Owner, status: ConnectionStatus): { state: PeerState; owner: Owner } {
  const isOurs = state !== undefined && holdsSlot(state) && owner === 'manager'
  const next = status === 'Connecting' ? 'Connecting.reported' : status === 'Disconnected' ? 'Disconnected.closed' : status
  return { state: next, owner: isOurs ? 'manager' : 'app' }
}
