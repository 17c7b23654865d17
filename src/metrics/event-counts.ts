/** Keeps one thing true: what happened is counted once, by the move that it was. */
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

/**
 * Counts what a move says has happened. A dial is counted where Connecting is entered and left, so that a change of
 * substate on the way (waiting, then dialing) is not another dial; a reconnect by backoff is a dial but no pool miss,
 * since nobody asked the pool.
 */
export function countMove(counts: EventCounts, { from, to, fromState, reason }: Move): EventCounts {
  switch (reason) {
    case 'connect':
      if (to !== 'Connecting' || from === 'Connecting') return counts
      return { ...counts, dialsStarted: counts.dialsStarted + 1, poolMisses: counts.poolMisses + 1 }
    case 'backoff':
      if (to !== 'Connecting' || from === 'Connecting') return counts
      return { ...counts, dialsStarted: counts.dialsStarted + 1 }
    case 'opened':
      if (from !== 'Connecting' || to !== 'Connected') return counts
      return { ...counts, dialsSucceeded: counts.dialsSucceeded + 1 }
    case 'dial-failed':
    case 'timeout':
      if (from !== 'Connecting' || to !== 'Failed') return counts
      return { ...counts, dialsFailed: counts.dialsFailed + 1 }
    case 'reused':
      if (fromState !== 'Disconnected.pooled') return counts
      return { ...counts, poolHits: counts.poolHits + 1 }
    case 'pool-expired':
      if (fromState !== 'Disconnected.pooled') return counts
      return { ...counts, poolExpired: counts.poolExpired + 1 }
    case 'pool-evicted':
      if (fromState !== 'Disconnected.pooled') return counts
      return { ...counts, poolEvicted: counts.poolEvicted + 1 }
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
      return counts
  }
}
