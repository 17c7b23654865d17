/** A machine is compiled once, from the definition that also draws it, or is refused by name. */
import type { ActorLogic, AnyActorRef, AnyStateMachine, EmittedFrom, EventFromLogic, InputFrom, SnapshotFrom } from 'xstate'
import type { MachineCode } from './code.ts'
import { refusalsOf } from './refusals.ts'
import { TableLogic } from './table-logic.ts'
import { tableOf } from './table.ts'
import { UncompilableError } from './uncompilable-error.ts'

/** The logic of a compiled machine: with the machine's own types, and with what tools read of a machine. @since 0.1.0 */
export interface CompiledLogic<M extends AnyStateMachine> extends Required<
  Omit<ActorLogic<SnapshotFrom<M>, EventFromLogic<M>, InputFrom<M>, AnyActorRef['system'], EmittedFrom<M>>, 'config' | 'start'>
> {
  /** The machine that was compiled. */
  readonly machine: M
  /** The machine's, as all that follows. */
  readonly id: M['id']
  readonly version: M['version']
  readonly config: M['config']
  readonly implementations: M['implementations']
  readonly root: M['root']
  readonly states: M['states']
  readonly events: M['events']
  readonly definition: M['definition']
  toJSON(): M['definition']
}

/**
 * Compiles a machine to a table, and gives the logic of actors that run it: for every sequence of events the same states,
 * contexts, actions, emitted events, outputs, errors and inspection events as the machine itself under XState's interpreter.
 *
 * What a machine may use: nested states; transitions by name, by `*` and `a.*`, with `reenter`, without target, and those
 * that forbid; guards by name, with parameters, inline, and `and`, `or`, `not`, `stateIn`; entry, exit, transition and
 * initial actions by name, with parameters, inline, and `assign`, `emit`, `log`; final states at the top level, and
 * `output`; `context`, `input`, `tags`, `meta`.
 *
 * What is not the same: an `assign` that changes nothing keeps the context object, and one state's snapshots share its
 * `value` (frozen), its `tags` and `children`; none of them is to be written to. An inspector that begins within a step sees
 * the next one. `spawn`, in an `assign` or the first `context`, throws, and so fails the actor.
 *
 * Call it once for each machine, after `provide`, and not once for each actor.
 *
 * @param code what `emit` has written of this machine, as a module: events are then taken by straight-line code.
 * @default none: a table is asked
 *
 * @throws {UncompilableError} that names, by state, all that the machine uses beyond this: `parallel` and `history` states,
 * `always`, `after`, `invoke`, `onDone`, `route`, final states further in, and the actions `raise`, `sendTo`, `spawnChild`,
 * `stopChild`, `cancel`, `enqueueActions`.
 *
 * @since 0.1.0
 * @example
 * const actor = createActor(compile(machine)).start()
 */
export function compile<M extends AnyStateMachine>(machine: M, code?: MachineCode): CompiledLogic<M> {
  const refusals = refusalsOf(machine)
  if (refusals.length > 0) throw new UncompilableError(machine.id, refusals)
  return new TableLogic(tableOf(machine), code) as unknown as CompiledLogic<M>
}
