/** The rehearsal of a batch of reports: what all of it would come to, before any of it is done. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { holdsSlot, statusOf } from '../../machines/domain/peer-state.ts'
import { type Outcome, reportedState } from './model-peer.ts'
import type { ModelSlots } from './model-slots.ts'

/** What a batch would come to: undefined where all of it can be. */
export function rehearse(model: ModelSlots, entries: readonly (readonly [string, ConnectionStatus])[]): Outcome | undefined {
  const states = new Map(Array.from(model.peers.values(), (peer) => [peer.peerId, { state: peer.state, app: peer.app }] as const))
  const idle = model.pooled('any').map((peer) => peer.peerId)
  for (const [peerId, status] of entries) {
    const peer = states.get(peerId)
    if (peer !== undefined && !peer.app && holdsSlot(peer.state)) {
      if (statusOf(peer.state) === status) continue
      if (status === 'Connecting' || status === 'Connected') return 'ERR_INVALID_TRANSITION'
    }
    const slots = [...states.values()].filter(({ state }) => holdsSlot(state)).length
    if ((status === 'Connecting' || status === 'Connected') && !(peer !== undefined && holdsSlot(peer.state))) {
      if (slots > model.limit) return 'ERR_MAX_CONNECTIONS'
      if (slots === model.limit) {
        const victim = idle.find((id) => states.get(id)?.state === 'Disconnected.pooled')
        if (victim === undefined) return 'ERR_MAX_CONNECTIONS'
        states.delete(victim)
      }
    }
    states.set(peerId, { state: reportedState(status), app: true })
  }
  return undefined
}
