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

/** The substates by status: the very strings of {@link PEER_STATES}, as a string that is put together anew is dear to compare. */
const SUBSTATES = new Map<string, Map<string, PeerState>>()
for (const state of PEER_STATES) {
  const [status, substate] = state.split('.')
  if (status === undefined || substate === undefined) continue
  const substates = SUBSTATES.get(status) ?? new Map<string, PeerState>()
  SUBSTATES.set(status, substates.set(substate, state))
}

/** Spells a machine's state value: `'Connected'`, or `{ Disconnected: 'pooled' }` as `'Disconnected.pooled'`. @since 0.1.0 */
export function spellState(value: unknown): PeerState {
  if (typeof value === 'string') return value as PeerState
  const nested = value as Record<string, string>
  for (const status in nested) {
    const state = SUBSTATES.get(status)?.get(nested[status] ?? '')
    if (state !== undefined) return state
  }
  throw new TypeError(`${JSON.stringify(value)} is no state of the peer machine`)
}
