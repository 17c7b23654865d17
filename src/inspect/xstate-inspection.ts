/**
 * XState's inspection events: what XState 5 says to inspectors is known to this file alone.
 *
 * Checked with 5.33. An event is told as `@xstate.event` before it is taken, then its actions one by one as
 * `@xstate.action`, then `@xstate.snapshot` with the state that it led to; each names the actor as `actorRef`.
 */
import type { AnyActorRef, AnyEventObject, InspectionEvent } from 'xstate'
import { spellState } from '../../machines/domain/peer-state.ts'
import type { Step } from './source.ts'

/** What one actor took and did, one event after the other. */
class Track {
  readonly seers = new Set<(step: Step) => void>()
  #event: AnyEventObject | undefined
  #actions: string[] = []

  /** XState's own events are no news: an actor begins, and is stopped. */
  took(event: AnyEventObject): void {
    this.#event = event.type.startsWith('xstate.') ? undefined : event
    this.#actions = []
  }

  did(type: string, params: unknown): void {
    this.#actions.push(spellAction(type, params))
  }

  cameTo(snapshot: unknown, event: AnyEventObject): void {
    if (this.#event !== event) return
    this.#event = undefined
    const { value } = snapshot as { readonly value?: unknown }
    const { at } = event as { readonly at?: unknown }
    const step = {
      at: typeof at === 'number' ? at : Date.now(),
      event: event.type,
      state: value === undefined ? '' : spellState(value),
      actions: this.#actions,
    }
    for (const seen of this.seers) seen(step)
  }
}

/**
 * Watches the events and actions of some children of an actor. While it watches any, XState makes every event of every
 * actor in the system about ten times dearer; while it watches none, it is not there.
 */
export class ActorInspection {
  readonly #parent: AnyActorRef
  readonly #tracks = new Map<string, Track>()
  #observing: { unsubscribe(): void } | undefined = undefined

  constructor(parent: AnyActorRef) {
    this.#parent = parent
  }

  /** Watches the child of that id, whichever actor that is at the time; the result ends that. */
  watch(id: string, seen: (step: Step) => void): () => void {
    const track = this.#tracks.get(id) ?? new Track()
    this.#tracks.set(id, track)
    // Each call watches by itself, be it with one function twice.
    const own = (step: Step): void => seen(step)
    track.seers.add(own)
    this.#observing ??= this.#parent.system.inspect((event) => this.#heard(event))
    return () => {
      track.seers.delete(own)
      if (track.seers.size === 0 && this.#tracks.get(id) === track) this.#tracks.delete(id)
      if (this.#tracks.size > 0) return
      this.#observing?.unsubscribe()
      this.#observing = undefined
    }
  }

  #heard(event: InspectionEvent): void {
    const actor = event.actorRef as AnyActorRef
    const { _parent: parent } = actor
    if (parent !== this.#parent) return
    const track = this.#tracks.get(actor.id)
    if (track === undefined) return
    if (event.type === '@xstate.event') track.took(event.event)
    else if (event.type === '@xstate.action') track.did(event.action.type, event.action.params)
    else if (event.type === '@xstate.snapshot') track.cameTo(event.snapshot, event.event)
  }
}

/** An action with what it is told: `tell(opened)`, `startDeadline(connectTimeoutMs, dial.timedOut)`. */
function spellAction(type: string, params: unknown): string {
  const told = typeof params === 'object' && params !== null ? Object.values(params) : []
  return told.length === 0 ? type : `${type}(${told.map(String).join(', ')})`
}
