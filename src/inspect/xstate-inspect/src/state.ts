/** A snapshot of XState 5 arrives as a state of XState 4 that its `State.create` takes. */
import type { Event, Snapshot } from './actor.ts'

/** A state as XState 4 sends it. */
export interface State {
  readonly value: unknown
  readonly context: unknown
  readonly event: Event
  readonly _event: ScxmlEvent
  readonly _sessionid: string
  readonly done: boolean
  readonly changed: boolean
  readonly actions: readonly never[]
  readonly activities: object
  readonly meta: object
  readonly events: readonly never[]
  readonly tags: readonly never[]
  readonly children: object
  readonly configuration: readonly never[]
  readonly transitions: readonly never[]
}

/** An event as XState 4 wraps it. */
interface ScxmlEvent {
  readonly name: string
  readonly data: Event
  readonly $$type: 'scxml'
  readonly type: 'external'
}

/** What a state is of before anything has happened. */
export const INIT: Event = { type: 'xstate.init' }

/** An event, wrapped. */
function scxmlOf(event: Event): ScxmlEvent {
  return { name: event.type, data: event, $$type: 'scxml', type: 'external' }
}

/** The event in the wrap; an event that is not wrapped is itself. */
export function unwrapped(event: unknown): Event | undefined {
  const bare = typeof event === 'string' ? { type: event } : isScxml(event) ? event.data : event
  return typeof bare === 'object' && bare !== null && typeof (bare as { type?: unknown }).type === 'string' ? (bare as Event) : undefined
}

/** The state of a session after an event. Never its children: a supervisor's would be everyone. */
export function stateOf(sessionId: string, snapshot: Snapshot, event: Event): State {
  const { value, context, status } = snapshot
  return {
    value,
    context,
    event,
    _event: scxmlOf(event),
    _sessionid: sessionId,
    done: status !== 'active',
    changed: true,
    actions: [],
    activities: {},
    meta: {},
    events: [],
    tags: [],
    children: {},
    configuration: [],
    transitions: [],
  }
}

function isScxml(event: unknown): event is ScxmlEvent {
  return typeof event === 'object' && event !== null && (event as { $$type?: unknown }).$$type === 'scxml'
}
