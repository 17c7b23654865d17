/** Links are opened into the pool in advance only where there is room, and nothing yields to them. */
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { excessIdle } from '../../../machines/policy/pooling.ts'
import { decideWarmUp, type WarmUpSkip } from '../../../machines/policy/warm-up.ts'
import type { Connection } from '../holds/connection.ts'
import { asError } from '../errors/failures.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { World } from '../world/world.ts'

/** What a warm-up has come to, each in the order given. @since 0.1.0 */
export interface WarmUpReport {
  /** Peers that were dialled, and whose links wait in the pool, or are in use by somebody who came meanwhile. */
  readonly opened: readonly PeerId[]
  /** Peers that were left alone, and why. */
  readonly skipped: readonly { readonly peerId: PeerId; readonly reason: WarmUpSkip }[]
  /** Peers that were dialled in vain. */
  readonly failed: readonly { readonly peerId: PeerId; readonly error: Error }[]
}

/** What warm-ups ask of the supervisor. */
export interface WarmUpHooks {
  isCircuitOpen(peer: PeerRecord | undefined, at: number): boolean
  /** Dials a peer that is not held, behind all others that wait for their turn. */
  connect(peerId: PeerId): Promise<Connection>
  close(peerId: PeerId): Promise<void>
}

type Outcome = { readonly opened: true } | { readonly skipped: WarmUpSkip } | { readonly failed: Error }

/** Opens links into the pool. */
export class WarmUps {
  readonly #world: World
  readonly #hooks: WarmUpHooks
  #opening = 0

  constructor(world: World, hooks: WarmUpHooks) {
    this.#world = world
    this.#hooks = hooks
  }

  /** Opens as many of these peers as there is room for. */
  async open(peerIds: ReadonlySet<PeerId>): Promise<WarmUpReport> {
    const outcomes = Array.from(peerIds, async (peerId) => ({ peerId, outcome: await this.#open(peerId) }))
    const report = {
      opened: [] as PeerId[],
      skipped: [] as { peerId: PeerId; reason: WarmUpSkip }[],
      failed: [] as { peerId: PeerId; error: Error }[],
    }
    for (const { peerId, outcome } of await Promise.all(outcomes)) {
      if ('opened' in outcome) report.opened.push(peerId)
      else if ('skipped' in outcome) report.skipped.push({ peerId, reason: outcome.skipped })
      else report.failed.push({ peerId, error: outcome.failed })
    }
    return report
  }

  async #open(peerId: PeerId): Promise<Outcome> {
    const { peers, taken, pool, limits } = this.#world
    const known = peers.get(peerId)
    const view = {
      isHeld: known?.state !== undefined && holdsSlot(known.state),
      isCircuitOpen: this.#hooks.isCircuitOpen(known, this.#world.now()),
      held: taken,
      idle: pool.size,
      opening: this.#opening,
    }
    const decision = decideWarmUp(view, limits)
    if (decision.kind === 'skip') return { skipped: decision.reason }
    this.#opening++
    try {
      return await this.#hooks.connect(peerId).then((connection) => this.#pool(connection))
    } catch (error) {
      return { failed: asError(error) }
    } finally {
      this.#opening--
    }
  }

  /** Gives the link to the pool; where the room for it is gone meanwhile, it goes, and nothing that waits there. */
  async #pool(connection: Connection): Promise<Outcome> {
    const { peers, taken, pool, limits } = this.#world
    const peer = peers.get(connection.peerId)
    const isOurs = peer?.state === 'Connected' && peer.firstHold === connection && peer.firstHold.next === undefined && !peer.wanted
    if (isOurs && peer.direction === 'outbound' && excessIdle(taken, pool.size + 1, limits) > 0) {
      await this.#hooks.close(connection.peerId)
      return { skipped: taken > limits.maxConnections ? 'no-slot' : 'pool-full' }
    }
    await connection.release()
    return { opened: true }
  }
}
