/** Invariant 9's property sees a compiler that gets any one feature wrong. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { emitTable } from '../../src/compile/emit.ts'
import { TableLogic } from '../../src/compile/table-logic.ts'
import { tableOf } from '../../src/compile/table.ts'
import { codeIn } from './emitted.ts'
import { isFound } from './found-out.ts'
import { machineOf, type MachinePlan } from './machine-plan.ts'
import { type BackEnd, FAULTS, NO_FAULTS } from './planted-compile-faults.ts'
import { COURSE } from './told-apart.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

const asking: BackEnd = (table) => new TableLogic(table)

describe('a compiler is found out in which', () => {
  test.each(Object.entries(FAULTS))('%s', (_, compiler) => {
    expect(isFound((plan) => compiler(plan, asking), 3_000)).toBe(true)
  })
})

describe('a compiler is not found out for being reached through its', () => {
  test.each(Object.entries(NO_FAULTS))('%s', (_, compiler) => {
    expect(isFound((plan) => compiler(plan, asking), 60)).toBe(false)
  })
})

/** Faults of the text that is emitted, where nobody inspects; a fault that changes nothing would be found out in nothing. */
const TEXT_FAULTS: Readonly<Record<string, (text: string) => string>> = {
  'a step does not land': (text) => text.replaceAll(/return landed\(.*\)/g, 'return now'),
  'a step lands with the context before it': (text) => text.replaceAll(/landed\((to\d+), now, \w+\)/g, 'landed($1, now, now.context)'),
  'an action is given the context before the assign': (text) =>
    text.replaceAll(/{ context: context\d+, event, self/g, '{ context, event, self'),
  'a context loses what is not assigned': (text) => text.replaceAll(/(\w+): context\d*\.\1/g, '$1: undefined'),
  'the last candidate is not asked': (text) => text.replaceAll(/if \(passes1\)/g, 'if (false)'),
  'a guard is asked with the context alone': (text) => text.replaceAll(/\({ context, event }, (\w+Given)\)/g, '({ context }, $1)'),
  'no guard that passes is no event': (text) => text.replaceAll(/return nothing\(.*\)/g, 'return now'),
  'an action is not called': (text) => text.replaceAll(/^ +\w+0_0\(args.*$/gm, ''),
}

describe('code is found out in which', () => {
  test.each(Object.entries(TEXT_FAULTS))('%s', (_, fault) => {
    const compiler = (plan: MachinePlan) => {
      const table = tableOf(machineOf(plan))
      return new TableLogic(table, codeIn(fault(emitTable(table, { input: COURSE.input, types: false }))))
    }
    expect(isFound(compiler, 3_000)).toBe(true)
  })
})
