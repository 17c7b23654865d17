/** A compiled machine cannot be told from the machine. */
import fc from 'fast-check'
import { compile } from 'qudag-connections/compile'
import { beforeEach, expect, test, vi } from 'vitest'
import { machineOf } from './machine-plan.ts'
import { machinePlan, planEvents } from './machine-plans.ts'
import { coursesOf } from './told-apart.ts'

beforeEach(() => {
  // Some of the machines are of a kind that XState warns of.
  vi.spyOn(console, 'warn').mockImplementation(() => {})
})

test('9. whatever runs a machine faster gives, for every sequence of events, the same states, contexts and actions', () => {
  fc.assert(
    fc.property(machinePlan, planEvents, fc.nat({ max: 14 }), (plan, events, restart) => {
      const machine = machineOf(plan)
      expect(coursesOf(compile(machine), events, restart)).toEqual(coursesOf(machine, events, restart))
    }),
  )
})
