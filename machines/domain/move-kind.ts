/** The kinds of moves: from which state to which, and why. What follows from these three alone is worked out once, and looked up at each move. */
import type { ConnectionStatus } from './connection-status.ts'
import { holdsSlot, NO_STATE, PEER_STATES, statusOf, type PeerState } from './peer-state.ts'
import { TRANSITION_REASONS, type TransitionReason } from './transition.ts'

/** The kind of a move, and what follows from it. */
export interface MoveKind {
  /** Itself as one number below {@link MOVE_KINDS}. */
  readonly code: number
  readonly fromState: PeerState | undefined
  readonly toState: PeerState | undefined
  /** `toState` as a number, as `codeOfState` has it. */
  readonly toCode: number
  readonly from: ConnectionStatus | undefined
  readonly to: ConnectionStatus | undefined
  readonly reason: TransitionReason
  /** Whether the peer is known before or after. */
  readonly isKnown: boolean
  /** Whether the peer is unknown before or after. */
  readonly wasOrIsUnknown: boolean
  /** Whether the status is another. */
  readonly isTransition: boolean
  /** By how much it changes how many slots are held: -1, 0 or 1. */
  readonly slots: number
  /** Whether a slot can be had by whoever waits: it is free, or a pooled link is in it, which yields. */
  readonly givesRoom: boolean
  /** Whether it ends the link that was there. */
  readonly endsLink: boolean
  /** Whether a dial begins or ends, or a peer waits for its turn to dial, or does so no longer. */
  readonly concernsDials: boolean
  /** Whether the link may be lost, or the dial failed: a link that was given back is not lost. */
  readonly mayBeLoss: boolean
  /** What its record tells beside the kind. */
  readonly tells: 'failure' | 'eviction' | 'remoteReason' | undefined
}

/** The states and none. */
const STATES = NO_STATE + 1

/** How many kinds of moves there are: from each state or none, to each or none, for each reason. */
export const MOVE_KINDS = STATES * STATES * TRANSITION_REASONS.length

/** The kinds that have happened, by where they lead from and to: mostly there is one reason for that. */
const KINDS: MoveKind[][] = Array.from({ length: STATES * STATES }, () => [])

/** The kind of a move. @param from a code of `codeOfState`, as `to` */
export function moveKind(from: number, to: number, reason: TransitionReason): MoveKind {
  const kinds = KINDS[from * STATES + to] as MoveKind[]
  for (let index = 0; index < kinds.length; index++) {
    const kind = kinds[index] as MoveKind
    if (kind.reason === reason) return kind
  }
  const kind = makeKind(from, to, reason)
  kinds.push(kind)
  return kind
}

/** The kind of a move that has this code. */
export function moveKindOf(code: number): MoveKind {
  const states = Math.floor(code / TRANSITION_REASONS.length)
  const reason = TRANSITION_REASONS[code % TRANSITION_REASONS.length] ?? TRANSITION_REASONS[0]
  return moveKind(Math.floor(states / STATES), states % STATES, reason)
}

function makeKind(fromCode: number, toCode: number, reason: TransitionReason): MoveKind {
  const fromState = PEER_STATES[fromCode]
  const toState = PEER_STATES[toCode]
  const from = fromState === undefined ? undefined : statusOf(fromState)
  const to = toState === undefined ? undefined : statusOf(toState)
  const slots = slotsOf(toState) - slotsOf(fromState)
  return {
    code: (fromCode * STATES + toCode) * TRANSITION_REASONS.length + TRANSITION_REASONS.indexOf(reason),
    fromState,
    toState,
    toCode,
    from,
    to,
    reason,
    isKnown: fromState !== undefined || toState !== undefined,
    wasOrIsUnknown: fromState === undefined || toState === undefined,
    isTransition: from !== to,
    slots,
    givesRoom: slots < 0 || toState === 'Disconnected.pooled',
    endsLink: reason === 'replaced' || (hasLink(fromState) && !hasLink(toState)),
    concernsDials: isDial(fromState) || isDial(toState),
    mayBeLoss: (from === 'Connected' && reason !== 'disconnect') || to === 'Failed',
    tells: detailOf(to, reason),
  }
}

function slotsOf(state: PeerState | undefined): number {
  return state !== undefined && holdsSlot(state) ? 1 : 0
}

function hasLink(state: PeerState | undefined): boolean {
  return state === 'Connected' || state === 'Disconnected.pooled'
}

function isDial(state: PeerState | undefined): boolean {
  return state === 'Connecting.dialing' || state === 'Connecting.waiting'
}

function detailOf(to: ConnectionStatus | undefined, reason: TransitionReason): MoveKind['tells'] {
  if (to === 'Failed') return 'failure'
  if (reason === 'evicted') return 'eviction'
  return reason === 'remote-closed' ? 'remoteReason' : undefined
}
