/** The supervisor behind a manager: started for it, or running already and adopted. */
import { createActor, type ActorRefFrom, type AnyActorRef } from 'xstate'
import { assertKnown } from '../machines/domain/options.ts'
import { MANAGER_OPTIONS } from './runtime/options/check-options.ts'
import { assertObject } from './runtime/options/given-options.ts'
import type { ManagerOptions } from './runtime/options/options.ts'
import { guardInspection, type SupervisorLogic } from './runtime/supervisor/supervisor-actor.ts'
import { createSupervisorLogic, runningOn, type Running } from './supervisor-logic.ts'

/** A supervisor's actor. @since 0.1.0 */
export type SupervisorRef = ActorRefFrom<SupervisorLogic>

/** A supervisor that is running, and its actor. */
export class Adopted {
  readonly ref: SupervisorRef
  readonly running: Running

  constructor(ref: SupervisorRef, running: Running) {
    this.ref = ref
    this.running = running
  }
}

/** The supervisor that an actor runs. @throws TypeError where it runs none, or has not been started */
export function adopt(ref: AnyActorRef): Adopted {
  const running = runningOn(ref)
  if (running === undefined) throw new TypeError('actorRef must be a started actor of createSupervisorLogic()')
  return new Adopted(ref as SupervisorRef, running)
}

/** Starts a supervisor. @throws TypeError or RangeError that names the option */
export function started(maxConnections: number, options: ManagerOptions): Adopted {
  assertObject('options', options)
  assertKnown('', options, MANAGER_OPTIONS)
  const { inspect, ...rest } = options
  if (inspect !== undefined && typeof inspect !== 'function') assertObject('inspect', inspect)
  const logic = createSupervisorLogic({ ...rest, maxConnections })
  // The first events come before the actor runs: what is wrong with them is told once it does.
  const failed = (thrown: unknown): void => queueMicrotask(() => runningOn(ref)?.supervisor.world.settings.errors.report(thrown, 'inspect'))
  const watched = inspect === undefined ? {} : { inspect: guardInspection(inspect, failed) }
  const ref: SupervisorRef = createActor(logic, { id: 'supervisor', ...watched }).start()
  return adopt(ref)
}
