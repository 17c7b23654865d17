/** The TTL of pooled links is enforced here, and how many wait in the pool: what is past it, or too many, is closed, oldest first. */
import type { Direction } from '../../../machines/policy/duel.ts'
import { excessIdle } from '../../../machines/policy/pooling.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { World } from '../world/world.ts'

/** Closes pooled links. */
export class PoolTrim {
  readonly #world: World
  readonly #excessInbound: () => number

  /** @param excessInbound how many pooled inbound links are above the share that inbound links may use */
  constructor(world: World, excessInbound: () => number) {
    this.#world = world
    this.#excessInbound = excessInbound
  }

  /** Closes what is past its TTL, and the oldest of what is too many. */
  trim(): void {
    const world = this.#world
    const { pool, limits } = world
    world.enter()
    try {
      const at = world.now()
      for (let peer = pool.expired(at, limits.poolTimeoutMs); peer !== undefined; peer = pool.expired(at, limits.poolTimeoutMs)) {
        world.send(peer, { type: 'pool.expired', at })
      }
      for (let excess = excessIdle(world.taken, pool.size, limits); excess > 0; excess--) this.evictLongestIdle('any', at)
      for (let excess = this.#excessInbound(); excess > 0; excess--) this.evictLongestIdle('inbound', at)
      pool.rearm(limits.poolTimeoutMs)
    } finally {
      world.leaveOrGoOn()
    }
  }

  /** The pooled link that waits longest yields. */
  evictLongestIdle(of: Direction | 'any', at: number): void {
    const peer = this.#world.pool.oldest(of)
    if (peer !== undefined) this.#world.send(peer, { type: 'pool.evicted', at })
  }

  /** The TTL of a pooled link is over. */
  expire(peer: PeerRecord, at: number): void {
    this.#world.enter()
    try {
      this.#world.send(peer, { type: 'pool.expired', at })
    } finally {
      this.#world.leave()
    }
  }
}
