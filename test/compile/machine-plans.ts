/** Any machine of the subset can be generated, and any sequence of events for it. */
import fc from 'fast-check'
import type { ActionPlan, GuardPlan, MachinePlan, PlanEvent, StatePlan, TransitionPlan } from './machine-plan.ts'

/** Types that machines name, types that only wildcards match, and what XState itself sends. */
export const EVENT_TYPES = ['a', 'b', 'x', 'x.y', 'x.z', 'x.y.z', 'q', 'xstate.error.actor.child', 'xstate.init'] as const

const DESCRIPTORS = ['a', 'a', 'b', 'b', 'x', 'x.y', '*', 'x.*', 'x.y.*'] as const

const mark = fc.nat({ max: 3 })
const params = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom('none' as const, 'fixed' as const, 'made' as const) },
  { weight: 1, arbitrary: fc.constant('throwing' as const) },
)

const action: fc.Arbitrary<ActionPlan> = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.record({
      kind: fc.constantFrom('named' as const, 'namedAssign' as const, 'emit' as const, 'namedEmit' as const, 'log' as const),
      params,
      mark,
    }),
  },
  {
    weight: 40,
    arbitrary: fc.record({ kind: fc.constantFrom('inline' as const, 'fixed' as const, 'object' as const, 'function' as const), mark }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('missing' as const), mark }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('throwing' as const, 'throwingAssign' as const), mark }) },
)

const guard: fc.Arbitrary<GuardPlan> = fc.oneof(
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('none' as const) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom('named' as const, 'not' as const, 'and' as const, 'or' as const),
      limit: fc.nat({ max: 4 }),
      params: fc.constantFrom('fixed' as const, 'made' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('inline' as const, 'alias' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stateIn' as const), of: fc.nat({ max: 7 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('throwing' as const, 'missing' as const) }) },
)

const actions = fc.array(action, { maxLength: 3 })

const transition: fc.Arbitrary<TransitionPlan> = fc.record({
  target: fc.option(fc.nat({ max: 7 }), { nil: undefined, freq: 5 }),
  style: fc.constantFrom('id', 'short'),
  reenter: fc.boolean(),
  guard,
  actions,
})

const state: fc.Arbitrary<StatePlan> = fc.record({
  parent: fc.nat({ max: 7 }),
  final: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  initial: fc.nat({ max: 7 }),
  initialActions: fc.array(action, { maxLength: 1 }),
  entry: actions,
  exit: actions,
  on: fc.uniqueArray(
    fc.tuple(
      fc.constantFrom(...DESCRIPTORS),
      fc.oneof(
        { weight: 8, arbitrary: fc.array(transition, { maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constant('forbidden' as const) },
      ),
    ),
    { maxLength: 4, selector: ([descriptor]) => descriptor },
  ),
  tags: fc.uniqueArray(fc.constantFrom('t', 'u'), { maxLength: 2 }),
  meta: fc.boolean(),
  output: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('none' as const, 'fixed' as const, 'made' as const) },
    { weight: 1, arbitrary: fc.constant('throwing' as const) },
  ),
})

/** Any machine of the subset: up to eight states, up to three deep. */
export const machinePlan: fc.Arbitrary<MachinePlan> = fc.record({
  context: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom('made' as const, 'made' as const, 'fixed' as const, 'none' as const) },
    { weight: 1, arbitrary: fc.constant('throwing' as const) },
  ),
  states: fc.array(state, { minLength: 1, maxLength: 8, size: 'max' }),
})

/** Any events for it. */
export const planEvents: fc.Arbitrary<PlanEvent[]> = fc.array(
  fc.record({
    type: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...EVENT_TYPES.slice(0, 7)) },
      { weight: 1, arbitrary: fc.constantFrom(...EVENT_TYPES.slice(7)) },
    ),
    k: fc.nat({ max: 3 }),
    error: fc.constant('a child failed'),
  }),
  { maxLength: 14, size: 'max' },
)
