/** An actor that runs a table goes through what its machine would, step by step. */
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine, EventObject, MachineContext, Snapshot } from 'xstate'
import { refuseSpawn } from './action-plan.ts'
import { choose, guardFailed, passes } from './choose.ts'
import { bindCode, type CodeKit, hasKeys, lookUps, type MachineCode } from './code.ts'
import { CompiledSnapshot } from './snapshot.ts'
import { outputOf, perform } from './step.ts'
import { type Candidate, type Step, type Table, tableOf } from './table.ts'
import { UncompilableError } from './uncompilable-error.ts'
import { CHILD_ERROR, executesAtOnce, INIT, inspectAction, inspectMicrostep, isOfItsActor, STOP } from './xstate-internals.ts'

/** The logic of a table's actors. What it says of the machine is read by inspectors and by Studio. */
export class TableLogic {
  readonly machine: AnyStateMachine
  readonly id: string
  readonly version: string | undefined
  readonly config: AnyStateMachine['config']
  readonly implementations: AnyStateMachine['implementations']
  readonly root: AnyStateMachine['root']
  readonly states: AnyStateMachine['states']
  readonly events: AnyStateMachine['events']
  readonly #table: Table

  readonly #keys: readonly string[] | undefined

  /** @param code takes events in the place of the table, for actors that run */
  constructor(table: Table, code?: MachineCode) {
    const { machine } = table
    this.#table = table
    this.#keys = code?.keys
    if (code !== undefined) bindCode(table, code, kitOf(table))
    this.machine = machine
    this.id = machine.id
    this.version = machine.version
    this.config = machine.config
    this.implementations = machine.implementations
    this.root = machine.root
    this.states = machine.states
    this.events = machine.events
    // A logic is taken apart by who wraps it; XState's machines bear it, and so do these.
    this.transition = this.transition.bind(this)
    this.getInitialSnapshot = this.getInitialSnapshot.bind(this)
    this.getPersistedSnapshot = this.getPersistedSnapshot.bind(this)
    this.restoreSnapshot = this.restoreSnapshot.bind(this)
  }

  get definition(): AnyStateMachine['definition'] {
    return this.machine.definition
  }

  toJSON(): AnyStateMachine['definition'] {
    return this.machine.definition
  }

  /** Takes one event. An event that nothing handles gives the same snapshot back, as with XState. */
  transition(given: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
    const snapshot = CompiledSnapshot.isOf(given, this.#table) ? given : this.#adopt(given)
    try {
      return this.#take(snapshot, event, scope)
    } catch (error) {
      if (isOfItsActor(scope)) snapshot.expose()
      throw error
    }
  }

  /** Where an actor begins. Where that fails, the snapshot says so. */
  getInitialSnapshot(scope: AnyActorScope, input: unknown): CompiledSnapshot {
    const given = this.config.context as MachineContext | ((args: object) => MachineContext) | undefined
    let context = typeof given !== 'function' && given ? given : {}
    try {
      if (typeof given === 'function') {
        context = { ...given({ spawn: () => refuseSpawn(this.machine), input, self: scope.self }) }
      }
      const { initial } = this.#tableFor(context)
      if (initial.acts.length === 0 && initial.final === undefined) {
        return new CompiledSnapshot(initial.target, 'active', context, undefined, undefined)
      }
      return begin(initial, context, { type: INIT, input } as EventObject, scope)
    } catch (error) {
      return new CompiledSnapshot(this.#tableFor(context).unbegun, 'error', context, undefined, error)
    }
  }

  getPersistedSnapshot(snapshot: AnyMachineSnapshot, options?: unknown): Snapshot<unknown> {
    return this.machine.getPersistedSnapshot(snapshot, options)
  }

  /** @throws {UncompilableError} when what was persisted has children: then another machine has persisted it. */
  restoreSnapshot(persisted: Snapshot<unknown>, scope: AnyActorScope): CompiledSnapshot {
    const { children } = persisted as AnyMachineSnapshot
    if (Object.keys(children as object).length > 0) {
      throw new UncompilableError(this.id, [{ feature: 'children in a persisted snapshot', state: this.root.id }])
    }
    return this.#adopt(this.machine.restoreSnapshot(persisted, scope) as AnyMachineSnapshot)
  }

  #take(snapshot: CompiledSnapshot, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
    const { type } = event
    if (type === STOP) return told(snapshot.withStatus('stopped', snapshot.error), event, scope)
    if (type === INIT) return snapshot
    const { take } = snapshot.state
    if (take !== undefined && snapshot.status === 'active' && executesAtOnce(scope)) {
      const taken = take(snapshot, event, scope)
      if (taken !== undefined) return taken as CompiledSnapshot
    }
    const candidate = choose(snapshot.state, snapshot as unknown as AnyMachineSnapshot, event)
    if (candidate !== undefined) {
      const next = stepped(snapshot, candidate, event, scope)
      inspectMicrostep(scope, event, next, candidate.transitions)
      return next
    }
    return nothingTaken(snapshot, event, scope)
  }

  /** The table for actors whose contexts have these keys. */
  #tableFor(context: MachineContext): Table {
    if (hasKeys(context, this.#keys)) return this.#table
    return (this.#table.slow ??= tableOf(this.machine))
  }

  /** A snapshot that another logic has made, as one of this table's. */
  #adopt({ value, status, context, output, error }: AnyMachineSnapshot): CompiledSnapshot {
    const { _nodes: nodes } = this.machine.resolveState({ value, context })
    const { states, unbegun } = this.#tableFor(context as MachineContext)
    const state = states.get(nodes.at(-1)?.id ?? '') ?? unbegun
    return new CompiledSnapshot(state, status, context as MachineContext, output, error)
  }
}

/** No transition takes an event. */
function nothingTaken(snapshot: CompiledSnapshot, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
  if (!event.type.startsWith(CHILD_ERROR)) return told(snapshot, event, scope)
  return told(snapshot.withStatus('error', (event as EventObject & { error: unknown }).error), event, scope)
}

/** What emitted code calls. It is only ever given snapshots of its own table, and steps that are there. */
function kitOf(table: Table): CodeKit {
  return {
    ...lookUps(table),
    inspects: inspectAction,
    goOn: (step, now, context, event, scope, from) => {
      const { acts, target, assigns } = step as Candidate
      const after = perform(acts, context, event, scope, from, true)
      const isWithin = target === (now as CompiledSnapshot).state && !assigns
      const next = isWithin ? (now as CompiledSnapshot) : new CompiledSnapshot(target, now.status, after, now.output, now.error)
      inspectMicrostep(scope, event, next, (step as Candidate).transitions)
      return next
    },
    take: (step, now, event, scope) => {
      const next = stepped(now as CompiledSnapshot, step as Candidate, event, scope)
      inspectMicrostep(scope, event, next, (step as Candidate).transitions)
      return next
    },
    asks: (candidate, now, event) => passes(candidate as Candidate, now as unknown as AnyMachineSnapshot, event),
    nothing: (now, event, scope) => nothingTaken(now as CompiledSnapshot, event, scope),
    guardFailed: (candidate, event, error) => guardFailed(candidate as Candidate, event, error),
    landed: (step, now, context) => new CompiledSnapshot((step as Candidate).target, now.status, context, now.output, now.error),
  }
}

/** Nothing is taken, and that is told. */
function told(snapshot: CompiledSnapshot, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
  inspectMicrostep(scope, event, snapshot, [])
  return snapshot
}

function stepped(snapshot: CompiledSnapshot, step: Step, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
  const { acts, target, final } = step
  const { state, status } = snapshot
  let context = acts.length === 0 ? snapshot.context : perform(acts, snapshot.context, event, scope)
  if (final === undefined && status !== 'done') {
    if (target === state && !step.assigns) return snapshot
    return new CompiledSnapshot(target, status, context, snapshot.output, snapshot.error)
  }
  const output = final === undefined ? snapshot.output : outputOf(final, context, event, scope.self)
  context = perform(target.exits, context, event, scope)
  if (final === undefined && target === state && !step.assigns && !target.exits.some(({ kind }) => kind === 'assign')) return snapshot
  return new CompiledSnapshot(target, 'done', context, output, snapshot.error)
}

/** The first step. Its actions wait for the actor to start; one that fails then finds a snapshot that bears it. */
function begin(initial: Step, context: MachineContext, event: EventObject, scope: AnyActorScope): CompiledSnapshot {
  let begun: CompiledSnapshot | undefined
  const waiting: AnyActorScope = {
    ...scope,
    actionExecutor: (action) => {
      const { exec } = action
      const guarded: typeof exec = (args, params) => {
        try {
          exec?.(args, params)
        } catch (error) {
          begun?.expose()
          throw error
        }
      }
      scope.actionExecutor(exec === undefined ? action : { ...action, exec: guarded })
    },
  }
  const { target } = initial
  const nothing = new CompiledSnapshot(target, 'active', context, undefined, undefined)
  begun = stepped(nothing, initial, event, isOfItsActor(scope) ? waiting : scope)
  return begun
}
