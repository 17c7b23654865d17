/** The supervisor's actor owns its links, and takes them along when it ends. */
import type { ActorLogic, AnyActorRef, ErrorActorEvent, EventObject, InspectionEvent, Observer } from 'xstate'
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Transition } from '../../../machines/domain/transition.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { isThenable } from '../callbacks/app-callback.ts'
import { CHILD_ERROR, STOP } from '../../compile/xstate-internals.ts'
import { asError } from '../errors/failures.ts'
import type { Meter } from '../world/meter.ts'
import { persistedSupervisor, restoredLimits } from './persisted.ts'
import type { Settings } from '../options/settings.ts'
import { obey, type SupervisorCommand } from './app-commands.ts'
import { Supervisor } from './supervisor.ts'
import { SupervisorCore, type SupervisorSnapshot } from './supervisor-core.ts'
import { deciding, supervisorMachineWithEffects, type Deciding } from './supervisor-effects.ts'

/** The events that a supervisor's actor emits. @since 0.1.0 */
export type SupervisorEmitted =
  /** A peer's status has changed. */
  | ({ readonly type: 'peer.transition' } & Transition)
  /** A peer's substate has changed, and its status has not. */
  | ({ readonly type: 'peer.move' } & Transition)
  /** A command sent as an event was refused: `error` is a ConnectionError, a TypeError or a RangeError. */
  | { readonly type: 'peer.refused'; readonly peerId: PeerId | undefined; readonly error: Error }

/** The logic of a supervisor's actor. @since 0.1.0 */
export type SupervisorLogic = ActorLogic<SupervisorSnapshot, SupervisorCommand, undefined, AnyActorRef['system'], SupervisorEmitted>

/**
 * Makes the logic. Each actor that runs it gets a supervisor of its own, made when the actor starts.
 *
 * @param started is told of each supervisor that starts, with the limits that it has, and gives the meter it reports to
 */
export function createSupervisorActorLogic(
  settings: Settings,
  started: (ref: AnyActorRef, limits: Limits) => { meter: Meter; ready(supervisor: Supervisor): void },
): SupervisorLogic {
  const running = new WeakMap<AnyActorRef, Deciding>()
  const machine = supervisorMachineWithEffects()
  // The actor takes an app's commands, its machine what the runtime makes of them: one scope, two types of events.
  const inner = (scope: object) => scope as Parameters<typeof machine.transition>[2]

  return {
    config: machine.config,
    getInitialSnapshot: (scope) => machine.getInitialSnapshot(inner(scope), { limits: settings.limits }),
    getPersistedSnapshot: ({ context }) => persistedSupervisor(context.limits, settings.limits),
    // Whatever the one was doing that was persisted, the one that comes back begins: it has no peers and no links yet.
    restoreSnapshot: (snapshot, scope) => machine.getInitialSnapshot(inner(scope), { limits: restoredLimits(snapshot, settings.limits) }),
    start(snapshot, scope) {
      const { self } = scope
      const core = new SupervisorCore(
        snapshot,
        (event) => self.send(event as never),
        (state, event) => {
          const run = running.get(self)
          return deciding(run, () => {
            run?.supervisor.world.taps.all?.(undefined, event)
            return machine.transition(state, event, inner(scope))
          })
        },
      )
      const { limits } = snapshot.context
      const { meter, ready } = started(self, limits)
      const supervisor = new Supervisor({ ...settings, limits }, meter, inner(scope), core)
      running.set(self, { supervisor, core })
      ready(supervisor)
    },
    transition(snapshot, event: EventObject, scope) {
      const run = running.get(scope.self)
      if (run === undefined) return machine.transition(snapshot, event as SupervisorEvent, inner(scope))
      const { supervisor, core } = run
      // What is no event at all is nobody's: it must not cost the actor its life.
      if (typeof event?.type !== 'string') return core.snapshot
      if (event.type === STOP) {
        supervisor.ending.halt()
        return machine.transition(core.snapshot, event as never, inner(scope))
      }
      if (core.receive(event)) return core.snapshot
      const { world } = supervisor
      world.enter()
      try {
        if (isActorError(event)) {
          const peer = world.peers.get(event.actorId)
          // Anybody can send such an event; XState does so once the actor has thrown.
          if (peer?.ref?.getSnapshot().status === 'error') supervisor.crashes.crashed(peer, asError(event.error))
        } else {
          obey(supervisor, event as SupervisorCommand)
        }
      } catch (error) {
        // Thrown on, it would be the end of the actor, and of everyone in it.
        world.settings.errors.report(error, 'event')
      } finally {
        scope.defer(world.leave)
      }
      return core.snapshot
    },
  }
}

/** Whether this is XState's word that a child threw. */
function isActorError(event: EventObject): event is ErrorActorEvent {
  return event.type.startsWith(`${CHILD_ERROR}.`)
}

/** An inspection observer that stops nobody. @param failed is told what it throws, or rejects with */
export function guardInspection(
  inspect: Observer<InspectionEvent> | ((event: InspectionEvent) => void),
  failed: (thrown: unknown) => void,
): (event: InspectionEvent) => void {
  const next = typeof inspect === 'function' ? inspect : inspect.next?.bind(inspect)
  return (event) => {
    try {
      const answer: unknown = next?.(event)
      if (isThenable(answer)) Promise.resolve(answer).then(undefined, failed)
    } catch (error) {
      failed(error)
    }
  }
}
