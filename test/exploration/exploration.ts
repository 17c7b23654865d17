/** An exploration: what is explored, and what was found. */
import type { RowTitle } from '../machines/design-table.ts'
import type { Scope } from './alphabet.ts'

/** What is explored. */
export interface Exploration extends Scope {
  readonly peers: readonly string[]
  /** Peers that are alike: the orders of all that the future cannot tell apart. */
  readonly symmetries: readonly (readonly number[])[]
  readonly limit: number
  /** Whether every state is ended in every way, or each in one, in turn: after an end there is nothing but to begin anew. */
  readonly endings: 'all' | 'one'
  /** Whether it matters who owned the link of a peer that has none now. */
  readonly ownersOfTheGone: boolean
  /** Whether there are turns to be dialled, a line for slots, and breakers. @default false */
  readonly policies?: boolean
  /** Ends at the first thing that does not hold. @default false */
  readonly bail?: boolean
}

/** What was found. */
export interface Found {
  readonly states: number
  readonly edges: number
  /** Steps taken, those included that only led to an edge, and managers made. */
  readonly steps: number
  readonly managers: number
  readonly rows: ReadonlyMap<RowTitle, number>
  /** Every peer state, and every state of the supervisor, with how often it occurs. */
  readonly byPhase: ReadonlyMap<string, number>
  readonly byState: ReadonlyMap<string, number>
  /** How many acts leave a state at most. */
  readonly widest: number
  /** What did not hold, each with the shortest way to it. */
  readonly wrong: readonly string[]
}
