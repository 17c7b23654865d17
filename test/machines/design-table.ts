/**
 * Which moves a peer may make is a table, that of design §4, with what its behaviour table adds,
 * and here it is as data.
 */
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../machines/domain/transition.ts'

/** A state of the machine, or `unknown`: not known before, or forgotten. */
export type Place = PeerState | 'unknown'

/** One kind of move. */
export interface Row {
  readonly from: readonly Place[]
  /** The events of the peer machine that make it. */
  readonly on: readonly string[]
  readonly to: readonly Place[]
  readonly reason: TransitionReason
  /** Where it is written: §4, or the behaviour table of §3. */
  readonly by: '§4' | '§3'
}

const DIALING: readonly Place[] = ['Connecting.waiting', 'Connecting.dialing']
const CONNECTING: readonly Place[] = [...DIALING, 'Connecting.reported']
const REMEMBERED: readonly Place[] = ['Disconnected.closed', 'Failed']
const STATUSES: readonly Place[] = ['Connecting.reported', 'Connected', 'Disconnected.closed', 'Failed']

/** Every row, in the order of the design. */
export const ROWS = {
  'an unknown peer is dialled': row(['unknown'], ['peer.connect'], DIALING, 'connect'),
  'an unknown peer arrives': row(['unknown'], ['link.accepted'], ['Connected'], 'inbound'),
  'an unknown peer is reported': row(['unknown'], ['peer.reported'], STATUSES, 'reported'),
  'a dial opens': row(['Connecting.dialing'], ['link.opened'], ['Connected'], 'opened'),
  'a peer arrives that is being dialled': row(CONNECTING, ['link.accepted'], ['Connected'], 'inbound'),
  'a dial fails': row(['Connecting.dialing'], ['dial.failed'], ['Failed'], 'dial-failed'),
  'a peer’s turn comes': row(['Connecting.waiting'], ['turn.granted'], ['Connecting.dialing'], 'connect', '§3'),
  'a dial times out': row(DIALING, ['dial.timedOut'], ['Failed'], 'timeout'),
  'a dial is overtaken by a disconnect': row(CONNECTING, ['peer.disconnect'], ['Disconnected.closed'], 'disconnect'),
  'the last caller leaves a dial': row(CONNECTING, ['callers.left'], ['Disconnected.closed'], 'aborted'),
  'a link goes into the pool': row(['Connected'], ['peer.disconnect'], ['Disconnected.pooled'], 'disconnect'),
  'a link is closed': row(['Connected'], ['peer.disconnect'], ['Disconnected.closing'], 'disconnect'),
  'an app’s own link is forgotten': row(['Connected'], ['peer.disconnect'], ['Disconnected.closed'], 'disconnect', '§3'),
  'the remote closes': row(['Connected'], ['link.closed'], ['Disconnected.closed'], 'remote-closed'),
  'a link breaks': row(['Connected'], ['link.failed'], ['Failed'], 'link-error'),
  'a heartbeat is lost': row(['Connected'], ['heartbeat.lost'], ['Failed'], 'heartbeat-lost'),
  'a peer is evicted': row(['Connected'], ['peer.evict'], ['Disconnected.closed'], 'evicted'),
  'a link is replaced': row(['Connected'], ['link.opened', 'link.accepted'], ['Connected'], 'replaced', '§3'),
  'a pooled link is reused': row(['Disconnected.pooled'], ['peer.connect'], ['Connected'], 'reused'),
  'a pooled link expires': row(['Disconnected.pooled'], ['pool.expired', 'peer.connect'], ['unknown'], 'pool-expired'),
  'a pooled link yields': row(['Disconnected.pooled'], ['pool.evicted'], ['unknown'], 'pool-evicted'),
  'a pooled link is closed by the remote': row(['Disconnected.pooled'], ['link.closed', 'link.failed'], ['unknown'], 'remote-closed'),
  'a pooled link is replaced by one that arrives': row(['Disconnected.pooled'], ['link.accepted'], ['Connected'], 'inbound', '§3'),
  'a pooled link is closed': row(['Disconnected.pooled'], ['peer.disconnect'], ['Disconnected.closing'], 'disconnect', '§3'),
  'a close is over': row(['Disconnected.closing'], ['link.closed', 'link.failed'], ['unknown'], 'forgotten'),
  'a close times out': row(['Disconnected.closing'], ['close.timedOut'], ['unknown'], 'forgotten'),
  'a peer arrives whose link is being closed': row(['Disconnected.closing'], ['link.accepted'], ['Connected'], 'inbound', '§3'),
  'a remembered peer is dialled': row(REMEMBERED, ['peer.connect'], DIALING, 'connect'),
  'a remembered peer is dialled after its backoff': row(REMEMBERED, ['backoff.elapsed'], DIALING, 'backoff'),
  'a remembered peer arrives': row(REMEMBERED, ['link.accepted'], ['Connected'], 'inbound'),
  'a remembered peer is forgotten': row(
    REMEMBERED,
    // An explicit end passes through Disconnected before it is forgotten.
    ['peer.disconnect', 'callers.left'],
    ['unknown'],
    'forgotten',
  ),
  'a remembered peer makes room': row(REMEMBERED, ['memory.full'], ['unknown'], 'forgotten'),
  'an app’s peer is reported': row(STATUSES, ['peer.reported'], STATUSES, 'reported'),
  'a link of ours is reported over': row(
    [...DIALING, 'Disconnected.pooled', 'Disconnected.closing'],
    ['peer.reported'],
    ['Disconnected.closed', 'Failed'],
    'reported',
    '§3',
  ),
  'a shutdown begins to close': row(['Connected', 'Disconnected.pooled'], ['supervisor.stopped'], ['Disconnected.closing'], 'shutdown'),
  'a shutdown disconnects': row([...CONNECTING, 'Connected', 'Failed'], ['supervisor.stopped'], ['Disconnected.closed'], 'shutdown'),
  'a shutdown forgets': row(['Disconnected.closed'], ['supervisor.stopped'], ['unknown'], 'shutdown'),
  // The fresh actor that replaces the dead one stands in `Disconnected.closed`; what is told begins where the dead one was.
  'a peer’s actor throws': row(
    [...CONNECTING, 'Connected', 'Disconnected.closed', 'Disconnected.pooled', 'Disconnected.closing'],
    ['peer.crashed'],
    ['Failed'],
    'crashed',
  ),
} satisfies Record<string, Row>

/** The title of a row. */
export type RowTitle = keyof typeof ROWS

const TITLES = Object.keys(ROWS) as RowTitle[]

/**
 * The rows that have this move.
 *
 * @param on the event that made it; undefined: any
 */
export function rowsOf(from: Place, to: Place, reason: TransitionReason, on?: string): RowTitle[] {
  return TITLES.filter((title) => {
    const is: Row = ROWS[title]
    return is.reason === reason && is.from.includes(from) && is.to.includes(to) && (on === undefined || is.on.includes(on))
  })
}

function row(from: readonly Place[], on: readonly string[], to: readonly Place[], reason: TransitionReason, by: Row['by'] = '§4'): Row {
  return { from, on, to, reason, by }
}
