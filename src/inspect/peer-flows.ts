/** Every move of a peer is one step along one transition of its chart. */
import { PEER_STATES, type PeerState } from '../../machines/domain/peer-state.ts'
import { TRANSITION_REASONS, type Move, type TransitionReason } from '../../machines/domain/transition.ts'
import { BEGIN, END, peerOutline, type Outline } from './outline.ts'

/** A transition of an outline, by the places of its edge and of itself. */
export type FlowPlace = readonly [edge: number, transition: number]

/** Every transition of an outline, in one row. */
export function placesOf({ edges }: Outline): readonly FlowPlace[] {
  return edges.flatMap(({ transitions }, edge) => transitions.map((_, transition) => [edge, transition] as const))
}

/** Where the peers' flows are kept: all transitions of the peer's outline, in one row. */
export const PEER_PLACES = placesOf(peerOutline)

/** Where it is kept that a peer began. */
export const PEER_BEGIN = PEER_PLACES.findIndex(([edge]) => peerOutline.edges[edge]?.source === BEGIN)

/** Unknown before, or forgotten. */
const NOWHERE = PEER_STATES.length
const WIDTH = PEER_STATES.length + 1

const codes = new Map<string | undefined, number>(PEER_STATES.map((state, code) => [state, code]))
const reasons = new Map<TransitionReason, number>(TRANSITION_REASONS.map((reason, index) => [reason, index]))

/** A state's place among {@link PEER_STATES}; one more than the last where there is none. */
export function codeOf(state: PeerState | undefined): number {
  return codes.get(state) ?? NOWHERE
}

const UNASKED = -2
/** For each kind of move the place of its transition, found when it first happens. */
const known = new Int16Array(WIDTH * WIDTH * TRANSITION_REASONS.length).fill(UNASKED)

/** The place of the transition that a move took, among {@link PEER_PLACES}; -1: the definition has none. */
export function peerFlowOf({ fromState, toState, reason }: Move): number {
  const key = (codeOf(fromState) * WIDTH + codeOf(toState)) * TRANSITION_REASONS.length + reasons.get(reason)!
  const place = known[key]!
  return place === UNASKED ? (known[key] = find(fromState, toState, reason)) : place
}

function find(from: PeerState | undefined, to: PeerState | undefined, reason: TransitionReason): number {
  const [begin] = PEER_PLACES[PEER_BEGIN]!
  const initial = peerOutline.edges[begin]!.target
  // An actor that threw is replaced by a fresh one, which moves on from where actors begin.
  for (const state of from === undefined ? [initial] : [from, initial]) {
    for (let source: string | undefined = state; source !== undefined; source = parentOf(source)) {
      const fitting = PEER_PLACES.flatMap(([edge, transition], place) => {
        const drawn = peerOutline.edges[edge]!
        const fits = drawn.source === source && drawn.target === (to ?? END) && drawn.transitions[transition]!.reason === reason
        return fits ? [{ place, event: drawn.transitions[transition]!.event }] : []
      })
      // Of several that look alike from outside, the one that the reason is named after: `pool-expired` for `pool.expired`.
      const found = fitting.find(({ event }) => event === reason.replace('-', '.')) ?? fitting[0]
      if (found !== undefined) return found.place
    }
  }
  return -1
}

function parentOf(state: string): string | undefined {
  const dot = state.lastIndexOf('.')
  return dot < 0 ? undefined : state.slice(0, dot)
}
