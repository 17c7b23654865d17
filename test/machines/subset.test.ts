/**
 * The machines stay within the subset that can be compiled to tables, and can be read without being run.
 *
 * The subset (design §4): nested states, guards, `assign`, entry, exit and named actions; nothing else.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { peerMachine } from '../../machines/peer-machine.ts'
import { supervisorMachine } from '../../machines/supervisor-machine.ts'

const MACHINES = [
  { name: 'peer', machine: peerMachine, file: 'machines/peer-machine.ts' },
  { name: 'supervisor', machine: supervisorMachine, file: 'machines/supervisor-machine.ts' },
] as const

const OF_A_STATE = ['id', 'context', 'initial', 'states', 'on', 'entry', 'exit', 'type', 'description']
const OF_A_TRANSITION = ['target', 'guard', 'actions']
const OF_AN_ACTION = ['type', 'params']

interface StateConfig {
  readonly [key: string]: unknown
  readonly type?: string
  readonly initial?: string
  readonly on?: Readonly<Record<string, unknown>>
  readonly entry?: unknown
  readonly exit?: unknown
  readonly states?: Readonly<Record<string, StateConfig>>
}

describe.each(MACHINES)('the $name machine', ({ machine, file }) => {
  // `setup` adds its schemas, of which there are none.
  const { schemas, ...config } = machine.config as unknown as StateConfig & { readonly schemas?: unknown }
  const states = [...statesOf(config)]
  const transitions = states.flatMap(([path, { on = {} }]) =>
    Object.entries(on).flatMap(([event, given]) =>
      (Array.isArray(given) ? given : [given]).map((one: unknown) => ({
        where: `${path} on ${event}`,
        event,
        one: one as Record<string, unknown>,
      })),
    ),
  )
  const implementations = machine.implementations as { readonly actions: object; readonly guards: object }

  test('says of its states only what the subset has', () => {
    expect(schemas).toBeUndefined()
    for (const [path, state] of states) {
      for (const key of Object.keys(state)) expect(OF_A_STATE, `${path}: ${key}`).toContain(key)
      expect([undefined, 'final'], `at ${path}`).toContain(state.type)
      expect(state.states === undefined, `${path}: initial`).toBe(state.initial === undefined)
      if (path !== machine.id) expect([state['id'], state['context']], `at ${path}`).toEqual([undefined, undefined])
    }
  })

  test('names the event of each transition in full, and no other', () => {
    for (const { where, event } of transitions) expect(event, `at ${where}`).toMatch(/^[a-z]+\.[a-zA-Z]+$/)
  })

  test('guards by one name and acts by names, all of them implemented', () => {
    for (const { where, one } of transitions) {
      for (const key of Object.keys(one)) expect(OF_A_TRANSITION, `${where}: ${key}`).toContain(key)
      if ('guard' in one) expect(Object.keys(implementations.guards), `at ${where}`).toContain(one['guard'])
      if ('target' in one) expect(typeof one['target'], `at ${where}`).toBe('string')
    }
    for (const { where, action } of actionsOf(states, transitions)) {
      for (const key of Object.keys(action)) expect(OF_AN_ACTION, `${where}: ${key}`).toContain(key)
      expect(Object.keys(implementations.actions), `at ${where}`).toContain(action['type'])
    }
  })

  test('has no guard and no action that nothing uses', () => {
    const guards = new Set(transitions.map(({ one }) => one['guard']))
    const actions = new Set(actionsOf(states, transitions).map(({ action }) => action['type']))
    expect(Object.keys(implementations.guards).filter((name) => !guards.has(name))).toEqual([])
    expect(Object.keys(implementations.actions).filter((name) => !actions.has(name))).toEqual([])
  })

  test('comes to a transition without a guard last, so that none stands behind it', () => {
    for (const [path, { on = {} }] of states) {
      for (const [event, given] of Object.entries(on)) {
        const open = (Array.isArray(given) ? given : [given]).findIndex((one: object) => !('guard' in one))
        if (open >= 0 && Array.isArray(given)) expect(open, `${path} on ${event}`).toBe(given.length - 1)
      }
    }
  })

  test('implements an action as a stub or an assign, so that all effects come from outside', () => {
    for (const [name, action] of Object.entries(implementations.actions) as [string, (() => unknown) & { type?: string }][]) {
      if (action.type === 'xstate.assign') continue
      expect([name, action.toString().replace(/^.*=>\s*/s, '')]).toEqual([name, '{}'])
    }
  })

  test('is data but for its first context: it survives JSON', () => {
    const { context, ...rest } = config as StateConfig & { readonly context?: unknown }
    expect(typeof context).toBe('function')
    expect(JSON.parse(JSON.stringify(rest))).toEqual(rest)
  })

  test('is one literal in its source: it can be pasted elsewhere, and means the same there', () => {
    const source = readFileSync(file, 'utf8')
    const [, ...calls] = source.split('.createMachine(')
    expect(calls).toHaveLength(1)
    const literal = calls[0]!.slice(0, calls[0]!.lastIndexOf(')'))
    // With nothing in scope: an identifier in it would be a ReferenceError, a type a SyntaxError.
    const pasted = runInNewContext(`(${literal})`) as StateConfig
    expect(JSON.parse(JSON.stringify(pasted))).toEqual(JSON.parse(JSON.stringify(config)))
  })
})

test('machines/ imports xstate and itself, and nothing else', () => {
  const files = readdirSync('machines', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const imports = files.flatMap((name) => [...readFileSync(`machines/${name}`, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from))
  expect([...new Set(imports.filter((from) => !from?.startsWith('.')))]).toEqual(['xstate'])
})

function* statesOf(state: StateConfig, path = String(state['id'])): Generator<readonly [string, StateConfig]> {
  yield [path, state]
  for (const [name, child] of Object.entries(state.states ?? {})) yield* statesOf(child, `${path}.${name}`)
}

function actionsOf(
  states: readonly (readonly [string, StateConfig])[],
  transitions: readonly { readonly where: string; readonly one: Record<string, unknown> }[],
): { readonly where: string; readonly action: Record<string, unknown> }[] {
  const lists = [
    ...states.flatMap(([path, { entry, exit }]) => [
      { where: `${path} entry`, list: entry },
      { where: `${path} exit`, list: exit },
    ]),
    ...transitions.map(({ where, one }) => ({ where, list: one['actions'] })),
  ]
  return lists.flatMap(({ where, list = [] }) => (list as Record<string, unknown>[]).map((action) => ({ where, action })))
}
