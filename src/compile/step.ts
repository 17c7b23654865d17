/** A step carries out its actions in the machine's order, each with the context as of its turn. */
import type { AnyActorScope, AnyStateNode, EventObject, MachineContext } from 'xstate'
import type { Act, ActionArgs, AssignArgs } from './action-plan.ts'
import { executesAtOnce, inspectAction } from './xstate-internals.ts'

/**
 * Does what a step does, one after the other; returns the context as it is afterwards.
 *
 * @param from the first action that is still to be done
 * @param isTold whether somebody inspects, who was told of that one already
 */
export function perform(
  acts: readonly Act[],
  before: MachineContext,
  event: EventObject,
  scope: AnyActorScope,
  from = 0,
  isTold = false,
): MachineContext {
  const { self, system } = scope
  const atOnce = executesAtOnce(scope)
  let context = before
  let isInspected = true
  let args: ActionArgs | undefined
  for (let index = from; index < acts.length; index++) {
    const act = acts[index]!
    const { kind, paramsOf } = act
    const params = paramsOf === undefined ? act.params : paramsOf({ context, event })
    if (kind === 'call' && atOnce) {
      args ??= { context, event, self, system }
      // What the actor's own executor does, without an object and a closure for each action.
      // Asked once a step: who begins to inspect within one sees the next.
      if (isInspected && !(isTold && index === from)) isInspected = inspectAction(scope, act.type, params)
      act.exec?.(args, params)
      continue
    }
    if (kind === 'assign') {
      const next = assigned(act, context, event, params, scope)
      if (next !== context) args = undefined
      context = next
      continue
    }
    args ??= { context, event, self, system }
    if (kind === 'call') {
      scope.actionExecutor({ type: act.type, info: args, params, exec: act.exec })
    } else {
      const effect = act.effect!
      const resolved = effect.resolve(scope, undefined, args, params, effect)[1]
      scope.actionExecutor({ type: act.type, info: args, params: resolved, exec: effect.execute.bind(null, scope, resolved) })
    }
  }
  return context
}

/** The context after an `assign`: every value is made of the context before it. */
function assigned(act: Act, context: MachineContext, event: EventObject, params: unknown, scope: AnyActorScope): MachineContext {
  if (!context) throw new Error('Cannot assign to undefined `context`. Ensure that `context` is defined in the machine config.')
  const { make, keys, values, isFixed, spawn } = act.assignment!
  if (isFixed) return withValues(context, keys, values)
  const args: AssignArgs = { context, event, spawn, self: scope.self, system: scope.system }
  if (make !== undefined) {
    const made = make(args, params)
    return isWhole(made, context) ? made : { ...context, ...made }
  }
  const made: unknown[] = []
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    made.push(typeof value === 'function' ? (value as Maker)(args, params) : value)
  }
  return withValues(context, keys, made)
}

/** Whether what an assigner gave is a context by itself: with all keys, in their order, and nothing else. A copy would be equal, and dear. */
function isWhole(made: object, context: MachineContext): made is MachineContext {
  const keys = Object.keys(context)
  const given = Object.keys(made ?? {})
  if (keys.length !== given.length || Object.getPrototypeOf(made) !== Object.prototype) return false
  for (let index = 0; index < keys.length; index++) if (keys[index] !== given[index]) return false
  return Object.getOwnPropertySymbols(context).length === 0
}

type Maker = (args: AssignArgs, params: unknown) => unknown

/** A copy with these values; the context itself, where it has them all: most assignments of a lifecycle say what is so already. */
function withValues(context: MachineContext, keys: readonly string[], values: readonly unknown[]): MachineContext {
  let index = 0
  while (index < keys.length && has(context, keys[index]!, values[index])) index++
  if (index === keys.length) return context
  const next = { ...context }
  for (; index < keys.length; index++) next[keys[index]!] = values[index]
  return next
}

function has(context: MachineContext, key: string, value: unknown): boolean {
  return Object.is(context[key], value) && (value !== undefined || key in context)
}

/** The output of a machine that ends in this state. */
export function outputOf(final: AnyStateNode, context: MachineContext, event: EventObject, self: AnyActorScope['self']): unknown {
  const resolve = (mapper: unknown, cause: EventObject): unknown =>
    typeof mapper === 'function' ? (mapper as (args: object) => unknown)({ context, event: cause, self }) : mapper
  // XState asks for the final state's output twice: for the root's `onDone`, which there is not, and for the machine.
  resolve(final.output, event)
  const { root } = final.machine
  if (root.output === undefined) return undefined
  return resolve(root.output, { type: `xstate.done.state.${final.id}`, output: resolve(final.output, event) } as EventObject)
}
