/** Every change of a peer is told as one record, gapless per peer and ordered by `seq`. */
import type { ConnectionStatus } from './connection-status.ts'
import type { EvictionRecord } from './eviction-record.ts'
import type { Failure } from './failure.ts'
import type { PeerId } from './peer-id.ts'
import type { PeerState } from './peer-state.ts'

/** Why a peer changed. @since 0.1.0 */
export const TRANSITION_REASONS = [
  'connect',
  'opened',
  'reused',
  'inbound',
  'reported',
  'replaced',
  'dial-failed',
  'timeout',
  'aborted',
  'disconnect',
  'remote-closed',
  'link-error',
  'pool-expired',
  'pool-evicted',
  'evicted',
  'heartbeat-lost',
  'backoff',
  'crashed',
  'shutdown',
  'forgotten',
] as const

/** Why a peer changed: a closed union. @since 0.1.0 */
export type TransitionReason = (typeof TRANSITION_REASONS)[number]

/** A change of a peer's status. @since 0.1.0 */
export interface Transition {
  /** Counts the moves of one supervisor from 1; of two records the higher one happened later. */
  readonly seq: number
  /** When, in milliseconds since the epoch. */
  readonly at: number
  readonly peerId: PeerId
  /** The status before; undefined: not known before. */
  readonly from: ConnectionStatus | undefined
  /** The status after; undefined: forgotten. */
  readonly to: ConnectionStatus | undefined
  /** The state before, with its substate (`'Disconnected.pooled'`); undefined: not known before. */
  readonly fromState: PeerState | undefined
  /** The state after, with its substate; undefined: forgotten. */
  readonly toState: PeerState | undefined
  readonly reason: TransitionReason
  /** Why the peer is `Failed`, where `to` is `Failed`. */
  readonly failure?: Failure
  /** Why the other side ended the link, where the reason is `remote-closed` and it said so: `shutdown`, `evicted`, `replaced`, `idle`, `disconnected`, or a word of the future. */
  readonly remoteReason?: string
  /** What it yielded to, where the reason is `evicted` and the manager decided so. */
  readonly eviction?: EvictionRecord
}

/**
 * The same record for every change of state, substates included. The metrics fold consumes moves;
 * a {@link Transition} is a move whose `from` and `to` differ.
 *
 * @since 0.1.0
 */
export type Move = Transition

/** Whether a move changes the status, and so is a {@link Transition}. @since 0.1.0 */
export function isTransition(move: Move): boolean {
  return move.from !== move.to
}
