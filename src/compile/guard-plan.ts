/** A guard is looked up once, and asks what XState would ask, with the same arguments. */
import type { AnyMachineSnapshot, AnyStateMachine, EventObject } from 'xstate'

/** What a guard is given. */
interface GuardArgs {
  readonly context: unknown
  readonly event: EventObject
}

/** A guard, ready to be asked. Throws what the guard throws. */
export type GuardPlan = (snapshot: AnyMachineSnapshot, event: EventObject) => boolean

/** What decides, as it stands in the machine. */
export type Predicate = (args: GuardArgs, params: unknown) => boolean
/** `and`, `or`, `not` and `stateIn` carry the function that checks them. */
type Combined = Predicate & { readonly check?: (snapshot: AnyMachineSnapshot, args: GuardArgs, guard: unknown) => boolean }
interface Named {
  readonly type: string
  readonly params?: unknown
}

/** A guard as it stands in a machine: a name, a name with parameters, or a function. */
export type Guard = string | Named | Combined

/** A guard that is nothing but a function and fixed parameters: emitted code calls it directly. */
export interface PlainGuard {
  readonly predicate: Predicate
  readonly params: unknown
}

/** The function behind a guard, where it is called with fixed parameters and nothing else; undefined: only its plan knows how to ask it. */
export function plainGuard(machine: AnyStateMachine, guard: Guard): PlainGuard | undefined {
  const named = typeof guard === 'object' && 'params' in guard ? guard : undefined
  const found =
    typeof guard === 'function'
      ? guard
      : (machine.implementations.guards as Readonly<Record<string, Guard | undefined>>)[nameOf(guard) ?? '']
  if (typeof found !== 'function' || 'check' in found || typeof named?.params === 'function') return undefined
  return { predicate: found, params: named?.params }
}

/** Looks a guard up. One that nothing implements throws when it is asked, as with the interpreter. */
export function planGuard(machine: AnyStateMachine, guard: Guard, seen: readonly unknown[] = []): GuardPlan {
  if (typeof guard === 'function') return planPredicate(guard, undefined)
  const name = nameOf(guard)
  const found = (machine.implementations.guards as Readonly<Record<string, Guard | undefined>>)[name as string]
  if (!found || seen.includes(found)) {
    return () => {
      throw new Error(`Guard '${name}' is not implemented.'.`)
    }
  }
  if (typeof found !== 'function') return planGuard(machine, found, [...seen, found])
  return planPredicate(found, typeof guard === 'object' && 'params' in guard ? guard : undefined)
}

/** What XState calls a guard when it throws: nothing, where it is a function. */
export function nameOf(guard: Guard): string | undefined {
  return typeof guard === 'string' ? guard : typeof guard === 'object' ? guard.type : undefined
}

function planPredicate(guard: Combined, named: Named | undefined): GuardPlan {
  const { check } = guard
  if ('check' in guard && check !== undefined) {
    const paramsOf = typeof named?.params === 'function' ? (named.params as (args: GuardArgs) => unknown) : undefined
    return (snapshot, event) => {
      const args = { context: snapshot.context as unknown, event }
      paramsOf?.(args)
      return check(snapshot, args, guard)
    }
  }
  const params = named?.params
  if (typeof params === 'function') {
    const paramsOf = params as (args: GuardArgs) => unknown
    return ({ context }: { context: unknown }, event) => guard({ context, event }, paramsOf({ context, event }))
  }
  return ({ context }: { context: unknown }, event) => guard({ context, event }, params)
}
