/** A recorded event moves a peer exactly as it did in the live run. */
import { createActor, type SnapshotFrom } from 'xstate'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { PEER_STATES, spellState, statusOf, type PeerState } from '../../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../../machines/domain/transition.ts'
import { peerMachine, type PeerContext, type PeerEvent } from '../../../machines/peer-machine.ts'
import { compile } from '../../compile/index.ts'

/** XState's own `transition` makes an actor for each event, which takes a minute for a million of them. */
const logic = compile(peerMachine)
const nobody = createActor(logic, { input: { peerId: 'nobody' } })
/** The reasons that the last event gave: of two of a kind the later one counts. */
const reasons: { tell?: TransitionReason | undefined; forget?: TransitionReason | undefined } = {}
const scope: Parameters<typeof logic.transition>[2] = {
  self: nobody,
  system: nobody.system,
  id: '',
  sessionId: '',
  logger: () => {},
  defer: () => {},
  emit: () => {},
  stopChild: () => {},
  actionExecutor: ({ type, params }) => {
    if (type === 'tell' || type === 'forget') reasons[type] = (params as { reason: TransitionReason }).reason
  },
}

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
  return { snapshot: logic.getInitialSnapshot(scope, { peerId }), state }
}

/** A peer as a recording says it stood. @throws TypeError where `value` is no state of its machine */
export function restoredPeer(value: unknown, context: PeerContext, state: PeerState | undefined): FoldedPeer {
  if (!isStateValue(value)) throw new TypeError('value is no state of a peer')
  // All that a compiled machine reads of a snapshot that it has not made itself.
  const snapshot = { value, context, status: 'active', output: undefined, error: undefined }
  return { snapshot: snapshot as unknown as FoldedPeer['snapshot'], state }
}

function isStateValue(value: unknown): boolean {
  if (typeof value === 'string') return !value.includes('.') && PEER_STATES.includes(value as PeerState)
  if (typeof value !== 'object' || value === null) return false
  const [[status, substate] = ['', ''], ...others] = Object.entries(value) as [string, unknown][]
  return others.length === 0 && PEER_STATES.includes(`${status}.${String(substate)}` as PeerState)
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
  reasons.tell = reasons.forget = undefined
  const snapshot = logic.transition(before.snapshot, event, scope)
  const { tell: told, forget: forgotten } = reasons
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
