/** A machine that was written for XState 5 is drawn by a viewer of XState 4 with all its states, transitions, guards and actions. */

/** A definition as XState 4's `createMachine` takes it after a journey through JSON. */
export interface Definition {
  readonly id: string
  readonly context: unknown
  /** As XState 5 does it, and so that XState 4 does not warn of it. */
  readonly predictableActionArguments: true
  readonly initial?: string
  readonly type?: string
  readonly description?: string
  readonly states: Readonly<Record<string, object>>
  readonly on?: object
}

interface StateConfig {
  readonly id?: string
  readonly initial?: string | { readonly target: string }
  readonly type?: string
  readonly description?: string
  readonly entry?: unknown
  readonly exit?: unknown
  readonly on?: Readonly<Record<string, unknown>>
  readonly states?: Readonly<Record<string, StateConfig>>
}

/** The definition of an actor's machine. The `context` of XState 5 may be a function: here it is what the actor has. */
export function definitionOf(config: object, id: string, context: unknown): Definition {
  let drawn = DRAWN.get(config)
  if (drawn === undefined)
    DRAWN.set(config, (drawn = { ...stateOf(config), id, context: undefined, predictableActionArguments: true, states: statesOf(config) }))
  return { ...drawn, context }
}

/** Thousands of actors run one machine. */
const DRAWN = new WeakMap<object, Definition>()

function statesOf({ states = {} }: StateConfig): Record<string, object> {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, stateOf(state)]))
}

function stateOf(config: StateConfig): object {
  const { id, initial, type, description, entry, exit, on, states } = config
  return plain({
    id,
    initial: typeof initial === 'object' ? initial.target : initial,
    type,
    description,
    entry: entry && actionsOf(entry),
    exit: exit && actionsOf(exit),
    on: on && Object.fromEntries(Object.entries(on).map(([event, transition]) => [event, list(transition).map(transitionOf)])),
    states: states && statesOf({ states }),
  })
}

function transitionOf(transition: unknown): object {
  if (typeof transition === 'string') return { target: transition }
  const { target, guard, actions, reenter, description } = transition as Record<string, unknown>
  return plain({
    target,
    cond: guard && nameOf(guard),
    actions: actions && actionsOf(actions),
    // Without a target neither leaves its state; with one, XState 4 does unless it is told not to.
    internal: target === undefined ? undefined : reenter === true ? false : undefined,
    description,
  })
}

/** XState 4 wants the parameters of an action beside its type. */
function actionsOf(actions: unknown): object[] {
  return list(actions).map((action) => {
    const { params } = Object(action) as { readonly params?: unknown }
    return { type: nameOf(action), ...(typeof params === 'object' && params) }
  })
}

function nameOf(named: unknown): string {
  if (typeof named === 'string') return named
  const { type, name } = named as { readonly type?: string; readonly name?: string }
  return type ?? (name === undefined || name === '' ? '(inline)' : name)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value]
}

/** Without what is undefined. */
function plain(fields: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
