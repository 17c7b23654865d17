/** A plan is data from which one machine within the compiled subset is built, so that it prints and shrinks. */
import { and, type AnyStateMachine, assign, createMachine, emit, log, not, or, stateIn } from 'xstate'

/** An event of the generated alphabet. */
export interface PlanEvent {
  readonly type: string
  readonly k: number
}

/** What the context of every planned machine holds. */
interface PlanContext {
  readonly count: number
  readonly last: string
}

/** An action of a plan. */
export type ActionPlan =
  | {
      readonly kind: 'named' | 'namedAssign' | 'emit' | 'namedEmit' | 'log'
      readonly params: 'none' | 'fixed' | 'made' | 'throwing'
      readonly mark: number
    }
  | { readonly kind: 'inline' | 'fixed' | 'object' | 'function' | 'missing' | 'throwing' | 'throwingAssign'; readonly mark: number }

/** A guard of a plan. */
export type GuardPlan =
  | { readonly kind: 'none' | 'inline' | 'throwing' | 'missing' | 'alias' }
  | { readonly kind: 'named' | 'not' | 'and' | 'or'; readonly limit: number; readonly params: 'fixed' | 'made' }
  | { readonly kind: 'stateIn'; readonly of: number }

/** A transition of a plan. `target` counts the states; undefined: it has none. */
export interface TransitionPlan {
  readonly target: number | undefined
  readonly style: 'id' | 'short'
  readonly reenter: boolean
  readonly guard: GuardPlan
  readonly actions: readonly ActionPlan[]
}

/** A state of a plan. The first of a machine is its root; `parent` counts those before it. */
export interface StatePlan {
  readonly parent: number
  readonly final: boolean
  readonly initial: number
  readonly initialActions: readonly ActionPlan[]
  readonly entry: readonly ActionPlan[]
  readonly exit: readonly ActionPlan[]
  readonly on: readonly (readonly [descriptor: string, transitions: readonly TransitionPlan[] | 'forbidden'])[]
  readonly tags: readonly string[]
  readonly meta: boolean
  readonly output: 'none' | 'fixed' | 'made' | 'throwing'
}

/** A machine of a plan. */
export interface MachinePlan {
  readonly context: 'made' | 'fixed' | 'none' | 'throwing'
  readonly states: readonly StatePlan[]
}

/** What the actions of all planned machines have noted since it was emptied. */
export const journal: unknown[] = []

type Args = { readonly context: PlanContext; readonly event: PlanEvent; readonly self?: { readonly id: string } }
type Params = { readonly p?: unknown } | undefined

/** Builds the machine of a plan. */
export function machineOf(plan: MachinePlan): AnyStateMachine {
  const tree = treeOf(plan)
  const context = {
    made: ({ input }: { input?: { start?: number } }) => ({ count: input?.start ?? 0, last: 'made' }),
    fixed: { count: 1, last: 'fixed' },
    none: undefined,
    throwing: () => {
      throw new Error('no context')
    },
  }[plan.context]
  const config = { ...stateConfig(plan, tree, 0), id: 'm', ...(context === undefined ? {} : { context }) }
  // Plans are not typed: what they may say is what the interpreter takes.
  return createMachine(config as never, { actions: ACTIONS, guards: GUARDS } as never) as AnyStateMachine
}

/** The depth below which a plan has no states. */
const DEEPEST = 3

interface Tree {
  readonly parents: readonly number[]
  readonly depths: readonly number[]
}

function treeOf({ states }: MachinePlan): Tree {
  const parents: number[] = []
  const depths: number[] = []
  for (const [index, { parent }] of states.entries()) {
    if (index === 0) {
      parents.push(-1)
      depths.push(0)
      continue
    }
    let chosen = parent % index
    while (depths[chosen]! >= DEEPEST || (states[chosen]!.final && chosen !== 0 && depths[chosen] === 1)) chosen = parents[chosen]!
    parents.push(chosen)
    depths.push(depths[chosen]! + 1)
  }
  return { parents, depths }
}

function stateConfig(plan: MachinePlan, tree: Tree, index: number): Record<string, unknown> {
  const state = plan.states[index]!
  const children = tree.parents.flatMap((parent, child) => (parent === index ? [child] : []))
  const first = children.length === 0 ? undefined : children[state.initial % children.length]
  const isFinal = state.final && tree.depths[index] === 1
  return {
    ...(isFinal ? { type: 'final' } : {}),
    ...(state.output === 'none' || (index !== 0 && !isFinal) ? {} : { output: outputOf(state.output, index) }),
    ...(first === undefined
      ? {}
      : {
          initial: state.initialActions.length === 0 ? keyOf(first) : { target: keyOf(first), actions: state.initialActions.map(actionOf) },
          states: Object.fromEntries(children.map((child) => [keyOf(child), stateConfig(plan, tree, child)])),
        }),
    entry: state.entry.map(actionOf),
    exit: state.exit.map(actionOf),
    tags: state.tags,
    ...(state.meta ? { meta: { of: index } } : {}),
    on: Object.fromEntries(
      state.on.map(([descriptor, transitions]) => [
        descriptor,
        transitions === 'forbidden' ? undefined : transitions.map((one) => transitionOf(plan, tree, index, one)),
      ]),
    ),
  }
}

function transitionOf(plan: MachinePlan, tree: Tree, source: number, one: TransitionPlan): Record<string, unknown> {
  return {
    ...(one.target === undefined ? {} : { target: targetOf(tree, source, one.target % plan.states.length, one.style) }),
    ...(one.reenter ? { reenter: true } : {}),
    ...(one.guard.kind === 'none' ? {} : { guard: guardOf(plan, tree, one.guard) }),
    actions: one.actions.map(actionOf),
  }
}

/** The target as a sibling's key or as `.child`, where it is one; else by its path from the root, by id. */
function targetOf({ parents }: Tree, source: number, target: number, style: 'id' | 'short'): string {
  if (style === 'short' && parents[target] === source) return `.${keyOf(target)}`
  if (style === 'short' && source !== 0 && target !== 0 && parents[target] === parents[source]) return keyOf(target)
  return idOf({ parents }, target)
}

function idOf({ parents }: Pick<Tree, 'parents'>, index: number): string {
  return index === 0 ? '#m' : `${idOf({ parents }, parents[index]!)}.${keyOf(index)}`
}

function keyOf(index: number): string {
  return `s${index}`
}

function note(what: string, { context, event, self }: Args, params?: unknown): void {
  journal.push([what, params, JSON.stringify(context), event.type, self?.id === 'one'])
}

const made = ({ context, event }: Args): Params => ({ p: `${context.count}:${event.k}` })
const throwingParams = (): never => {
  throw new Error('no params')
}

const ACTIONS = {
  act: (args: Args, params: Params) => note('act', args, params),
  count: assign({ count: ({ context }: Args, params: Params) => context.count + 1 + Number(params?.p === 7), last: 'counted' }),
  tellOut: emit((({ context }: Args, params: Params) => ({ type: 'told', count: context.count, params })) as never),
  fail: (args: Args) => {
    note('fail', args)
    throw new Error('an action failed')
  },
}

function actionOf(plan: ActionPlan): unknown {
  const named = (type: string, how: string): unknown =>
    how === 'none' ? type : { type, params: how === 'fixed' ? { p: 7 } : how === 'made' ? made : throwingParams }
  switch (plan.kind) {
    case 'named':
      return named('act', plan.params)
    case 'namedAssign':
      return named('count', plan.params)
    case 'namedEmit':
      return named('tellOut', plan.params)
    case 'emit':
      return emit({ type: 'mark', mark: plan.mark })
    case 'log':
      return log((({ context }: Args) => [plan.mark, context.count]) as never, plan.params === 'none' ? undefined : 'label')
    case 'inline':
      return plan.mark % 2 === 0
        ? (args: Args, params: Params) => note(`inline ${plan.mark}`, args, params)
        : { inlined: (args: Args) => note('inlined', args) }.inlined
    case 'fixed':
      return assign({ last: `fixed ${plan.mark}` })
    case 'object':
      return assign({
        last: ({ context, event }: Args) => `${context.count}${event.k}`,
        count: ({ context }: Args) => context.count + plan.mark,
      })
    case 'function':
      return assign(({ context, event }: Args) => ({ count: context.count * 2 + event.k, [`at${plan.mark}`]: plan.mark }))
    case 'missing':
      return { type: 'nobody', params: { p: plan.mark } }
    case 'throwing':
      return 'fail'
    case 'throwingAssign':
      return assign({
        count: () => {
          throw new Error('an assign failed')
        },
      })
  }
}

type GuardArgs = { readonly context: PlanContext; readonly event: PlanEvent }

const GUARDS = {
  under: ({ context, event }: GuardArgs, params: { limit: number }) => ((context.count ?? 0) + (event.k ?? 0)) % 4 < params.limit,
  odd: ({ event }: GuardArgs) => event.k % 2 === 1,
  // XState follows a name that stands for another.
  alias: 'odd',
  break: () => {
    throw new Error('a guard failed')
  },
}

function guardOf(plan: MachinePlan, tree: Tree, guard: GuardPlan): unknown {
  const under = (limit: number, params: 'fixed' | 'made') => ({
    type: 'under',
    params: params === 'fixed' ? { limit } : ({ event }: GuardArgs) => ({ limit: limit - (event.k % 2) }),
  })
  switch (guard.kind) {
    case 'none':
      return undefined
    case 'inline':
      return ({ event }: GuardArgs) => event.k % 2 === 0
    case 'throwing':
      return 'break'
    case 'missing':
      return 'nowhere'
    case 'alias':
      return 'alias'
    case 'named':
      return under(guard.limit, guard.params)
    case 'not':
      return not(under(guard.limit, guard.params) as never)
    case 'and':
      return and([under(guard.limit, guard.params) as never, 'odd' as never])
    case 'or':
      return or([under(guard.limit, guard.params) as never, 'odd' as never])
    case 'stateIn':
      return stateIn(idOf(tree, guard.of % plan.states.length) as never)
  }
}

function outputOf(kind: 'fixed' | 'made' | 'throwing', index: number): unknown {
  if (kind === 'fixed') return { fixed: index }
  return (args: Args & { event: { output?: unknown } }) => {
    note(`output ${index}`, args)
    if (kind === 'throwing') throw new Error('no output')
    return { made: index, count: args.context.count, done: args.event.output }
  }
}
