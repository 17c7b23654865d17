/** Errands of the demo's hub: the limit decides on each, and a refusal is counted and borne. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Transition } from '../../../machines/domain/transition.ts'
import type { ConnectionManager } from '../../connection-manager.ts'
import { ConnectionError } from '../../errors.ts'
import { converse } from './chatter.ts'
import { anyOf, between, chance, pause } from '../pause.ts'

/** How long a conversation lasts, and how often each peer is called, on average. */
const TALK_MS = [400, 1_800] as const
const CALL_EVERY_MS = 1_500
/** How often some peer that called us is put into the pool, and for how long. */
const PARK_EVERY_MS = 800
const PARKED_MS = [300, 1_200] as const
/** A caller that has gone never comes back under the same id: it is shown for so long, and forgotten. */
const SHOW_GONE_MS = 3_000

/** Calls peers and parks those that called, from the moment it is made until the signal is aborted. */
export class Errands {
  readonly #manager: ConnectionManager
  readonly #callable: () => readonly PeerId[]
  readonly #signal: AbortSignal
  readonly #busy = new Set<PeerId>()
  #refused = 0

  /** @param callable whom there is to call; it may change */
  constructor(manager: ConnectionManager, callable: () => readonly PeerId[], signal: AbortSignal) {
    this.#manager = manager
    this.#callable = callable
    this.#signal = signal
    manager.transitions$.subscribe((transition) => this.#follow(transition))
    void this.#callAround()
    void this.#parkSome()
  }

  /** Connects that were refused because the limit was reached. */
  get refused(): number {
    return this.#refused
  }

  /** Whom there is to call, and nobody calls. */
  get idle(): readonly PeerId[] {
    return this.#callable().filter((peerId) => !this.#busy.has(peerId))
  }

  /** One conversation. Never rejects. */
  async call(peerId: PeerId): Promise<void> {
    this.#busy.add(peerId)
    try {
      const connection = await this.#manager.connect(peerId, { signal: this.#signal })
      await converse(connection, between(...TALK_MS), this.#signal)
      if (chance(0.1)) await this.#manager.disconnect(peerId, { pool: false })
      else await connection.release()
    } catch (error) {
      this.#note(error)
    } finally {
      this.#busy.delete(peerId)
    }
  }

  async #callAround(): Promise<void> {
    while (!this.#signal.aborted) {
      const peerId = anyOf(this.idle)
      if (peerId !== undefined) void this.call(peerId)
      await pause((between(0.5, 1.5) * CALL_EVERY_MS) / Math.max(1, this.#callable().length), this.#signal)
    }
  }

  /** Some peers that called us wait in the pool until there is something to say to them. */
  async #parkSome(): Promise<void> {
    while (!this.#signal.aborted) {
      await pause(between(0.5, 1.5) * PARK_EVERY_MS, this.#signal)
      const callers = [...this.#manager.peers()].filter(({ status, direction }) => status === 'Connected' && direction === 'inbound')
      const caller = anyOf(callers)
      if (caller !== undefined && !this.#signal.aborted) void this.#park(caller.peerId)
    }
  }

  async #park(peerId: PeerId): Promise<void> {
    try {
      await this.#manager.disconnect(peerId)
      await pause(between(...PARKED_MS), this.#signal)
      const isPooled = this.#manager.status(peerId) === 'Disconnected'
      if (isPooled && !this.#signal.aborted) await (await this.#manager.connect(peerId)).release()
    } catch (error) {
      this.#note(error)
    }
  }

  #follow({ peerId, to, toState }: Transition): void {
    const isGone = to === 'Failed' || toState === 'Disconnected.closed'
    if (isGone && peerId.startsWith('inbound+') && !this.#signal.aborted) void this.#forget(peerId)
  }

  async #forget(peerId: PeerId): Promise<void> {
    await pause(SHOW_GONE_MS, this.#signal)
    if (!this.#signal.aborted) await this.#manager.disconnect(peerId)
  }

  /** What was refused is counted here; what failed, the manager has counted. */
  #note(error: unknown): void {
    if (ConnectionError.is(error)) this.#refused += Number(error.code === 'ERR_MAX_CONNECTIONS')
    else if (!this.#signal.aborted) throw error
  }
}
