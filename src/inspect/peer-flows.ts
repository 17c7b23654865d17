/** Every move of a peer is one step along one transition of its chart. */
import { codeOfState, NO_STATE, type PeerState } from '../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../machines/domain/transition.ts'
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

/** Where a move has led to, and along which transition. */
export interface Flow {
  readonly toState: PeerState | undefined
  readonly reason: TransitionReason
  /** The code of `toState`, as `codeOfState` has it. */
  readonly to: number
  /** The place of the transition among {@link PEER_PLACES}; -1: the definition has none. */
  readonly place: number
}

/** By the code of the state that they begin in, the flows that were taken: a few each. */
const FLOWS: Flow[][] = Array.from({ length: NO_STATE + 1 }, () => [])

/** The flow of a move, found when one of its kind first happens. @param from the code of `fromState` */
export function flowOf(from: number, { fromState, toState, reason }: Move): Flow {
  const flows = FLOWS[from]!
  // To compare the few that there are costs less than to look three texts up.
  for (let index = 0; index < flows.length; index++) {
    const flow = flows[index]!
    if (flow.toState === toState && flow.reason === reason) return flow
  }
  const flow = { toState, reason, to: codeOfState(toState), place: find(fromState, toState, reason) }
  flows.push(flow)
  return flow
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
