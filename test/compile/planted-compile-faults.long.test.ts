/** Invariant 9's property sees a compiler that gets any one feature wrong, when it emits code too. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { emittedFrom } from './emitted.ts'
import { isFound } from './found-out.ts'
import { type BackEnd, FAULTS, NO_FAULTS } from './planted-compile-faults.ts'
import { COURSE } from './told-apart.ts'

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

const emitting: BackEnd = (table) => emittedFrom(table, COURSE.input)

describe('a compiler that emits code is found out in which', () => {
  test.each(Object.entries(FAULTS))('%s', (_, compiler) => {
    expect(isFound((plan) => compiler(plan, emitting), 3_000)).toBe(true)
  })
})

describe('a compiler that emits code is not found out for being reached through its', () => {
  test.each(Object.entries(NO_FAULTS))('%s', (_, compiler) => {
    expect(isFound((plan) => compiler(plan, emitting), 60)).toBe(false)
  })
})
