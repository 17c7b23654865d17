/** Our own two machines, compiled, are our own two machines, over long lives. */
import fc from 'fast-check'
import { compile } from 'qudag-connections/compile'
import { peerMachine, supervisorMachine } from 'qudag-connections/machines'
import type { AnyActorLogic, AnyStateMachine, EventObject } from 'xstate'
import { expect, test } from 'vitest'
import { code as peerCode } from '../../src/runtime/actors/generated/peer-code.ts'
import { code as supervisorCode } from '../../src/runtime/supervisor/generated/supervisor-code.ts'
import { CASES as PEER_CASES } from '../machines/peer-cases.ts'
import { CASES as SUPERVISOR_CASES, LIMITS } from '../machines/supervisor-cases.ts'
import { actorCourse, pureCourse } from './course.ts'

const journal: unknown[] = []

test.each([
  { name: 'peer', machine: noting(peerMachine), cases: PEER_CASES, input: { peerId: 'peer' }, code: peerCode },
  { name: 'supervisor', machine: noting(supervisorMachine), cases: SUPERVISOR_CASES, input: { limits: LIMITS }, code: supervisorCode },
])('9. the $name machine', ({ machine, cases, input, code }) => {
  const alphabet: readonly EventObject[] = Object.values(cases)
  const coursesOf = (logic: AnyActorLogic, events: readonly EventObject[], restart: number): unknown[] => [
    actorCourse(logic, events, { journal, alphabet, input }, restart),
    actorCourse(logic, events, { journal, alphabet, input, isInspected: false }, restart),
    pureCourse(logic, events, { journal, alphabet, input }),
  ]
  const compiled = compile(machine)
  const emitted = compile(machine, code)
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...alphabet), { maxLength: 120, size: 'max' }), fc.nat({ max: 120 }), (events, restart) => {
      const expected = coursesOf(machine, events, restart)
      expect(coursesOf(compiled, events, restart)).toEqual(expected)
      expect(coursesOf(emitted, events, restart)).toEqual(expected)
    }),
    { numRuns: Math.min(20, fc.readConfigureGlobal().numRuns ?? 20) },
  )
})

/** The machine with actions that note what they are given. */
function noting(machine: AnyStateMachine): AnyStateMachine {
  const names = Object.entries(machine.implementations.actions).flatMap(([name, action]) => ('type' in (action as object) ? [] : [name]))
  const note = (name: string) => [
    name,
    ({ context, event }: { context: object; event: EventObject }, params: unknown) => journal.push([name, { ...context }, event, params]),
  ]
  return machine.provide({ actions: Object.fromEntries(names.map(note)) })
}
