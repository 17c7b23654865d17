/** Keeps one thing true: a compiled machine cannot be told from the machine. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compile } from 'qudag-connections/compile'
import { actorCourse, pureCourse } from './course.ts'
import { journal, machineOf } from './machine-plan.ts'
import { EVENT_TYPES, machinePlan, planEvents } from './machine-plans.ts'

const course = { journal, alphabet: EVENT_TYPES.map((type) => ({ type, k: 1 })), input: { start: 3 } }

test('9. whatever runs a machine faster gives, for every sequence of events, the same states, contexts and actions', () => {
  fc.assert(
    fc.property(machinePlan, planEvents, fc.nat({ max: 14 }), (plan, events, restart) => {
      const machine = machineOf(plan)
      const compiled = compile(machine)
      expect(actorCourse(compiled, events, course, restart)).toEqual(actorCourse(machine, events, course, restart))
      expect(pureCourse(compiled, events, course)).toEqual(pureCourse(machine, events, course))
    }),
  )
})
