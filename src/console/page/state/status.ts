/** A status has one colour, one shape and one name wherever the page shows it. */
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import { statusOf, type PeerState } from '../../../../machines/domain/peer-state.ts'

/** The statuses, in the order in which they are shown. */
export const STATUSES: readonly ConnectionStatus[] = ['Connected', 'Connecting', 'Disconnected', 'Failed']

/** What a newcomer is told of a status. */
export const MEANINGS: Readonly<Record<ConnectionStatus, string>> = {
  Connected: 'A link is open and in use',
  Connecting: 'Waiting for a turn, or being dialled',
  Disconnected: 'Closed, closing, or waiting in the pool to be used again',
  Failed: 'Could not be reached, or the link broke',
}

/** The path of a status' shape in a box of 16 by 16: full, diamond, hollow, crossed. */
export const SHAPES: Readonly<Record<ConnectionStatus, string>> = {
  Connected: 'M2 4.5A2.5 2.5 0 0 1 4.5 2h7A2.5 2.5 0 0 1 14 4.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 2 11.5Z',
  Connecting: 'M8 1l7 7-7 7-7-7Z',
  Disconnected:
    'M4.5 2h7A2.5 2.5 0 0 1 14 4.5v7a2.5 2.5 0 0 1-2.5 2.5h-7A2.5 2.5 0 0 1 2 11.5v-7A2.5 2.5 0 0 1 4.5 2Zm.5 2.5a.5.5 0 0 0-.5.5v6a.5.5 0 0 0 .5.5h6a.5.5 0 0 0 .5-.5v-6a.5.5 0 0 0-.5-.5Z',
  Failed: 'M3.6 1.5L8 5.9l4.4-4.4 2.1 2.1L10.1 8l4.4 4.4-2.1 2.1L8 10.1l-4.4 4.4-2.1-2.1L5.9 8 1.5 3.6Z',
}

/** What a newcomer is told of how safe a link is, by its step. */
export const SAFETY_MEANINGS: readonly string[] = [
  '',
  'Nobody on the way can read it; who is at the other end is not proven by a key',
  'Both ends have proven who they are, and nobody on the way can read it',
  'The same, and a quantum computer cannot read later what is recorded today',
  'The same, and a quantum computer cannot pass for the peer either',
]

const SHIELD = 'M8 1l6 2.2v4.3c0 3.6-2.5 6.3-6 7.5-3.5-1.2-6-3.9-6-7.5V3.2Z'
const HOLLOW = `${SHIELD}M8 2.9L3.8 4.5v3c0 2.6 1.7 4.7 4.2 5.7 2.5-1 4.2-3.1 4.2-5.7v-3Z`

/** The path of a shield in a box of 16 by 16, filled by the even-odd rule: hollow, with a person's point in it, half full, full; none for an open link. */
export const SHIELDS: readonly string[] = [
  '',
  HOLLOW,
  `${HOLLOW}M8 5.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 1 0 0-4.4Z`,
  `${HOLLOW}M8 2.9L3.8 4.5v3c0 2.6 1.7 4.7 4.2 5.7Z`,
  SHIELD,
]

/** The status that the first part of a state's path names; undefined: none of ours. */
export function statusIn(path: string): ConnectionStatus | undefined {
  return STATUSES.find((status) => path === status || path.startsWith(`${status}.`))
}

/** How many peers are in a status. */
export function countOf(status: ConnectionStatus, states: readonly PeerState[], counts: readonly number[]): number {
  let count = 0
  for (const [place, state] of states.entries()) if (statusOf(state) === status) count += counts[place] ?? 0
  return count
}
