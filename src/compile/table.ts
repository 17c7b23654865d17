/** The table says what each event does in each state, worked out once, when the machine is compiled. */
import type {
  AnyActorScope,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  EventObject,
  MachineContext,
  SnapshotStatus,
  StateValue,
} from 'xstate'
import { type Act, type Action, planAction } from './action-plan.ts'
import { type Guard, type GuardPlan, nameOf, type PlainGuard, plainGuard, planGuard } from './guard-plan.ts'
import { pathTo, routeOf } from './route.ts'

/** A machine as a table. Plain data, shared by all actors that run it. */
export interface Table {
  readonly machine: AnyStateMachine
  /** By the id of the innermost active state. */
  readonly states: ReadonlyMap<string, State>
  /** Where an actor begins, and what it does there. */
  readonly initial: Step
  /** Where an actor is whose beginning failed: at the initial value, with nothing entered but the root. */
  readonly unbegun: State
  /** The same without emitted code, for contexts that the code was not emitted for; undefined: nobody has needed it. */
  slow: Table | undefined
}

/** One state that the machine can be in: a leaf, with all that is around it. */
export interface State {
  readonly table: Table
  /** The active states, outermost first. */
  readonly nodes: readonly AnyStateNode[]
  /** Frozen: every snapshot in this state has the same. */
  readonly value: StateValue
  /** By the type of the event, innermost state first, in the order in which they are asked. */
  readonly candidates: Map<string, readonly Candidate[]>
  /** For the types that no state here names, in the order in which they are asked. */
  wildcards: readonly Wildcard[]
  /** What is done when the machine ends here. */
  exits: readonly Act[]
  /** Emitted code that takes events here; undefined: the table is asked. */
  take: Take | undefined
}

/** What emitted code reads of a snapshot. */
export interface Taken {
  readonly status: SnapshotStatus
  readonly output: unknown
  readonly error: unknown
  readonly context: MachineContext
}

/** Takes an event in one state, for an actor that runs; undefined: no state here names its type, and the table is to be asked. @since 0.2.0 */
export type Take = (now: Taken, event: EventObject, scope: AnyActorScope) => Taken | undefined

/** What a step does, and where it leads. */
export interface Step {
  readonly target: State
  /** Exits, then the transition's own, then entries. */
  readonly acts: readonly Act[]
  /** Whether one of them assigns: then the snapshot is a new one, even if it says the same. */
  readonly assigns: boolean
  /** The final state that is entered, where there is one. */
  readonly final: AnyStateNode | undefined
}

/** A transition out of one state, that its guard may still forbid. */
export interface Candidate extends Step {
  readonly guard: GuardPlan | undefined
  /** The guard as a function, where it is one. */
  readonly plain: PlainGuard | undefined
  /** What the guard is called, for when it throws. */
  readonly guardName: string | undefined
  /** As inspectors are told: the machine's own definition, alone in its array. */
  readonly transitions: readonly [AnyTransitionDefinition]
  /** Whether it does anything: not a transition that only forbids. */
  readonly isEffective: boolean
}

/** The candidates under a descriptor that matches more than itself: `*`, or `link.*`. */
interface Wildcard {
  /** `link` for `link.*`; undefined for `*`. */
  readonly prefix: string | undefined
  readonly candidates: readonly Candidate[]
}

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** Makes the table. The machine is one of the subset: `refusalsOf` has looked before. */
export function tableOf(machine: AnyStateMachine): Table {
  const states = new Map<string, State>()
  const table = { machine, states, slow: undefined } as unknown as Writable<Table>
  for (const leaf of leavesOf(machine.root)) {
    const nodes = pathTo(leaf)
    const exits = nodes.toReversed().flatMap((node) => actsOf(machine, node.exit))
    states.set(leaf.id, { table, nodes, value: valueOf(nodes), candidates: new Map(), wildcards: [], exits, take: undefined })
  }
  for (const state of states.values()) fill(state)
  const start = { source: machine.root, target: [machine.root], reenter: true }
  table.initial = stepOf(table, start, [], [])
  table.unbegun = { ...table.initial.target, nodes: [machine.root] }
  return table
}

/** The state of a table in which exactly these are active. */
function stateOf(table: Table, active: readonly AnyStateNode[]): State {
  const state = table.states.get(active.at(-1)?.id ?? '')
  if (state === undefined || !state.nodes.every((node, depth) => node === active[depth])) throw new Error('no such state')
  return state
}

function fill(state: State): void {
  const { nodes, candidates } = state
  const inwards = nodes.toReversed()
  const cells = new Map<AnyTransitionDefinition, Candidate>()
  const cell = (transition: AnyTransitionDefinition): Candidate => {
    const known = cells.get(transition) ?? candidateOf(state, transition)
    cells.set(transition, known)
    return known
  }
  const under = (node: AnyStateNode, descriptor: string): readonly Candidate[] => node.transitions.get(descriptor)?.map(cell) ?? []
  for (const type of new Set(inwards.flatMap((node) => [...node.transitions.keys()]))) {
    candidates.set(
      type,
      inwards.flatMap((node) => [
        ...under(node, type),
        ...wildcardsOf(node)
          .filter((descriptor) => descriptor !== type && matches(type, prefixOf(descriptor)))
          .flatMap((descriptor) => under(node, descriptor)),
      ]),
    )
  }
  state.wildcards = inwards.flatMap((node) =>
    wildcardsOf(node).map((descriptor) => ({ prefix: prefixOf(descriptor), candidates: under(node, descriptor) })),
  )
}

function candidateOf({ table, nodes }: State, transition: AnyTransitionDefinition): Candidate {
  const guard = (transition.guard || undefined) as Guard | undefined
  return {
    ...stepOf(table, transition, nodes, transition.actions),
    guard: guard === undefined ? undefined : planGuard(table.machine, guard),
    plain: guard === undefined ? undefined : plainGuard(table.machine, guard),
    guardName: guard === undefined ? undefined : nameOf(guard),
    transitions: [transition],
    isEffective: transition.target !== undefined || transition.actions.length > 0,
  }
}

function stepOf(
  table: Table,
  arrow: Pick<AnyTransitionDefinition, 'source' | 'target' | 'reenter'>,
  active: readonly AnyStateNode[],
  actions: readonly unknown[],
): Step {
  const { machine } = table
  const route = routeOf(arrow, active)
  const entering = route.entries.flatMap((node) => [
    ...actsOf(machine, node.entry),
    ...(route.byDefault.has(node) ? actsOf(machine, node.initial.actions) : []),
  ])
  const acts = [...route.exits.flatMap((node) => actsOf(machine, node.exit)), ...actsOf(machine, actions), ...entering]
  return {
    target: stateOf(table, route.active),
    acts,
    assigns: acts.some(({ kind }) => kind === 'assign'),
    final: route.entries.find(({ type }) => type === 'final'),
  }
}

function actsOf(machine: AnyStateMachine, actions: readonly unknown[]): readonly Act[] {
  return actions.map((action) => planAction(machine, action as Action))
}

function leavesOf(node: AnyStateNode): readonly AnyStateNode[] {
  const children = Object.values(node.states) as AnyStateNode[]
  return children.length === 0 ? [node] : children.flatMap(leavesOf)
}

function valueOf([, ...nodes]: readonly AnyStateNode[]): StateValue {
  const [outer, ...inner] = nodes
  if (outer === undefined) return Object.freeze({})
  return inner.length === 0 ? outer.key : Object.freeze({ [outer.key]: valueOf(nodes) })
}

/** The descriptors of a state that match more than themselves, longest first, as XState asks them. */
function wildcardsOf(node: AnyStateNode): readonly string[] {
  const keys = [...node.transitions.keys()] as string[]
  return keys
    .filter((key) => key === '*' || (key.endsWith('.*') && !key.slice(0, -2).split('.').includes('*')))
    .toSorted((a, b) => b.length - a.length)
}

function prefixOf(descriptor: string): string | undefined {
  return descriptor === '*' ? undefined : descriptor.slice(0, -2)
}

/** Whether an event of this type falls under a wildcard: `link.*` is for `link.opened`, and for `link`. */
export function matches(type: string, prefix: string | undefined): boolean {
  return prefix === undefined || (type.startsWith(prefix) && (type.length === prefix.length || type[prefix.length] === '.'))
}
