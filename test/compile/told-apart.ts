/** Whoever compiles a planned machine is held against the interpreter in all that can be seen. */
import { isDeepStrictEqual } from 'node:util'
import type { AnyActorLogic } from 'xstate'
import { actorCourse, pureCourse } from './course.ts'
import { journal, machineOf, type MachinePlan, type PlanEvent } from './machine-plan.ts'
import { EVENT_TYPES } from './machine-plans.ts'

/** How planned machines are run. */
export const COURSE = { journal, alphabet: EVENT_TYPES.map((type) => ({ type, k: 1 })), input: { start: 3 } }

/** The runs of a plan's machine: as an actor that is restarted once, while somebody inspects and while nobody does, and as a fold. */
export function coursesOf(logic: AnyActorLogic, events: readonly PlanEvent[], restart: number): unknown[] {
  return [
    actorCourse(logic, events, COURSE, restart),
    actorCourse(logic, events, { ...COURSE, isInspected: false }, restart),
    pureCourse(logic, events, COURSE),
  ]
}

/** Whether a compiled machine can be told from the interpreted one in such a run. */
export function isTold(
  compiler: (plan: MachinePlan) => AnyActorLogic,
  plan: MachinePlan,
  events: readonly PlanEvent[],
  restart: number,
): boolean {
  return !isDeepStrictEqual(coursesOf(compiler(plan), events, restart), coursesOf(machineOf(plan), events, restart))
}
