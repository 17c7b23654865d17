import { compile } from 'qudag-connections/compile'
import { type AnyActorLogic, createActor, createMachine } from 'xstate'
import { expect, test } from 'vitest'
import { TableLogic } from '../../src/compile/table-logic.ts'
import { type Table, tableOf } from '../../src/compile/table.ts'

const machine = createMachine({
  id: 'm',
  initial: 'a',
  on: { '*': { actions: 'any' }, 'link.*': '.a' },
  states: { a: { on: { go: 'b' } }, b: { initial: 'c', states: { c: { on: { '*': '#m.a' } }, d: {} } } },
})

test('no type of event leaves a trace: ten thousand unknown ones, and the table is as large as before', () => {
  const table = tableOf(machine)
  const before = sizeOf(table)
  const actor = createActor(new TableLogic(table) as unknown as AnyActorLogic).start()
  for (let index = 0; index < 10_000; index++) actor.send({ type: `xstate.error.actor.${index}`, error: index })

  expect(actor.getSnapshot().status).toBe('active')
  expect(sizeOf(table)).toBe(before)
})

test('nothing of a step is made for each actor: snapshots of one state share what the state decides', () => {
  const logic = compile(machine)
  const [one, other] = [createActor(logic).start(), createActor(logic).start()]
  one.send({ type: 'go' })
  other.send({ type: 'go' })
  const [a, b] = [one.getSnapshot(), other.getSnapshot()]

  expect(a).not.toBe(b)
  expect(a.value).toBe(b.value)
  expect(a.tags).toBe(b.tags)
  expect(Object.isFrozen(a.value)).toBe(true)
  expect(Object.keys(a)).toEqual(['status', 'output', 'error', 'value', 'context'])
})

test('a logic says of the machine what the machine says', () => {
  const logic = compile(machine)
  expect(logic.machine).toBe(machine)
  for (const key of ['id', 'version', 'config', 'implementations', 'root', 'states', 'events'] as const)
    expect(logic[key]).toBe(machine[key])
  expect(JSON.stringify(logic)).toBe(JSON.stringify(machine))
  expect(JSON.stringify(logic.definition)).toBe(JSON.stringify(machine.definition))
})

test('a logic may be taken apart', () => {
  const { transition, getInitialSnapshot, getPersistedSnapshot, restoreSnapshot } = compile(machine)
  const actor = createActor({ transition, getInitialSnapshot, getPersistedSnapshot, restoreSnapshot }).start()
  actor.send({ type: 'go' })
  const persisted = actor.getPersistedSnapshot()

  expect(persisted).toEqual({
    status: 'active',
    value: { b: 'c' },
    context: {},
    children: {},
    historyValue: {},
    output: undefined,
    error: undefined,
  })
  expect(createActor(compile(machine), { snapshot: persisted }).getSnapshot().matches({ b: 'c' })).toBe(true)
})

test('it takes up a snapshot that the machine itself has made, and one of another compilation', () => {
  const [logic, again] = [compile(machine), compile(machine)]
  const scope = { self: {}, system: { _sendInspectionEvent: () => {} }, actionExecutor: () => {} } as never
  const made = machine.resolveState({ value: { b: 'd' }, context: {} })
  const next = logic.transition(made, { type: 'link.lost' }, scope)

  expect(next.value).toBe('a')
  expect(again.transition(next, { type: 'go' }, scope).value).toEqual({ b: 'c' })
})

/** How many candidates there are under how many descriptors. */
function sizeOf({ states }: Table): number {
  return [...states.values()].reduce(
    (sum, { candidates, wildcards }) => sum + candidates.size + [...candidates.values()].flat().length + wildcards.length,
    0,
  )
}
