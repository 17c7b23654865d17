/** A crash of an actor: its peer fails, the actor is replaced, restarts are counted, and nobody else notices. */
import { restartsAt } from '../../../machines/policy/supervision.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { dismantle } from '../actors/peer-effects.ts'
import { failureFrom } from '../errors/failures.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { World } from '../world/world.ts'
import type { SupervisorCore } from './supervisor-core.ts'

/** Replaces actors that crash. */
export class Crashes {
  readonly #world: World
  readonly #core: SupervisorCore
  #crash: Error | undefined = undefined

  constructor(world: World, core: SupervisorCore) {
    this.#world = world
    this.#core = core
  }

  /** Something threw on behalf of a peer: that peer fails, and nobody else. */
  crashed(peer: PeerRecord, error: Error): void {
    const world = this.#world
    world.enter()
    try {
      if (world.peers.get(peer.peerId) === peer) {
        this.#crash = error
        const at = world.now()
        this.#core.command({
          type: 'peer.crashed',
          peerId: peer.peerId,
          at,
          failure: { ...failureFrom(error, world.instant(at)), code: 'ERR_CRASHED' },
        })
      } else {
        dismantle(world, peer, error)
      }
    } finally {
      world.leaveOrGoOn()
    }
  }

  /** Puts a fresh actor in the place of the one that crashed. Restarts are counted: machines/policy/supervision.ts. */
  replace({ peerId, at, failure }: Extract<SupervisorEvent, { type: 'peer.crashed' }>): void {
    const world = this.#world
    const peer = world.peers.get(peerId)
    if (peer === undefined) return
    dismantle(world, peer, this.#crash ?? new Error(failure.message))
    this.#crash = undefined
    peer.restarts = restartsAt(peer.restarts ?? [], at)
    world.respawn(peer)
    world.send(peer, { type: 'peer.crashed', at, failure })
    if (world.isClosing) world.send(peer, { type: 'supervisor.stopped', at })
  }
}
