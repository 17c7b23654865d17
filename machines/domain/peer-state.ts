/** Keeps one thing true: a peer's state is spelled one way everywhere, status first and substate after a dot. */
import type { ConnectionStatus } from './connection-status.ts'

/** Every state of the peer machine, as `Status` or `Status.substate`. */
export const PEER_STATES = [
  'Connecting.waiting',
  'Connecting.dialing',
  'Connecting.reported',
  'Connected',
  'Disconnected.closed',
  'Disconnected.pooled',
  'Disconnected.closing',
  'Failed',
] as const

/** A state of the peer machine, as `Status` or `Status.substate`. */
export type PeerState = (typeof PEER_STATES)[number]

/** The status that a state belongs to. */
export function statusOf(state: PeerState): ConnectionStatus {
  switch (state) {
    case 'Connecting.waiting':
    case 'Connecting.dialing':
    case 'Connecting.reported':
      return 'Connecting'
    case 'Disconnected.closed':
    case 'Disconnected.pooled':
    case 'Disconnected.closing':
      return 'Disconnected'
    default:
      return state
  }
}

/** Whether a peer in this state holds one of the slots that `maxConnections` counts. */
export function holdsSlot(state: PeerState): boolean {
  return state !== 'Disconnected.closed' && state !== 'Failed'
}

/** Spells a machine's state value: `'Connected'`, or `{ Disconnected: 'pooled' }` as `'Disconnected.pooled'`. */
export function spellState(value: unknown): PeerState {
  if (typeof value === 'string') return value as PeerState
  const nested = value as Record<string, string>
  for (const status in nested) return `${status}.${nested[status]}` as PeerState
  throw new TypeError('a state value names at least one state')
}
