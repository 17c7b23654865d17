/** For each feature of the compiler there is a compiler that gets it wrong. */
import type { AnyActorLogic, AnyActorScope, AnyMachineSnapshot, EventObject } from 'xstate'
import type { Act } from '../../src/compile/action-plan.ts'
import { routeOf } from '../../src/compile/route.ts'
import type { TableLogic } from '../../src/compile/table-logic.ts'
import { type Candidate, type State, type Table, tableOf } from '../../src/compile/table.ts'
import { machineOf, type MachinePlan, type StatePlan } from './machine-plan.ts'

/** Makes a logic of a table: one that asks the table, or one that runs code emitted from it. */
export type BackEnd = (table: Table) => TableLogic

/** Compiles the machine of a plan, wrongly. */
export type FaultyCompiler = (plan: MachinePlan, logicOf: BackEnd) => AnyActorLogic

/** The faults, each by what it gets wrong. */
export const FAULTS: Readonly<Record<string, FaultyCompiler>> = {
  'exits are left outermost first': inCandidates((one, state) =>
    reordered(one, state, (exits, own, entries) => [...exits.toReversed(), ...own, ...entries]),
  ),
  'exits are left out': inCandidates((one, state) => reordered(one, state, (_, own, entries) => [...own, ...entries])),
  'entries are entered innermost first': inCandidates((one, state) =>
    reordered(one, state, (exits, own, entries) => [...exits, ...own, ...entries.toReversed()]),
  ),
  'entries are left out': inCandidates((one, state) => reordered(one, state, (exits, own) => [...exits, ...own])),
  'a transition acts before what it leaves': inCandidates((one, state) =>
    reordered(one, state, (exits, own, entries) => [...own, ...exits, ...entries]),
  ),
  'a transition acts after what it enters': inCandidates((one, state) =>
    reordered(one, state, (exits, own, entries) => [...exits, ...entries, ...own]),
  ),
  'reenter is ignored': inCandidates((one, state) => (one.transitions[0].reenter ? rerouted(one, state, false) : one)),
  'every transition re-enters': inCandidates((one, state) => rerouted(one, state, true)),
  'a target is not reached': inCandidates((one, state) => ({ ...one, target: state })),
  'guards are not asked': inCandidates((one) => ({ ...one, guard: undefined })),
  'a guard is read the wrong way round': inCandidates((one) => ({
    ...one,
    guard: one.guard && ((snapshot, event) => !one.guard!(snapshot, event)),
  })),
  'a guard that throws is not named': inCandidates((one) => ({ ...one, guardName: undefined })),
  'nothing falls through to the parent': inLists((list, { nodes }) =>
    list.filter(({ transitions }) => transitions[0].source === nodes.at(-1)),
  ),
  'the parent is asked first': inLists((list) => list.toSorted((a, b) => a.transitions[0].source.order - b.transitions[0].source.order)),
  'a wildcard is asked before the name': inLists((list) => list.toSorted((a, b) => rank(a) - rank(b))),
  'a forbidden transition forbids nothing': inLists((list) => list.filter(({ isEffective }) => isEffective)),
  'only the first candidate is asked': inLists((list) => list.slice(0, 1)),
  'unnamed events match no wildcard': inStates((state) => Object.assign(state, { wildcards: [] })),
  'the shortest wildcard is asked first': inStates((state) => Object.assign(state, { wildcards: state.wildcards.toReversed() })),
  'a.* matches everything': inStates((state) =>
    Object.assign(state, { wildcards: state.wildcards.map((one) => ({ ...one, prefix: undefined })) }),
  ),
  'parameters are not resolved': inActs((act) => ({ ...act, paramsOf: undefined })),
  'fixed parameters are lost': inActs((act) => ({ ...act, params: undefined })),
  'nothing is assigned': inActLists((acts) => acts.filter(({ kind }) => kind !== 'assign')),
  'assignments come first': inActLists((acts) => acts.toSorted((a, b) => Number(b.kind === 'assign') - Number(a.kind === 'assign'))),
  'an assign replaces the context': inActs((act) => ({
    ...act,
    assignment: act.assignment && { ...act.assignment, keys: act.assignment.keys.slice(0, 1) },
  })),
  'emits and logs are left out': inActLists((acts) => acts.filter(({ kind }) => kind !== 'effect')),
  'an action that nobody implements is not told of': inActLists((acts) =>
    acts.filter(({ kind, exec }) => kind !== 'call' || exec !== undefined),
  ),
  'actions are told by another name': inActs((act) => ({ ...act, type: 'action' })),
  'the first entries are left out': inTable((table) => Object.assign(table, { initial: { ...table.initial, acts: [] } })),
  'an actor begins elsewhere': inTable((table) =>
    Object.assign(table, { initial: { ...table.initial, target: [...table.states.values()].at(-1)! } }),
  ),
  'a beginning that fails is that of the initial state': inTable((table) => Object.assign(table, { unbegun: table.initial.target })),
  'a final state ends nothing': inTable((table) => {
    Object.assign(table, { initial: { ...table.initial, final: undefined } })
    eachCandidate(table, (one) => ({ ...one, final: undefined }))
  }),
  'the end leaves nothing': inStates((state) => Object.assign(state, { exits: [] })),
  'the end leaves outermost first': inStates((state) => Object.assign(state, { exits: state.exits.toReversed() })),
  'initial actions are left out': inPlan((state) => ({ ...state, initialActions: [] })),
  'tags are left out': inPlan((state) => ({ ...state, tags: [] })),
  'meta is left out': inPlan((state) => ({ ...state, meta: false })),
  'output is left out': inPlan((state) => ({ ...state, output: 'none' })),
  'an unhandled event gives another snapshot': inLogic((logic, snapshot, event, scope) => {
    const next = logic.transition(snapshot, event, scope)
    return next === (snapshot as unknown) ? next.withStatus(next.status, next.error) : next
  }),
  'a child that threw is nobody’s concern': inLogic((logic, snapshot, event, scope) =>
    event.type.startsWith('xstate.error') ? (snapshot as never) : logic.transition(snapshot, event, scope),
  ),
  'a stop is not seen': inLogic((logic, snapshot, event, scope) =>
    event.type === 'xstate.stop' ? (snapshot as never) : logic.transition(snapshot, event, scope),
  ),
  'microsteps are not told': inLogic((logic, snapshot, event, scope) =>
    deaf('@xstate.microstep', scope, () => logic.transition(snapshot, event, scope)),
  ),
  'actions are not told': inLogic((logic, snapshot, event, scope) =>
    deaf('@xstate.action', scope, () => logic.transition(snapshot, event, scope)),
  ),
  'a snapshot that failed is bare': inLogic((logic, snapshot, event, scope) =>
    logic.transition(snapshot, event, { ...scope, actionExecutor: (action) => scope.actionExecutor(action) }),
  ),
}

/** The same ways in, with nothing done there: what finds these out finds out nothing. */
export const NO_FAULTS: Readonly<Record<string, FaultyCompiler>> = {
  tables: inTable(() => {}),
  candidates: inCandidates((one, state) => reordered(one, state, (exits, own, entries) => [...exits, ...own, ...entries])),
  lists: inLists((list) => [...list]),
  acts: inActs((act) => ({ ...act })),
  plans: inPlan((state) => ({ ...state })),
  logics: inLogic((logic, snapshot, event, scope) => deaf('nothing', scope, () => logic.transition(snapshot, event, scope))),
}

function inTable(fault: (table: Table) => void): FaultyCompiler {
  return (plan, logicOf) => {
    const table = tableOf(machineOf(plan))
    fault(table)
    return logicOf(table)
  }
}

function inStates(fault: (state: State) => void): FaultyCompiler {
  return inTable((table) => {
    for (const state of table.states.values()) fault(state)
  })
}

function inLists(fault: (list: readonly Candidate[], state: State) => readonly Candidate[]): FaultyCompiler {
  return inStates((state) => {
    for (const [type, list] of state.candidates) state.candidates.set(type, fault(list, state))
  })
}

function inCandidates(fault: (one: Candidate, state: State) => Candidate): FaultyCompiler {
  return inTable((table) => eachCandidate(table, fault))
}

function eachCandidate(table: Table, fault: (one: Candidate, state: State) => Candidate): void {
  for (const state of table.states.values()) {
    for (const [type, list] of state.candidates) {
      state.candidates.set(
        type,
        list.map((one) => fault(one, state)),
      )
    }
    state.wildcards = state.wildcards.map((wildcard) => ({ ...wildcard, candidates: wildcard.candidates.map((one) => fault(one, state)) }))
  }
}

function inActLists(fault: (acts: readonly Act[]) => readonly Act[]): FaultyCompiler {
  return inCandidates((one) => ({ ...one, acts: fault(one.acts) }))
}

function inActs(fault: (act: Act) => Act): FaultyCompiler {
  return inActLists((acts) => acts.map(fault))
}

function inPlan(fault: (state: StatePlan) => StatePlan): FaultyCompiler {
  return (plan, logicOf) => logicOf(tableOf(machineOf({ ...plan, states: plan.states.map(fault) })))
}

function inLogic(
  fault: (logic: TableLogic, snapshot: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope) => unknown,
): FaultyCompiler {
  return (plan, logicOf) => {
    const logic = logicOf(tableOf(machineOf(plan)))
    const { getInitialSnapshot, getPersistedSnapshot, restoreSnapshot } = logic
    return {
      getInitialSnapshot,
      getPersistedSnapshot,
      restoreSnapshot,
      transition: (snapshot: AnyMachineSnapshot, event: EventObject, scope: AnyActorScope) => fault(logic, snapshot, event, scope),
    }
  }
}

/** Runs a step of an actor while those who inspect its system miss one type of event. */
function deaf<T>(type: string, scope: AnyActorScope, run: () => T): T {
  const system = scope.system as unknown as { _sendInspectionEvent: (event: { type: string }) => void }
  const { _sendInspectionEvent: send } = system
  Object.assign(system, {
    _sendInspectionEvent: (event: { type: string }) => {
      if (event.type !== type) send(event)
    },
  })
  try {
    return run()
  } finally {
    Object.assign(system, { _sendInspectionEvent: send })
  }
}

/** A candidate with the parts of its step in another order. */
function reordered(
  one: Candidate,
  state: State,
  order: (exits: readonly Act[], own: readonly Act[], entries: readonly Act[]) => readonly Act[],
): Candidate {
  const [transition] = one.transitions
  const exits = routeOf(transition, state.nodes).exits.flatMap(({ exit }) => exit).length
  const own = exits + transition.actions.length
  return { ...one, acts: order(one.acts.slice(0, exits), one.acts.slice(exits, own), one.acts.slice(own)) }
}

/** A candidate as if it were one that re-enters, or none: what it leaves and enters beyond that is left out or doubled. */
function rerouted(one: Candidate, state: State, reenter: boolean): Candidate {
  const [transition] = one.transitions
  const { exits, entries } = routeOf({ ...transition, reenter }, state.nodes)
  const nodes = routeOf(transition, state.nodes)
  return exits.length === nodes.exits.length && entries.length === nodes.entries.length
    ? one
    : reordered(one, state, (left, own, entered) =>
        reenter
          ? [...left, ...left, ...own, ...entered, ...entered]
          : exits.length === 0
            ? own
            : [...left.slice(0, -1), ...own, ...entered.slice(1)],
      )
}

function rank({ transitions }: Candidate): number {
  return transitions[0].eventType.includes('*') ? 0 : 1
}
