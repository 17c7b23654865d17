/** A row is two sides that know of each other only what the link and the words between them say. */
import type { Ability, Party } from './party.ts'

/** One promise of a transport, and what either side does to see it kept. */
export interface Row {
  readonly title: string
  /** Which side the writer is on. @default both, one after the other */
  readonly writerIs?: 'dialer'
  /** What the writer's links must be able to do for the row to mean anything. */
  readonly writerNeeds?: Ability
  /** What the reader's links must be able to do. */
  readonly readerNeeds?: Ability
  /** What the reader's links cannot do: the row says what they do instead. */
  readonly readerLacks?: Ability
  /** What one of both cannot do: the row says what becomes of it instead. */
  readonly eitherLacks?: Ability
  /** What arrives at the listener waits to be admitted. */
  readonly takesArrivals?: true
  /** The reader's side is killed in it: the row is over when the writer is. */
  readonly endsWithWriter?: true
  /** How often the time limit of a row fits into that of this one. @default 1 */
  readonly timesLimit?: number
  writer(party: Party): Promise<void>
  reader(party: Party): Promise<void>
}
