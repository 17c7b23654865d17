/** A manager that is watched is as it would be if nobody watched it. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { SupervisorEvent } from '../../machines/supervisor-machine.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import type { PeerRecord } from '../runtime/peers/peer-record.ts'
import { runningOn, type Running } from '../supervisor-logic.ts'
import type { FleetStanding, InspectionSource, PeerFacts, PeerInside, Step, SupervisorListener } from './source.ts'
import { validEventsOf } from './valid-events.ts'
import { ActorInspection } from './xstate-inspection.ts'

/** A manager, to be watched. It holds nothing until somebody subscribes to it, and nothing after. @since 0.1.0 */
export function inspectionOf(manager: ConnectionManager): InspectionSource {
  const running = runningOn(manager.supervisor)
  if (running === undefined) throw new TypeError('manager must be a ConnectionManager')
  return new ManagerInspection(manager, running)
}

class ManagerInspection implements InspectionSource {
  readonly moves$: InspectionSource['moves$']
  readonly metrics$: InspectionSource['metrics$']
  readonly #manager: ConnectionManager
  readonly #running: Running
  readonly #actors: ActorInspection

  constructor(manager: ConnectionManager, running: Running) {
    this.#manager = manager
    this.#running = running
    this.#actors = new ActorInspection(manager.supervisor)
    this.moves$ = running.supervisor.world.streams.moves.observable
    this.metrics$ = running.metrics.metrics$
  }

  now(): number {
    const { world } = this.#running.supervisor
    return world.instant(world.now())
  }

  get supervisorState(): string {
    return this.#running.supervisor.state
  }

  *peers(): Generator<PeerFacts, void, undefined> {
    for (const peer of this.#running.supervisor.world.peers.values()) yield this.#factsOf(peer)
  }

  facts(peerId: PeerId): PeerFacts | undefined {
    const peer = this.#running.supervisor.world.peers.get(peerId)
    return peer === undefined ? undefined : this.#factsOf(peer)
  }

  inside(peerId: PeerId): PeerInside {
    const { world } = this.#running.supervisor
    const peer = world.peers.get(peerId)
    const state = peer?.state
    const context = peer?.ref?.getSnapshot().context
    const valid = state === undefined || context === undefined ? [] : validEventsOf(state, context, world.now(), world.limits.poolTimeoutMs)
    return { peerId, state, context, explanation: this.#manager.explain(peerId), valid }
  }

  fleet(): FleetStanding | undefined {
    const { fleet } = this.#running.supervisor.world.settings
    return fleet === undefined ? undefined : { ...fleet.explainNode(), living: fleet.living }
  }

  listen(listener: SupervisorListener): () => void {
    const { supervisor } = this.#running
    return supervisor.world.taps.add((peerId, event) => {
      if (peerId !== undefined) return
      listener(supervisor.state, { limits: supervisor.world.limits }, event as SupervisorEvent)
    })
  }

  look(peerId: PeerId, seen: (step: Step) => void): () => void {
    const { world } = this.#running.supervisor
    return this.#actors.watch(peerId, (step) => seen({ ...step, at: world.instant(step.at) }))
  }

  #factsOf(peer: PeerRecord): PeerFacts {
    const { peerId, state, direction, remoteAddress, latency } = peer
    const failure = this.#running.supervisor.world.failureOf(peer)
    const security = peer.port?.security
    return { peerId, state, direction, remoteAddress, latency, failure, ...(security === undefined ? {} : { security }) }
  }
}
