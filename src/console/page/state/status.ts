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
