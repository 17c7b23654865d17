/** Keeps one thing true: a recorded event moves a peer exactly as it did in the live run. */
import { initialTransition, transition, type ExecutableActionsFrom, type SnapshotFrom } from 'xstate'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { spellState, statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../../machines/domain/transition.ts'
import { peerMachine, type PeerEvent } from '../../../machines/peer-machine.ts'

/** A peer between two events. Never changed in place. */
export interface FoldedPeer {
  readonly snapshot: SnapshotFrom<typeof peerMachine>
  /** The state told last; undefined: not told of yet. */
  readonly state: PeerState | undefined
}

/** What an event did: the moves, and the peer after it; without one it is forgotten. */
export interface Folded {
  readonly peer: FoldedPeer | undefined
  readonly moves: readonly Move[]
}

/** A peer that was not known before. */
function freshPeer(peerId: PeerId, state?: PeerState): FoldedPeer {
  return { snapshot: initialTransition(peerMachine, { peerId })[0], state }
}

/** A peer as a recording says it stood. */
export function restoredPeer(value: unknown, context: FoldedPeer['snapshot']['context'], state: PeerState | undefined): FoldedPeer {
  return { snapshot: peerMachine.resolveState({ value: value as never, context }), state }
}

/**
 * Has a peer's machine take an event. `seq` counts on from the last move.
 *
 * @param at when that is shown to have been
 * @param peer undefined: it was not known before
 */
export function foldEvent(peerId: PeerId, peer: FoldedPeer | undefined, event: PeerEvent, at: number, seq: number): Folded {
  // Only an actor that has just taken a dead one's place is told that it crashed.
  const before = peer === undefined || event.type === 'peer.crashed' ? freshPeer(peerId, peer?.state) : peer
  const [snapshot, actions] = transition(peerMachine, before.snapshot, event)
  const { told, forgotten } = said(actions)
  const moves: Move[] = []
  let { state } = before
  const move = (to: PeerState | undefined, reason: TransitionReason, failure = snapshot.context.failure): void => {
    // A peer that was never told of goes as it came.
    if (state !== undefined || to !== undefined) {
      const status = to === undefined ? undefined : statusOf(to)
      const from = state === undefined ? undefined : statusOf(state)
      const base = { seq: seq + moves.length + 1, at, peerId, from, to: status, fromState: state, toState: to, reason }
      moves.push(status === 'Failed' && failure !== undefined ? { ...base, failure } : base)
    }
    state = to
  }
  const to = spellState(snapshot.value)
  if (told !== undefined && (to !== state || told === 'replaced')) move(to, told)
  if (forgotten === undefined) return { peer: { snapshot, state }, moves }
  move(undefined, forgotten)
  return { peer: undefined, moves }
}

/** The reasons among the actions; of two the later one counts. */
function said(actions: readonly ExecutableActionsFrom<typeof peerMachine>[]): {
  told?: TransitionReason | undefined
  forgotten?: TransitionReason | undefined
} {
  const reasonOf = (type: string): TransitionReason | undefined =>
    (actions.findLast((action) => action.type === type)?.params as { reason?: TransitionReason } | undefined)?.reason
  return { told: reasonOf('tell'), forgotten: reasonOf('forget') }
}
