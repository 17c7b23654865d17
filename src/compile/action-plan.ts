/** An action is looked up once; what is left for a step is to call it. */
import type { AnyActorScope, AnyStateMachine, EventObject, MachineContext } from 'xstate'
import { UncompilableError } from './uncompilable-error.ts'

/** What an action is given. */
export interface ActionArgs {
  readonly context: MachineContext
  readonly event: EventObject
  readonly self: AnyActorScope['self']
  readonly system: AnyActorScope['system']
}

/** What an `assign` is given. */
export interface AssignArgs extends ActionArgs {
  readonly spawn: () => never
}

/** What the parameters of an action are made of, where they are not fixed. */
type ParamsOf = (args: { readonly context: MachineContext; readonly event: EventObject }) => unknown

/**
 * One thing that a step does.
 *
 * `call` runs a function, `assign` makes the next context, `effect` is `emit` or `log`: resolved, then executed.
 */
export interface Act {
  readonly kind: 'call' | 'assign' | 'effect'
  /** As the inspector is told. */
  readonly type: string
  readonly params: unknown
  readonly paramsOf: ParamsOf | undefined
  /** With `call`; undefined: nothing implements it, and it is only told of. */
  readonly exec: ((args: ActionArgs, params: unknown) => void) | undefined
  /** With `assign`. */
  readonly assignment: Assignment | undefined
  /** With `effect`. */
  readonly effect: Effect | undefined
}

/** What an `assign` assigns: what a function gives, or keys with their values or functions. */
interface Assignment {
  readonly make: ((args: AssignArgs, params: unknown) => object) | undefined
  readonly keys: readonly string[]
  readonly values: readonly unknown[]
  /** Whether no value is a function. */
  readonly isFixed: boolean
  readonly spawn: () => never
}

/** `emit` and `log`, as XState makes them. */
interface Effect {
  readonly type: string
  resolve(scope: AnyActorScope, snapshot: undefined, args: ActionArgs, params: unknown, self: unknown): readonly [unknown, unknown, unknown]
  execute(scope: AnyActorScope, params: unknown): void
}

/** What stands in a machine as an action, or implements one. */
export type Action = string | { readonly type: string; readonly params?: unknown } | Implementation
type Implementation = ((args: ActionArgs, params: unknown) => void) & {
  readonly type?: string
  readonly resolve?: unknown
  readonly assignment?: ((args: AssignArgs, params: unknown) => object) | Readonly<Record<string, unknown>>
}

/** What implements an action: itself, or what its name stands for. */
export function implementationOf(machine: AnyStateMachine, action: Action): Implementation | undefined {
  if (typeof action === 'function') return action
  const actions = machine.implementations.actions as unknown as Readonly<Record<string, Implementation | undefined>>
  return actions[typeof action === 'string' ? action : action.type] || undefined
}

/** Looks an action up. It is one of the subset: `refusalsOf` has looked before. */
export function planAction(machine: AnyStateMachine, action: Action): Act {
  const found = implementationOf(machine, action)
  const given = typeof action === 'object' && 'params' in action ? action.params : undefined
  const base = {
    type: typeof action === 'function' ? action.name || '(anonymous)' : typeof action === 'string' ? action : action.type,
    params: typeof given === 'function' ? undefined : given,
    paramsOf: typeof given === 'function' ? (given as ParamsOf) : undefined,
  }
  if (found === undefined || !('resolve' in found)) {
    return { ...base, kind: 'call', exec: found, assignment: undefined, effect: undefined }
  }
  if (found.type === 'xstate.assign') {
    return { ...base, kind: 'assign', exec: undefined, assignment: planAssignment(machine, found.assignment ?? {}), effect: undefined }
  }
  const effect = found as unknown as Effect
  return { ...base, kind: 'effect', type: effect.type, exec: undefined, assignment: undefined, effect }
}

function planAssignment(machine: AnyStateMachine, assignment: NonNullable<Implementation['assignment']>): Assignment {
  const spawn = (): never => refuseSpawn(machine)
  if (typeof assignment === 'function') return { make: assignment, keys: [], values: [], isFixed: false, spawn }
  const values = Object.values(assignment)
  return { make: undefined, keys: Object.keys(assignment), values, isFixed: values.every((value) => typeof value !== 'function'), spawn }
}

/** What stands for `spawn` where XState gives one: an actor of a compiled machine has no children. */
export function refuseSpawn(machine: AnyStateMachine): never {
  throw new UncompilableError(machine.id, [{ feature: 'spawn', state: machine.root.id }])
}
