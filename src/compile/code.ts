/** Emitted code of a machine: what it is made of when it is bound to the machine whose transitions it takes. */
import type { AnyActorScope, EventObject, MachineContext } from 'xstate'
import type { Act, ActionArgs, AssignArgs } from './action-plan.ts'
import type { Predicate } from './guard-plan.ts'
import { digestOf } from './digest.ts'
import type { Candidate, State, Step, Table, Take, Taken } from './table.ts'
import { UncompilableError } from './uncompilable-error.ts'

/** The code of a machine, as `emit` writes it: a module's export. @since 0.2.0 */
export interface MachineCode {
  /** Of the definition that it was emitted from. */
  readonly digest: string
  /** The keys of every context, in their order; undefined: contexts have any keys. */
  readonly keys: readonly string[] | undefined
  /** Binds it to the guards and actions of one machine; gives, by the id of the state, what takes events there. */
  bind(kit: CodeKit): Readonly<Record<string, Take>>
}

/** What emitted code calls beside the machine's own guards and actions. @since 0.2.0 */
export interface CodeKit {
  /** The transitions that an event may take in a state, in the order in which they are asked. */
  candidates(state: string, type: string): readonly Candidate[]
  /** The function behind a guard, and its parameters. */
  predicate(candidate: Candidate | undefined): { readonly asks: Predicate; readonly given: unknown }
  /** What one action of a transition calls, and its parameters. */
  call(candidate: Candidate | undefined, index: number): Called
  /** What one `assign` of a transition assigns. */
  assign(
    candidate: Candidate | undefined,
    index: number,
  ): { readonly values: readonly unknown[]; readonly params: unknown; readonly spawn: () => never }
  /** Tells those who inspect of an action; false: nobody does, and the rest of the step is told to nobody. */
  readonly inspects: (scope: AnyActorScope, type: string, params: unknown) => boolean
  /** Takes the rest of a step by the table, from this action on, of which was told already. */
  readonly goOn: (
    step: Step | undefined,
    now: Taken,
    context: MachineContext,
    event: EventObject,
    scope: AnyActorScope,
    from: number,
  ) => Taken
  /** Takes a whole step by the table. */
  readonly take: (step: Step | undefined, now: Taken, event: EventObject, scope: AnyActorScope) => Taken
  /** Asks a guard by its plan. */
  readonly asks: (candidate: Candidate | undefined, now: Taken, event: EventObject) => boolean
  /** No guard has let the event pass. */
  readonly nothing: (now: Taken, event: EventObject, scope: AnyActorScope) => Taken
  /** The error of a guard that threw. */
  readonly guardFailed: (candidate: Candidate | undefined, event: EventObject, error: unknown) => Error
  /** The snapshot after a step. */
  readonly landed: (step: Step | undefined, now: Taken, context: MachineContext) => Taken
}

/** A function that an action calls. */
interface Called {
  readonly exec: (args: ActionArgs, params: unknown) => void
  readonly params: unknown
  readonly paramsOf: NonNullable<Act['paramsOf']>
}

/** What makes a value of an `assign`. @since 0.2.0 */
export type Made = (args: AssignArgs, params: unknown) => unknown

const NOTHING = (): void => {}

/** What of a kit only the table decides. */
export function lookUps(table: Table): Pick<CodeKit, 'candidates' | 'predicate' | 'call' | 'assign'> {
  return {
    candidates: (state, type) => table.states.get(state)?.candidates.get(type) ?? [],
    predicate: (candidate) => ({ asks: candidate!.plain!.predicate, given: candidate!.plain!.params }),
    call: (candidate, index) => {
      const { exec = NOTHING, params, paramsOf } = candidate!.acts[index]!
      return { exec, params, paramsOf: paramsOf ?? NOTHING }
    },
    assign: (candidate, index) => {
      const { assignment, params } = candidate!.acts[index]!
      return { values: assignment!.values, spawn: assignment!.spawn, params }
    },
  }
}

/** Has code take the events of a table. @throws {UncompilableError} when it was emitted from another definition */
export function bindCode(table: Table, code: MachineCode, kit: CodeKit): void {
  if (code.digest !== digestOf(table)) {
    throw new UncompilableError(table.machine.id, [
      { feature: 'code that was emitted from another definition (emit it anew)', state: table.machine.root.id },
    ])
  }
  for (const [id, take] of Object.entries(code.bind(kit))) (table.states.get(id) as State).take = take
}

/** Whether a context has exactly these keys, in this order. */
export function hasKeys(context: MachineContext, keys: readonly string[] | undefined): boolean {
  if (keys === undefined) return true
  const own = Object.keys(context)
  return own.length === keys.length && own.every((key, index) => key === keys[index])
}
