/**
 * The internals of XState: what is used of it beyond its types is used here and in `xstate-child.ts`, and nowhere else.
 *
 * Each use looks whether they are as expected, and takes what XState offers publicly where they are not: that costs speed,
 * and never an action or an event. `test/compile/xstate-fallbacks.test.ts` takes every such way. Checked against 5.33.3;
 * `test/compile/xstate-internals.test.ts` notices a change.
 */
import type { AnyActorScope, AnyTransitionDefinition, EventObject } from 'xstate'

/** The events that XState itself sends to a logic, by type. */
export const STOP = 'xstate.stop'
export const INIT = 'xstate.init'
/** How the types begin of those which say that a child threw. */
export const CHILD_ERROR = 'xstate.error.actor'

interface Actor {
  readonly _actorScope?: unknown
  /** 0: not started, 1: running, 2: stopped. */
  readonly _processingStatus?: number
}
type Send = (event: object) => void
interface System {
  readonly _sendInspectionEvent?: unknown
}

/**
 * Whether the scope is that of the actor that runs, and not one of `transition()`, which wants the actions as data. Where
 * that cannot be seen, no: the actions go to the scope's own executor, as XState's go.
 */
export function isOfItsActor(scope: AnyActorScope): boolean {
  const { _actorScope: own } = scope.self as Actor
  return own === scope
}

/**
 * Whether an action that is executed now is executed at once; else it waits for the actor's start, or is only noted. Where
 * that cannot be seen, or who inspects cannot be told, no: the scope's own executor knows, and tells.
 */
export function executesAtOnce(scope: AnyActorScope): boolean {
  const { _processingStatus: status, _actorScope: own } = scope.self as Actor
  if (status !== 1 || own !== scope) return false
  const { _sendInspectionEvent: send } = scope.system as unknown as System
  return typeof send === 'function'
}

/** What an actor that has started may still be asked of its options. */
const STARTED_OPTIONS = Object.freeze({ devTools: false })

/**
 * Lets go of the options of an actor that has started. XState reads no more of them, and keeps them for the actor's life:
 * with a hidden class for each actor's own, some 400 bytes. Where they are kept otherwise, they stay.
 */
export function dropOptions(actor: object): void {
  if (Object.getOwnPropertyDescriptor(actor, 'options')?.writable !== true) return
  ;(actor as { options: object }).options = STARTED_OPTIONS
}

type Listeners = ReadonlyMap<string, ReadonlySet<(event: object) => unknown>>

function isListeners(given: unknown): given is Listeners {
  return given instanceof Map
}

/** Whether anybody would be told of what an actor emits under this type. Where that cannot be seen, yes. */
export function isListenedTo(actor: object, type: string): boolean {
  const { eventListeners: listeners } = actor as { readonly eventListeners?: unknown }
  if (!isListeners(listeners)) return true
  return listeners.size > 0 && ((listeners.get(type)?.size ?? 0) > 0 || (listeners.get('*')?.size ?? 0) > 0)
}

/**
 * Tells an event to those who listen to an actor, as XState's own `emit` does but for what they throw: XState throws it on
 * out of a timer. False: who listens cannot be seen, and `emit` is to be called.
 */
export function tellListeners(actor: object, event: { readonly type: string }, failed: (thrown: unknown) => void): boolean {
  const { eventListeners } = actor as { readonly eventListeners?: unknown }
  if (!isListeners(eventListeners)) return false
  for (const listen of [...(eventListeners.get(event.type) ?? []), ...(eventListeners.get('*') ?? [])]) {
    try {
      const answer = listen(event)
      if (answer instanceof Promise) answer.catch(failed)
    } catch (thrown) {
      failed(thrown)
    }
  }
  return true
}

/*
 * One event for all actions, whose parts are read off when it is copied: `_sendInspectionEvent` copies what it is given, and
 * only while somebody inspects, so that nothing is made or written for nobody. Whether it was copied is whether somebody inspects.
 */
let actionScope: AnyActorScope | undefined
let actionType = ''
let actionParams: unknown = undefined
let isCopied = false
const actionEvent = {
  type: '@xstate.action',
  get actorRef(): unknown {
    return actionScope?.self
  },
  get action(): { type: string; params: unknown } {
    isCopied = true
    return { type: actionType, params: actionParams }
  },
}

/** Tells those who inspect of an action that is about to be executed at once; false: nobody does. */
export function inspectAction(scope: AnyActorScope, type: string, params: unknown): boolean {
  isCopied = false
  actionScope = scope
  actionType = type
  actionParams = params
  const { _sendInspectionEvent: send } = scope.system as unknown as System
  ;(send as Send)(actionEvent)
  // Nothing is kept alive by it.
  actionScope = undefined
  actionParams = undefined
  return isCopied
}

/** Tells those who inspect, if there are any, of a step that was taken; where they cannot be told, they see its snapshot alone. */
export function inspectMicrostep(
  { self, system }: AnyActorScope,
  event: EventObject,
  snapshot: object,
  transitions: readonly AnyTransitionDefinition[],
): void {
  const { _sendInspectionEvent: send } = system as unknown as System
  if (typeof send !== 'function') return
  // A new one each time: to write what is young into what is old costs more than to make it.
  ;(send as Send)({ type: '@xstate.microstep', actorRef: self, event, snapshot, _transitions: transitions })
}
