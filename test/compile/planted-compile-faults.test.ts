/** Invariant 9's property sees a compiler that gets any one feature wrong. */
import fc from 'fast-check'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { isTold } from './told-apart.ts'
import { machinePlan, planEvents } from './machine-plans.ts'
import { type FaultyCompiler, FAULTS, NO_FAULTS } from './planted-compile-faults.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

describe('a compiler is found out in which', () => {
  test.each(Object.entries(FAULTS))('%s', (_, compiler) => {
    expect(isFound(compiler, 3_000)).toBe(true)
  })
})

describe('a compiler is not found out for being reached through its', () => {
  test.each(Object.entries(NO_FAULTS))('%s', (_, compiler) => {
    expect(isFound(compiler, 60)).toBe(false)
  })
})

/** The runs are fixed: whether a fault is found says something about the property, and nothing about the day. */
function isFound(compiler: FaultyCompiler, numRuns: number): boolean {
  const property = fc.property(
    machinePlan,
    planEvents,
    fc.nat({ max: 14 }),
    (plan, events, restart) => !isTold(compiler, plan, events, restart),
  )
  const { failed, errorInstance } = fc.check(property, { seed: 9, numRuns, endOnFailure: true })
  // A compiler that breaks down is not one that is found out.
  if (failed && !String(errorInstance).includes('returning false')) throw errorInstance
  return failed
}
