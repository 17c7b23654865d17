/** A compiled machine cannot be told from the machine. */
import fc from 'fast-check'
import { compile } from 'qudag-connections/compile'
import { beforeEach, expect, test, vi } from 'vitest'
import { machineOf } from './machine-plan.ts'
import { machinePlan, planEvents } from './machine-plans.ts'
import { emittedOf } from './emitted.ts'
import { COURSE, coursesOf } from './told-apart.ts'

beforeEach(() => {
  // Some of the machines are of a kind that XState warns of.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

test('9. whatever runs a machine faster gives, for every sequence of events, the same states, contexts and actions', () => {
  fc.assert(
    fc.property(machinePlan, planEvents, fc.nat({ max: 14 }), (plan, events, restart) => {
      const machine = machineOf(plan)
      const expected = coursesOf(machine, events, restart)
      expect(coursesOf(compile(machine), events, restart)).toEqual(expected)
      expect(coursesOf(emittedOf(machine, COURSE.input), events, restart)).toEqual(expected)
    }),
  )
})
