/** Event counts: each thing that happened is counted once, by the move that it was. */
import type { Move } from '../../machines/domain/transition.ts'

/** What has happened since the start. Only ever grows. */
export interface EventCounts {
  readonly dialsStarted: number
  readonly dialsSucceeded: number
  readonly dialsFailed: number
  readonly inboundAccepted: number
  readonly inboundRejected: number
  readonly poolHits: number
  readonly poolMisses: number
  readonly poolExpired: number
  readonly poolEvicted: number
}

/** What of a move says what has happened. */
export type CountedMove = Pick<Move, 'from' | 'to' | 'fromState' | 'toState' | 'reason'>

/** Nothing has happened yet. */
export const NO_EVENTS: EventCounts = {
  dialsStarted: 0,
  dialsSucceeded: 0,
  dialsFailed: 0,
  inboundAccepted: 0,
  inboundRejected: 0,
  poolHits: 0,
  poolMisses: 0,
  poolExpired: 0,
  poolEvicted: 0,
}

/** One thing that is counted. A pool miss is a dial too, but a reconnect by backoff is a dial that asked no pool. */
export type Happening =
  | 'poolMiss'
  | 'redial'
  | 'dialSucceeded'
  | 'dialFailed'
  | 'inboundAccepted'
  | 'inboundRejected'
  | 'poolHit'
  | 'poolExpired'
  | 'poolEvicted'

/**
 * What a move says has happened; null: nothing that is counted. A dial is counted where Connecting is entered and left,
 * so that a change of substate on the way (waiting, then dialing) is not another dial.
 */
export function happeningOf({ from, to, fromState, reason }: CountedMove): Happening | null {
  switch (reason) {
    case 'connect':
      return from !== 'Connecting' && to === 'Connecting' ? 'poolMiss' : null
    case 'backoff':
      return from !== 'Connecting' && to === 'Connecting' ? 'redial' : null
    case 'opened':
      return from === 'Connecting' && to === 'Connected' ? 'dialSucceeded' : null
    case 'dial-failed':
    case 'timeout':
      return from === 'Connecting' && to === 'Failed' ? 'dialFailed' : null
    case 'reused':
      return fromState === 'Disconnected.pooled' ? 'poolHit' : null
    case 'pool-expired':
      return fromState === 'Disconnected.pooled' ? 'poolExpired' : null
    case 'pool-evicted':
      return fromState === 'Disconnected.pooled' ? 'poolEvicted' : null
    // Every reason is listed, so that a new one asks to be counted or not.
    case 'inbound':
    case 'reported':
    case 'replaced':
    case 'aborted':
    case 'disconnect':
    case 'remote-closed':
    case 'link-error':
    case 'evicted':
    case 'heartbeat-lost':
    case 'crashed':
    case 'shutdown':
    case 'forgotten':
      return null
  }
}

/** Counts one thing, `times` more. A literal in full, since a spread costs five times as much. */
export function countHappening(counts: EventCounts, what: Happening, times = 1): EventCounts {
  return {
    dialsStarted: counts.dialsStarted + (what === 'poolMiss' || what === 'redial' ? times : 0),
    dialsSucceeded: counts.dialsSucceeded + (what === 'dialSucceeded' ? times : 0),
    dialsFailed: counts.dialsFailed + (what === 'dialFailed' ? times : 0),
    inboundAccepted: counts.inboundAccepted + (what === 'inboundAccepted' ? times : 0),
    inboundRejected: counts.inboundRejected + (what === 'inboundRejected' ? times : 0),
    poolHits: counts.poolHits + (what === 'poolHit' ? times : 0),
    poolMisses: counts.poolMisses + (what === 'poolMiss' ? times : 0),
    poolExpired: counts.poolExpired + (what === 'poolExpired' ? times : 0),
    poolEvicted: counts.poolEvicted + (what === 'poolEvicted' ? times : 0),
  }
}
