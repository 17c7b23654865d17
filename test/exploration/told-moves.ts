/** Moves that a subject is told of: each follows the one before, leaves no gap, and is a row of the transition table. */
import type { Transition } from 'qudag-connections'
import type { PeerState } from '../../machines/domain/peer-state.ts'
import { TRANSITION_REASONS } from '../../machines/domain/transition.ts'
import { type Place, rowsOf } from '../machines/design-table.ts'
import type { ExploredManager } from './explored-manager.ts'

/** Checks each move as it is told, and notes which rows were taken. */
export class ToldMoves {
  readonly #subject: ExploredManager
  readonly #eventOf = new Map<number, string>()
  #seq = 0

  constructor(subject: ExploredManager) {
    this.#subject = subject
    this.#noteEvents()
  }

  /** Notes which event of the machine each move comes from. */
  #noteEvents(): void {
    const { world } = this.#subject
    const send = world.send.bind(world)
    world.send = (peer, event) => {
      const before = world.seq
      send(peer, event)
      // What an event made of another peer, or of a fresh actor, was noted there.
      for (let seq = before + 1; seq <= world.seq; seq++) if (!this.#eventOf.has(seq)) this.#eventOf.set(seq, event.type)
    }
  }

  told(move: Transition): void {
    const { seq, peerId, fromState, toState, reason, from, to, failure } = move
    const say = (what: string): void => void this.#subject.wrong.push(`invariant 5: ${what}: ${JSON.stringify(move)}`)
    // An actor that is being stopped emits nothing; its streams are told to the end.
    if (this.#subject.stopped ? seq <= this.#seq : seq !== this.#seq + 1) say(`not the one after ${this.#seq}`)
    this.#seq = seq
    if (!this.#subject.stopped && this.#subject.places.get(peerId) !== fromState) say(`a gap, it was ${this.#subject.places.get(peerId)}`)
    this.#subject.places.set(peerId, toState)
    const hand = this.#subject.handOf(peerId)
    // A link that came and went, and another in its place, are told of too.
    if (hand !== undefined && (reason === 'replaced' || toState === 'Connected')) hand.replaced = true
    if (!TRANSITION_REASONS.includes(reason)) say('no such reason')
    if (from !== fromState?.split('.')[0] || to !== toState?.split('.')[0]) say('a state of another status')
    if ((failure !== undefined) !== (to === 'Failed')) say('a failure is told where it fails, and only there')
    const rows = rowsOf(place(fromState), place(toState), reason, this.#eventOf.get(seq))
    this.#eventOf.delete(seq)
    if (rows.length === 0) say('not in the table')
    this.#subject.taken.push(...rows)
  }
}

function place(state: PeerState | undefined): Place {
  return state ?? 'unknown'
}
