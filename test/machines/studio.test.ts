/**
 * Stately Studio and the VS Code extension can draw `machines/`: their own extractor, which reads the
 * source and never runs it, finds in it what the machine is at run time.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { peerMachine } from '../../machines/peer-machine.ts'
import { supervisorMachine } from '../../machines/supervisor-machine.ts'

/** A machine in a source. */
interface Found {
  readonly config: object
  readonly nodes: readonly { readonly type: string; readonly computed: boolean; readonly line: number }[]
}

const PLAIN = ['ObjectExpression', 'ArrayExpression', 'ObjectProperty', 'StringLiteral', 'NumericLiteral', 'BooleanLiteral']

describe.each([
  ['machines/peer-machine.ts', peerMachine.config as object],
  ['machines/supervisor-machine.ts', supervisorMachine.config as object],
])('%s', (file, config) => {
  const machines = extract(readFileSync(file, 'utf8'))

  test('is read as one machine: every state, transition, guard, action and parameter', () => {
    expect(machines).toHaveLength(1)
    expect(drawn(machines[0]!.config)).toEqual(drawn(config))
    expect(drawn(config).states).not.toEqual({})
  })

  test('is one literal: no spread, no computed key, no name or call in place of what it is', () => {
    expect(strange(machines[0]!)).toEqual([])
  })
})

test('what only running can tell is found', () => {
  const [machine] = extract(`setup({}).createMachine({
    states: { a: {},
      ...more,
      [key]: {},
      b: made(),
      c: named } })`)
  expect(strange(machine!)).toEqual([
    'SpreadElement in line 3',
    'ObjectProperty in line 4',
    'CallExpression in line 5',
    'Identifier in line 6',
  ])
})

function extract(source: string): readonly Found[] {
  const { stdout, stderr } = spawnSync(process.execPath, ['test/machines/extract.mjs'], {
    input: JSON.stringify([source]),
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(stderr)
  return (JSON.parse(stdout) as [readonly Found[]])[0]
}

function strange({ nodes }: Found): readonly string[] {
  return nodes.filter(({ type, computed }) => !PLAIN.includes(type) || computed).map(({ type, line }) => `${type} in line ${line}`)
}

interface Drawn {
  readonly states: object
  readonly [field: string]: unknown
}

/** A state as it is drawn: what XState 4 and 5 spell differently is spelled one way. */
function drawn(state: object): Drawn {
  const { initial, type, entry, exit, on, states } = state as Record<string, unknown>
  return {
    initial,
    type,
    entry: list(entry).map(actionOf),
    exit: list(exit).map(actionOf),
    on: Object.fromEntries(Object.entries(on ?? {}).map(([event, transitions]) => [event, list(transitions).map(transitionOf)])),
    states: Object.fromEntries(Object.entries(states ?? {}).map(([name, child]) => [name, drawn(child as object)])),
  }
}

function transitionOf(transition: unknown): object {
  const { target, guard, cond, actions } = transition as Record<string, unknown>
  const guardName = guard ?? (cond as { readonly type?: string } | undefined)?.type
  return { target: list(target)[0], guard: guardName, actions: list(actions).map(actionOf) }
}

function actionOf(action: unknown): object {
  const { action: named, type, params } = action as { readonly action?: object; readonly type?: string; readonly params?: object }
  return named === undefined ? { type, params } : actionOf(named)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : value === undefined ? [] : [value]
}
