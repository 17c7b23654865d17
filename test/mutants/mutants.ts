/**
 * A mutant is a machine that differs from the drawn one in one guard or one action, and in nothing else.
 *
 * Nothing of this is in `machines/`: the drawn machine's configuration is copied, changed in one place, and built anew with
 * the drawn machine's own implementations.
 */
import { type AnyStateMachine, not, StateMachine } from 'xstate'

/** One change of one machine. */
export interface Mutant {
  readonly machine: string
  /** Its place in the list of that machine's mutants. */
  readonly index: number
  /** What was changed, where: `Connecting.dialing on link.opened #1: drop adoptLink`. */
  readonly title: string
}

interface Mutation {
  readonly title: string
  readonly apply: () => void
}

type Bag = Record<string, unknown>

/** Every mutant of a machine: each guard of a transition negated, each action dropped, on entry, exit and transition. */
export function mutantsOf(name: string, machine: AnyStateMachine): Mutant[] {
  return mutationsOf(copy(machine.config) as Bag).map(({ title }, index) => ({ machine: name, index, title: `${name} ${title}` }))
}

/** Builds a mutant. */
export function build<M extends AnyStateMachine>(machine: M, index: number): M {
  const config = copy(machine.config) as Bag
  const mutation = mutationsOf(config)[index]
  if (mutation === undefined) throw new RangeError(`there is no mutant ${index}`)
  mutation.apply()
  return new StateMachine(config as never, machine.implementations as never) as unknown as M
}

/** The machine that the environment asks for: the drawn one, or the mutant that `MUTANT` names (`peer:12`). */
export function asked<M extends AnyStateMachine>(name: string, machine: M): M {
  const [of, index] = (process.env['MUTANT'] ?? '').split(':')
  return of === name ? build(machine, Number(index)) : machine
}

function mutationsOf(config: Bag): Mutation[] {
  return [...ofState(config, '')]
}

function* ofState(state: Bag, path: string): Generator<Mutation> {
  for (const kind of ['entry', 'exit']) yield* ofActions(state, kind, `${path || 'root'} ${kind}`)
  for (const [event, given] of Object.entries((state['on'] ?? {}) as Bag)) {
    const transitions = (Array.isArray(given) ? given : [given]) as Bag[]
    for (const [at, transition] of transitions.entries()) {
      const where = `${path || 'root'} on ${event}${transitions.length > 1 ? ` #${at + 1}` : ''}`
      const { guard } = transition
      if (guard !== undefined) {
        yield { title: `${where}: negate ${guard as string}`, apply: () => (transition['guard'] = not(guard as never)) }
      }
      yield* ofActions(transition, 'actions', where)
    }
  }
  for (const [name, child] of Object.entries((state['states'] ?? {}) as Bag))
    yield* ofState(child as Bag, path === '' ? name : `${path}.${name}`)
}

function* ofActions(holder: Bag, key: string, where: string): Generator<Mutation> {
  const actions = (holder[key] ?? []) as { readonly type: string; readonly params?: object }[]
  for (const [at, { type, params }] of actions.entries()) {
    const spelled = params === undefined ? type : `${type}(${Object.values(params).join(' ')})`
    yield { title: `${where}: drop ${spelled}`, apply: () => (holder[key] = actions.toSpliced(at, 1)) }
  }
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copy)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner)]))
}
