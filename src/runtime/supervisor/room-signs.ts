/** Signs of room: everything that may give a waiter a slot is told here, and nothing is asked while nobody waits. */
import type { Deadline } from '../time/deadline-queue.ts'
import type { Evictions } from '../admission/evictions.ts'
import type { Reconnects } from '../reconnecting/reconnects.ts'
import type { SlotWaiters } from '../waiting/slot-waiters.ts'
import type { World } from '../world/world.ts'

/** The signs that there may be room: a slot is free, a link is pooled, somebody may have to yield. */
export class RoomSigns {
  readonly #world: World
  /** Undefined: nobody in use ever yields. */
  readonly #evictions: Evictions | undefined
  readonly #waiters: SlotWaiters
  readonly #reconnects: Reconnects
  /** When the grace of one that may then yield is over. */
  readonly #graceOver: Deadline = { at: 0, order: 0, index: -1, due: () => this.#tell() }
  #isTelling = false

  constructor(world: World, evictions: Evictions | undefined, waiters: SlotWaiters, reconnects: Reconnects) {
    this.#world = world
    this.#evictions = evictions
    this.#waiters = waiters
    this.#reconnects = reconnects
  }

  /** A slot is free, a link is pooled, or the limits have changed. */
  slotFreed(): void {
    this.#waiters.serve()
    if (this.#reconnects.slotless !== undefined) this.#soon()
  }

  /** What a connected peer is worth, or who holds or protects it, has changed: somebody else may have to yield. */
  reweighed(): void {
    if (this.#evictions !== undefined && this.#isAwaited) this.#soon()
  }

  /** Somebody else is served next. Only where the app's own rule decides may there be room for one and not for another. */
  lineChanged(isNewFirst: boolean): void {
    if (this.#evictions === undefined || !this.#isAwaited) return
    if (isNewFirst && typeof this.#world.settings.admission === 'function') this.#soon()
    else this.#arm()
  }

  get #isAwaited(): boolean {
    const { admission } = this.#world.settings
    return (typeof admission === 'function' && this.#waiters.size > 0) || this.#reconnects.slotless !== undefined
  }

  #soon(): void {
    if (!this.#world.isBusy) return this.#tell()
    if (this.#isTelling) return
    this.#isTelling = true
    this.#world.afterwards(this.#tellOnce)
  }

  readonly #tellOnce = (): void => {
    this.#isTelling = false
    this.#tell()
  }

  #tell(): void {
    const world = this.#world
    if (world.isClosing) return
    world.enter()
    try {
      this.#waiters.serve()
      world.afterwards(this.#redial)
      this.#arm()
    } finally {
      world.leaveOrGoOn()
    }
  }

  /** After those who wait in line: they have a caller who waits. */
  readonly #redial = (): void => {
    const { taken, limits, pool } = this.#world
    if (this.#waiters.size > 0 && typeof this.#world.settings.admission !== 'function') return
    const room = Math.max(0, limits.maxConnections - taken) + pool.size
    if (room > 0) this.#reconnects.roomFor(room)
    else if (this.#outranks()) this.#reconnects.roomFor(1)
  }

  /** Whether the first of those that had no slot is worth more than one who may have to yield to it. */
  #outranks(): boolean {
    const { settings, standings } = this.#world
    const { slotless } = this.#reconnects
    if (this.#evictions === undefined || slotless === undefined) return false
    const lowest = this.#evictions.first(this.#world.now(), 'any')?.evictable?.score
    if (typeof settings.admission === 'function') return true
    return lowest !== undefined && lowest < standings.scoreOf(slotless.peerId)
  }

  #arm(): void {
    const world = this.#world
    // Those whose grace is over are no longer waited for.
    this.#evictions?.first(world.now(), 'any')
    const at = this.#evictions?.graceEndsAt
    if (at === undefined || !this.#isAwaited) world.deadlines.clear(this.#graceOver)
    else world.deadlines.set(this.#graceOver, at)
  }
}
