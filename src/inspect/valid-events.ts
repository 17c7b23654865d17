/** Valid events: whether one would be taken is the machine's own answer. */
import type { PeerState } from '../../machines/domain/peer-state.ts'
import { peerMachine, type PeerContext, type PeerEvent } from '../../machines/peer-machine.ts'

/** What may come with an event and decide whether it is taken. */
const PAYLOADS: Partial<Record<PeerEvent['type'], readonly object[]>> = {
  'peer.connect': [{ turn: true }, { turn: false }],
  'backoff.elapsed': [{ turn: true }, { turn: false }],
  'peer.disconnect': [{ pool: true }, { pool: false }],
  'link.accepted': [{ dialWins: true }, { dialWins: false }],
  'peer.reported': [{ status: 'Connecting' }, { status: 'Connected' }, { status: 'Disconnected' }, { status: 'Failed' }],
}

const TYPES = peerMachine.events as readonly PeerEvent['type'][]

/**
 * The types of the events that a peer's machine would take in a state: those for which its `can` holds with some
 * plausible payload, commands with either answer to what they ask, reports with each status.
 */
export function validEventsOf(state: PeerState, context: PeerContext, at: number, ttl: number): readonly PeerEvent['type'][] {
  const [status, substate] = state.split('.') as [string, string | undefined]
  const snapshot = peerMachine.resolveState({ value: substate === undefined ? status : { [status]: substate }, context })
  const failure = { code: 'ERR_DIAL_FAILED', message: '', at, attempts: 1 }
  return TYPES.filter((type) =>
    (PAYLOADS[type] ?? [{}]).some((payload) => snapshot.can({ type, at, ttl, failure, ...payload } as unknown as PeerEvent)),
  ).toSorted()
}
