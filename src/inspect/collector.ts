/** Every reader ends up with the latest state of every peer, and one that reads late costs no more than one that reads at once. */
import { platform } from '#platform'
import { Subscription } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { codeOfState, NO_STATE, PEER_STATES, type PeerState } from '../../machines/domain/peer-state.ts'
import type { Move } from '../../machines/domain/transition.ts'
import type { Clock } from '../clock.ts'
import { FORGOTTEN, type Changes, type SlotFacts } from './changes.ts'
import { FactSheet } from './fact-sheet.ts'
import { FlowCounts } from './flow-counts.ts'
import { MoveLog } from './move-log.ts'
import { flowOf, PEER_BEGIN, PEER_PLACES } from './peer-flows.ts'
import { Pulse } from './pulse.ts'
import { Slots } from './slots.ts'
import type { InspectionSource, PeerFacts } from './source.ts'
import { SUPERVISOR_PLACES, supervisorFlowOf } from './supervisor-flows.ts'

/** How often readers are told that something is new, at most, in milliseconds. */
const EVERY_MS = 50
/** How many peers that moved are looked up each time, and how many others in turn. */
const STALE_AT_ONCE = 1_000
const SWEPT_AT_ONCE = 250
/** How many are looked up in turn with each sample of the metrics. */
const SWEPT_A_SAMPLE = 2_000

/** How a collector is set up. @since 0.1.0 */
export interface CollectorOptions {
  /** Times the batches; the instants in them are the source's. @default the platform's */
  readonly clock?: Clock
}

/** One who reads. What it has seen is all that is kept of it. @since 0.1.0 */
export interface Reader {
  /** Takes what changed since it read last, everything at first; undefined: nothing did. */
  read(): Changes | undefined
}

/** The states by code; beyond them, none. */
const STATES: readonly (PeerState | undefined)[] = PEER_STATES

/**
 * Keeps the latest state of every peer and counts the flows along the transitions of both machines. It lives on the
 * stream of moves, and leaves XState's inspection alone. Whoever makes one must {@link Collector.close} it.
 *
 * @since 0.1.0
 */
export class Collector {
  readonly #source: InspectionSource
  readonly #listeners = new Set<() => void>()
  readonly #pulse: Pulse
  readonly #subscription = new Subscription()
  readonly #log = new MoveLog()
  readonly #peerFlows = new FlowCounts(PEER_PLACES)
  readonly #supervisorFlows = new FlowCounts(SUPERVISOR_PLACES)
  readonly #counts = PEER_STATES.map(() => 0)
  #slots = new Slots()
  #facts = new FactSheet()
  #version = 1
  /** What a reader knows from before this version is void. */
  #begin = 1
  #seq = 0
  #ended = false
  #last: { readonly from: number; readonly to: number; readonly logged: number; readonly changes: Changes } | undefined = undefined

  constructor(source: InspectionSource, { clock = platform.clock }: CollectorOptions = {}) {
    this.#source = source
    this.#pulse = new Pulse(clock, EVERY_MS, () => this.#beat())
    this.#load()
    this.#subscription.add(source.moves$.subscribe({ next: (move) => this.#moved(move), complete: () => this.#end() }))
    this.#subscription.add(source.metrics$.subscribe(() => this.#sampled()))
    this.#subscription.add(source.jumps$?.subscribe(() => this.#jumped()))
    this.#subscription.add(
      source.listen((state, context, event) => {
        this.#supervisorFlows.add(supervisorFlowOf(state, context, event), ++this.#version)
        this.#wake()
      }),
    )
  }

  /** Whether nothing moves any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** A reader of its own. It need not be given back. */
  reader(): Reader {
    let seen = 0
    let logged = 0
    return {
      read: () => {
        if (seen === this.#version) return undefined
        if (seen < this.#begin) this.#refresh()
        const changes = this.#changesSince(seen, logged)
        seen = this.#version
        logged = this.#log.total
        return changes
      },
    }
  }

  /** Is told when something is new, at most every 50 ms, and once to begin with; the result ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#wake()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#pulse.stop()
    }
  }

  /** Tells the listeners once more, within 50 ms: one of them could not read. */
  nudge(): void {
    this.#wake()
  }

  /** Ends it: no subscription, timer or listener of it is left. Idempotent; readers go on reading what was. */
  close(): void {
    this.#subscription.unsubscribe()
    this.#pulse.stop()
    this.#listeners.clear()
  }

  #wake(): void {
    if (this.#listeners.size > 0) this.#pulse.wake()
  }

  #beat(): void {
    this.#refresh()
    this.#sweep(SWEPT_AT_ONCE)
    for (const listener of this.#listeners) listener()
    if (this.#facts.isStale) this.#wake()
  }

  #refresh(): void {
    for (const slot of this.#facts.takeStale(STALE_AT_ONCE)) this.#lookUp(slot)
  }

  #sampled(): void {
    if (this.#listeners.size === 0) return
    const before = this.#version
    this.#sweep(SWEPT_A_SAMPLE)
    if (this.#version !== before) this.#wake()
  }

  #sweep(most: number): void {
    for (const slot of this.#facts.takeTurn(most, this.#slots.size)) this.#lookUp(slot)
  }

  #lookUp(slot: number): void {
    const slots = this.#slots
    if (slots.stateOf(slot) === FORGOTTEN) return
    const facts = factsOf(this.#source, slots.ids[slot]!)
    if (facts === undefined || !this.#facts.note(slot, facts)) return
    slots.tell(slot, ++this.#version)
  }

  #moved(move: Move): void {
    const version = ++this.#version
    const slots = this.#slots
    const { peerId, fromState, toState } = move
    let slot = slots.find(peerId)
    let from: number = NO_STATE
    if (slot === undefined) slot = this.#give(peerId, version)
    else this.#counts[(from = slots.stateOf(slot))]!--
    // Where it was seen last is where it comes from, unless a move was missed.
    if (STATES[from] !== fromState) from = codeOfState(fromState)
    const { to, place } = flowOf(from, move)
    this.#seq = move.seq
    this.#log.add(move)
    this.#peerFlows.add(place, version)
    if (fromState === undefined) this.#peerFlows.add(PEER_BEGIN, version)
    if (toState === undefined) {
      slots.move(slot, FORGOTTEN, version)
      slots.free(slot)
    } else {
      slots.move(slot, to, version)
      this.#counts[to]!++
      this.#facts.doubt(slot)
    }
    if (this.#listeners.size > 0) this.#pulse.wake()
  }

  #give(peerId: PeerId, version: number): number {
    const slot = this.#slots.give(peerId, version)
    this.#facts.clear(slot)
    return slot
  }

  /** Takes in everybody who is there. */
  #load(): void {
    for (const facts of this.#source.peers()) {
      if (facts.state === undefined) continue
      const slot = this.#give(facts.peerId, this.#version)
      const code = codeOfState(facts.state)
      this.#slots.move(slot, code, this.#version)
      this.#counts[code]!++
      this.#facts.note(slot, facts)
    }
  }

  #jumped(): void {
    this.#begin = ++this.#version
    this.#slots = new Slots()
    this.#facts = new FactSheet()
    this.#counts.fill(0)
    this.#peerFlows.clear()
    this.#supervisorFlows.clear()
    this.#log.clear()
    this.#load()
    this.#wake()
  }

  #end(): void {
    this.#ended = true
    this.#version++
    this.#wake()
  }

  /** Readers that are equally far are told the same. */
  #changesSince(seen: number, logged: number): Changes {
    const from = seen < this.#begin ? 0 : seen
    const last = this.#last
    if (last?.from === from && last.to === this.#version && last.logged === logged) return last.changes
    const changes = this.#gather(from, logged)
    this.#last = { from, to: this.#version, logged, changes }
    return changes
  }

  #gather(from: number, logged: number): Changes {
    const reset = from === 0
    const slots = this.#slots
    const names: [number, string][] = []
    const moved: number[] = []
    const facts: SlotFacts[] = []
    for (let slot = slots.latest; slot >= 0 && slots.changedAt(slot) > from; slot = slots.before(slot)) {
      const state = slots.stateOf(slot)
      const isHere = state !== FORGOTTEN
      // Who came and went unseen is nobody's business, unless somebody else was seen there before.
      if (reset && !isHere) continue
      const isNew = slots.namedAt(slot) > from
      if (isHere && isNew) names.push([slot, slots.ids[slot]!])
      if (slots.movedAt(slot) > from) moved.push(slot * 16 + state)
      if (isHere && slots.toldAt(slot) > from && !(isNew && this.#facts.isBlank(slot))) facts.push(this.#facts.of(slot))
    }
    const seen = reset ? Math.max(0, this.#log.total - MoveLog.MOST_SHOWN) : logged
    const log = this.#log.after(seen)
    return {
      seq: this.#seq,
      at: this.#source.now(),
      reset,
      counts: [...this.#counts],
      names,
      moved,
      facts,
      flows: [
        ...this.#supervisorFlows.since(from).map((flow) => ['supervisor', ...flow] as const),
        ...this.#peerFlows.since(from).map((flow) => ['peer', ...flow] as const),
      ],
      supervisor: this.#source.supervisorState,
      log,
      skipped: this.#log.total - seen - log.length,
    }
  }
}

/** A source may be an app's own, and a timer asks: one that throws has nothing new. */
function factsOf(source: InspectionSource, peerId: PeerId): PeerFacts | undefined {
  try {
    return source.facts(peerId)
  } catch {
    return undefined
  }
}
