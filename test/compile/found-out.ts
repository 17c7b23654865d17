/** A faulty compiler is found out by invariant 9's property, or is not. */
import fc from 'fast-check'
import type { AnyActorLogic } from 'xstate'
import type { MachinePlan } from './machine-plan.ts'
import { machinePlan, planEvents } from './machine-plans.ts'
import { isTold } from './told-apart.ts'

/** Whether the property finds a compiler out. The runs are fixed: whether a fault is found says something about the property, and nothing about the day. */
export function isFound(compiler: (plan: MachinePlan) => AnyActorLogic, numRuns: number): boolean {
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
