/**
 * Keeps one thing true: what is used of XState beyond its types is used here, and nowhere else in this room.
 *
 * Checked against 5.33.3; `test/compile/xstate-internals.test.ts` notices a change.
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
interface System {
  readonly _sendInspectionEvent: (event: object) => void
}

/** Whether the scope is that of the actor that runs, and not one of `transition()`, which wants the actions as data. */
export function isOfItsActor(scope: AnyActorScope): boolean {
  const { _actorScope: own } = scope.self as Actor
  return own === scope
}

/** Whether an action that is executed now is executed at once; else it waits for the actor's start, or is only noted. */
export function executesAtOnce(scope: AnyActorScope): boolean {
  const { _processingStatus: status, _actorScope: own } = scope.self as Actor
  return status === 1 && own === scope
}

/*
 * One event for every action and one for every step. `_sendInspectionEvent` copies what it is given, and only while
 * somebody inspects: so nothing is made for nobody. They are emptied afterwards, to keep nothing alive.
 */
let actionType = ''
let actionParams: unknown = undefined
const actionEvent = {
  type: '@xstate.action',
  actorRef: undefined as unknown,
  get action(): { type: string; params: unknown } {
    return { type: actionType, params: actionParams }
  },
}
let taken: readonly AnyTransitionDefinition[] = []
const microstepEvent = {
  type: '@xstate.microstep',
  actorRef: undefined as unknown,
  event: undefined as unknown,
  snapshot: undefined as unknown,
  get _transitions(): readonly AnyTransitionDefinition[] {
    return taken
  },
}

/** Tells those who inspect, if there are any, of an action that is about to be executed at once. */
export function inspectAction(scope: AnyActorScope, type: string, params: unknown): void {
  actionType = type
  actionParams = params
  actionEvent.actorRef = scope.self
  const { _sendInspectionEvent: send } = scope.system as unknown as System
  send(actionEvent)
  actionEvent.actorRef = undefined
  actionParams = undefined
}

/** Tells those who inspect, if there are any, of a step that was taken. */
export function inspectMicrostep(
  scope: AnyActorScope,
  event: EventObject,
  snapshot: object,
  transitions: readonly AnyTransitionDefinition[],
): void {
  microstepEvent.actorRef = scope.self
  microstepEvent.event = event
  microstepEvent.snapshot = snapshot
  taken = transitions
  const { _sendInspectionEvent: send } = scope.system as unknown as System
  send(microstepEvent)
  microstepEvent.actorRef = undefined
  microstepEvent.event = undefined
  microstepEvent.snapshot = undefined
}
