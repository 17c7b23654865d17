/** A peer as the model knows it, with its holds, their readers, and the promises that wait for it. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { PeerState } from '../../machines/domain/peer-state.ts'

export type Outcome = 'pending' | 'ok' | 'reason' | `ERR_${string}`

/** A promise that the manager gave, and what the contract says has become of it. */
export interface Call {
  readonly what: string
  /** Several where the table leaves it open. */
  expected: readonly Outcome[]
  /** The hold that a connect was given. */
  hold?: ModelHold
}

export interface ModelHold {
  readonly peer: ModelPeer
  ended: 'local' | 'remote' | 'error' | undefined
  /** Whether anybody reads it. */
  readonly readers: Reader[]
}

/** Somebody who reads messages, and which of them by number. */
export interface Reader {
  readonly expected: number[]
}

export interface ModelPeer {
  readonly peerId: string
  state: PeerState
  app: boolean
  direction: 'inbound' | 'outbound'
  /** Connects that wait for the dial, or for the close before it. */
  waiters: Call[]
  holds: ModelHold[]
  /** Disconnects and releases that wait for the close. */
  closers: Call[]
  /** Whether a dial of ours is under way, which it may be beside an inbound link that it will replace. */
  dialing: boolean
  dialDeadline: number
  closeDeadline: number
  /** When its deadline was set, as a count: of two that are due in one instant, the one that was set first comes first. */
  armed: number
  pooledAt: number
  /** Of two pooled in one instant the lower one waits longer. */
  pooledOrder: number
  failure: string | undefined
  unread: number[]
}

/** A peer of which nothing has happened yet. */
export function newPeer(peerId: string): ModelPeer {
  return {
    peerId,
    state: 'Disconnected.closed',
    app: false,
    direction: 'outbound',
    waiters: [],
    holds: [],
    closers: [],
    dialing: false,
    dialDeadline: Infinity,
    closeDeadline: Infinity,
    armed: 0,
    pooledAt: Infinity,
    pooledOrder: 0,
    failure: undefined,
    unread: [],
  }
}

/** Settles what a promise must come to. */
export function settle(call: Call, outcome: Outcome): void {
  call.expected = [outcome]
}

/** The state of a peer of the app that is reported so. */
export function reportedState(status: ConnectionStatus): PeerState {
  return status === 'Connecting' ? 'Connecting.reported' : status === 'Disconnected' ? 'Disconnected.closed' : status
}
