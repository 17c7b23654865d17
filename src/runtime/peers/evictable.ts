/** An evictable peer has what it was weighed by written down, so that its place can be found again. */
import type { Direction } from '../../../machines/policy/duel.ts'
import type { FifoNode } from '../collections/fifo-list.ts'
import type { Victim } from './victims.ts'

/** A connected peer, as one that may have to yield. */
export interface Evictable<T> extends Victim<T>, FifoNode<Evictable<T>> {
  score: number
  isActive: boolean
  direction: Direction
  group: string | undefined
  /** The address that its group was found by. */
  address: string
  /** When it became Connected, in milliseconds since the epoch. */
  readonly connectedAt: number
  isPastGrace: boolean
}
