/** A peer's state is spelled one way everywhere, status first and substate after a dot. */
import type { ConnectionStatus } from './connection-status.ts'

/** Every state of the peer machine, as `Status` or `Status.substate`. @since 0.1.0 */
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

/** A state of the peer machine, as `Status` or `Status.substate`. @since 0.1.0 */
export type PeerState = (typeof PEER_STATES)[number]

/** Stands for no state at all, where states stand for themselves by their places in {@link PEER_STATES}. */
export const NO_STATE = PEER_STATES.length

const CODES = new Map<PeerState | undefined, number>(PEER_STATES.map((state, code) => [state, code]))

/** The place of a state in {@link PEER_STATES}; {@link NO_STATE} for none. */
export function codeOfState(state: PeerState | undefined): number {
  return CODES.get(state) ?? NO_STATE
}

/** The status that a state belongs to. @since 0.1.0 */
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

/** Whether a peer in this state holds one of the slots that `maxConnections` counts. @since 0.1.0 */
export function holdsSlot(state: PeerState): boolean {
  return state !== 'Disconnected.closed' && state !== 'Failed'
}

/**
 * The place in {@link PEER_STATES} of a machine's state value: `'Connected'`, or `{ Disconnected: 'pooled' }`.
 *
 * @throws TypeError for what is no state of the peer machine
 */
export function codeOfValue(value: unknown): number {
  if (value === 'Connected') return 3
  if (value === 'Failed') return 7
  const { Disconnected: disconnected, Connecting: connecting } = value as { readonly Disconnected?: string; readonly Connecting?: string }
  // Numbers, as this is on the path of every move; a test holds them to the list.
  switch (disconnected ?? connecting) {
    case 'pooled':
      return 5
    case 'waiting':
      return 0
    case 'dialing':
      return 1
    case 'reported':
      return 2
    case 'closed':
      return 4
    case 'closing':
      return 6
    default:
      throw new TypeError(`${JSON.stringify(value)} is no state of the peer machine`)
  }
}

/**
 * Spells a machine's state value: `'Connected'`, or `{ Disconnected: 'pooled' }` as `'Disconnected.pooled'`.
 *
 * @throws TypeError for what is no state of the peer machine
 * @since 0.1.0
 */
export function spellState(value: unknown): PeerState {
  return PEER_STATES[codeOfValue(value)] as PeerState
}
