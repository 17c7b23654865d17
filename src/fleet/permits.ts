/**
 * Permits: the fleet's limit, leased in blocks. A ledger in the store says how many each node has; it is changed by
 * compare-and-set alone, and never adds up to more than the limit. What a node counts itself is at most what the ledger says
 * of it: it counts a block once the write is known to be done, and stops counting it before the write that gives it back.
 *
 * The block of a node that is gone is free: its record is absent from the store only once it holds nothing any more.
 */
import type { FleetVerdict } from '../runtime/options/fleet-gate.ts'
import { Alarm } from './alarm.ts'
import { Blocks } from './blocks.ts'
import { type Ledger, readLedger } from './keys.ts'
import { Followed, type Nodes } from './nodes.ts'
import type { Registration } from './session.ts'
import type { NodeParts } from './node-parts.ts'

/** How long the ledger is left alone that others are changing all the time, in milliseconds. */
const RETRY_MS = 256

/** The permits of one node. */
export class Permits {
  readonly #node: NodeParts
  readonly #nodes: Nodes
  readonly #blocks: Blocks
  readonly #ledger: Followed
  readonly #wants: Followed
  /** What others want and cannot have, by node. */
  readonly #wantedBy = new Map<string, number>()
  readonly #giveUp: Alarm
  readonly #retry: Alarm
  /** Arriving links that wait for a permit. */
  #arriving: ((verdict: FleetVerdict | undefined) => void)[] = []
  #granted = 0
  /** Permits that were promised to arriving links which are admitted in a moment. */
  #promised = 0
  /** Whether the ledger had none left when it was looked at last. */
  #isExhausted = false
  /** Whether the ledger may say something else of this node than is counted here: the answer to a write never came. */
  #isInDoubt = false
  #isBusy = false
  #isAsked = false
  /** What the store says that we want; undefined: that is not known. */
  #told: number | undefined = 0
  #gaveUpAt = -Infinity

  constructor(node: NodeParts, nodes: Nodes) {
    this.#node = node
    const { settings, keys, host } = node
    this.#nodes = nodes
    this.#giveUp = new Alarm(host.clock, () => this.#refuse())
    this.#retry = new Alarm(host.clock, () => this.#kick())
    this.#blocks = new Blocks(node, nodes)
    this.#ledger = new Followed(
      settings.store,
      keys.permits,
      host,
      ({ value }) => this.#ledgerChanged(readLedger(value)),
      () => {},
    )
    this.#wants = new Followed(
      settings.store,
      keys.wants,
      host,
      ({ key, value }) => {
        const id = key.slice(keys.wants.length)
        if (id === this.#node.session.current?.id) return
        this.#wantedBy.set(id, Number(value) || 0)
        this.#kick()
      },
      (key) => void this.#wantedBy.delete(key.slice(keys.wants.length)),
    )
  }

  get granted(): number {
    return this.#granted
  }

  get isExhausted(): boolean {
    return this.#isExhausted
  }

  /** Whether it is worth while to wait for more. */
  get mayGrow(): boolean {
    const { state } = this.#node.session
    if (state === 'left' || state === 'lost' || state === 'unfenced') return false
    const { clock, limit } = this.#node.host
    return this.#granted < limit && !(this.#isExhausted && clock.now() - this.#gaveUpAt < this.#node.settings.permitWaitMs)
  }

  start(): void {
    this.#ledger.start()
    this.#wants.start()
  }

  stop(): void {
    this.#ledger.stop()
    this.#wants.stop()
    this.#giveUp.clear()
    this.#retry.clear()
    this.#answer({ reason: 'fleet-away' })
  }

  joined(): void {
    this.#isExhausted = this.#isInDoubt = false
    this.#told = 0
    // What is held all the same, by `onStoreLost: 'keep'`, is counted by no ledger yet.
    this.#granted = 0
    this.#kick()
  }

  /** @param isKept whether links are kept that no permit stands for any more */
  lost(isKept: boolean): void {
    this.#granted = 0
    this.#giveUp.clear()
    this.#node.host.permit(isKept ? this.#node.host.held : 0)
    if (!isKept) this.#node.host.noPermits()
    this.#answer({ reason: 'fleet-away' })
  }

  /** Looks again at what could not be read when the watch had missed something. */
  async refresh(): Promise<void> {
    await Promise.all([this.#ledger.catchUp(), this.#wants.catchUp()])
  }

  /** Somebody waits for a permit, or has taken or left one. */
  look(): void {
    this.#kick()
  }

  /** A slot was taken or left: where few permits are spare, or others want them, something is done. It is on the path of every link. */
  moved(): void {
    const spare = this.#granted - this.#node.host.held
    if (this.#arriving.length > 0) this.#serve()
    if (this.#wantedBy.size > 0 ? spare > 0 : spare < this.#node.settings.block / 2 && !this.#isExhausted) this.#kick()
  }

  /** Whether there is a permit for an arriving link; undefined: at once. Never rejects. */
  arriving(): undefined | Promise<FleetVerdict | undefined> {
    if (this.#spare > 0) return undefined
    if (!this.mayGrow) return Promise.resolve({ reason: 'fleet-limit' })
    return new Promise((resolve) => {
      this.#arriving.push(resolve)
      this.#kick()
    })
  }

  /** Promises a permit to an arriving link that is admitted within this turn. */
  promise(): void {
    this.#promised++
    this.#node.host.clock.setTimeout(() => this.#promised--, 0)
  }

  get #spare(): number {
    return this.#granted - this.#node.host.held - this.#promised
  }

  #serve(): void {
    while (this.#arriving.length > 0 && this.#spare > 0) {
      this.promise()
      this.#arriving.shift()?.(undefined)
    }
  }

  /** How many more are wanted now; below 0, how many are given back. */
  get #need(): number {
    const { held, waiting, limit } = this.#node.host
    const wanted = held + waiting + this.#promised + this.#arriving.length
    const room = Math.max(0, Math.min(limit, this.#node.settings.limit) - this.#granted)
    if (wanted > this.#granted) return Math.min(room, Math.max(this.#node.settings.block, wanted - this.#granted))
    const spare = this.#granted - wanted
    let othersWant = 0
    for (const [id, count] of this.#wantedBy) if (this.#nodes.has(id)) othersWant += count
    if (othersWant > 0) return -Math.min(spare, othersWant)
    // The next block is leased before this one is used up, so that admission stays local.
    const isLow = spare < this.#node.settings.block / 2
    return isLow && !this.#isExhausted ? Math.min(room, this.#node.settings.block) : 0
  }

  /** Whether somebody lacks a permit just now. */
  get #isShort(): boolean {
    const { held, waiting } = this.#node.host
    return held + waiting + this.#arriving.length > this.#granted
  }

  #kick(): void {
    this.#isAsked = true
    if (this.#isBusy) return
    this.#isBusy = true
    // Who asks may be in the middle of a command: it is looked at when that is over.
    queueMicrotask(() => void this.#work())
  }

  async #work(): Promise<void> {
    try {
      while (this.#isAsked) {
        this.#isAsked = false
        const registration = this.#node.session.current
        if (registration === undefined) return
        const need = this.#need
        if (need !== 0 || this.#isInDoubt) await this.#change(registration, need)
        if (this.#node.session.current !== registration) return
        await this.#tellWants(registration)
      }
    } catch (error) {
      // The store does not answer: it is asked again.
      if (this.#node.session.state !== 'left') this.#retry.set(this.#node.settings.leaseMs / 10)
      void error
    } finally {
      this.#isBusy = false
      if (this.#isAsked && this.#node.session.current !== undefined) this.#kick()
    }
  }

  /** Takes a block, or gives some back; a change of 0 has the ledger say what is counted here. */
  async #change(registration: Registration, need: number): Promise<void> {
    if (need < 0) this.#grant(this.#granted + need)
    // Until a write is known to be done, or not needed, what the ledger says of this node is not known either.
    const wasInDoubt = this.#isInDoubt
    this.#isInDoubt = true
    const outcome = await this.#blocks.write(registration, {
      counted: this.#granted,
      need: Math.max(0, need),
      isInDoubt: wasInDoubt || need < 0,
    })
    if (this.#node.session.current !== registration) return
    if (outcome === 'busy') return this.#retry.set(RETRY_MS)
    this.#isInDoubt = false
    if (need !== 0) this.#isExhausted = outcome.taken < need
    // A block that was taken in data that is lost is nobody's: others may be given the same permits.
    if (outcome.taken > 0 && (await this.#isTaken(registration))) this.#grant(this.#granted + outcome.taken)
  }

  async #isTaken(registration: Registration): Promise<boolean> {
    try {
      return await this.#node.session.isSameLife(registration)
    } catch (error) {
      // The ledger says more than is counted here.
      this.#isInDoubt = true
      throw error
    }
  }

  #grant(count: number): void {
    this.#granted = count
    this.#node.host.permit(count)
    this.#serve()
  }

  /** Says in the store what is wanted here and cannot be had, so that others give back what they do not use. */
  async #tellWants(registration: Registration): Promise<void> {
    const { store, permitWaitMs } = this.#node.settings
    const { held, waiting } = this.#node.host
    const short = this.#isExhausted ? Math.max(0, held + waiting + this.#arriving.length - this.#granted) : 0
    if (short > 0 && !this.#giveUp.isSet) this.#giveUp.set(permitWaitMs)
    if (short === 0) this.#giveUp.clear()
    if (short === this.#told) return
    this.#told = undefined
    const key = this.#node.keys.want(registration.id)
    await store.write([], [short === 0 ? { type: 'delete', key } : { type: 'put', key, value: `${short}`, lease: registration.lease }])
    this.#told = short
  }

  #ledgerChanged(ledger: Ledger): void {
    let sum = 0
    for (const count of Object.values(ledger)) sum += count
    if (sum < this.#node.settings.limit) this.#isExhausted = false
    if (this.#isShort) this.#kick()
  }

  /** Nobody gave anything back in time. */
  #refuse(): void {
    if (!this.#isExhausted || !this.#isShort) return
    this.#gaveUpAt = this.#node.host.clock.now()
    this.#answer({ reason: 'fleet-limit' })
    this.#node.host.noPermits()
    this.#kick()
  }

  #answer(verdict: FleetVerdict): void {
    const arriving = this.#arriving
    this.#arriving = []
    for (const answer of arriving) answer(verdict)
  }
}
