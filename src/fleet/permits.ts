/**
 * Permits: the fleet's limit, leased in blocks. A ledger in the store says how many each node has; it is changed by
 * compare-and-set alone, and never adds up to more than the limit. What a node counts itself is at most what the ledger says
 * of it: it counts a block once the write is known to be done, and stops counting it before the write that gives it back.
 *
 * The block of a node that is gone is free: its record is absent from the store only once it holds nothing any more.
 */
import type { FleetHost, FleetVerdict } from '../runtime/options/fleet-gate.ts'
import { Alarm } from './alarm.ts'
import type { FleetSettings } from './fleet-options.ts'
import { type FleetKeys, type Ledger, readLedger } from './keys.ts'
import { Followed, type Nodes } from './nodes.ts'
import type { Registration, Session } from './session.ts'

/** A compare-and-set that others were faster at is tried so often, each time a little later. */
const MAX_ATTEMPTS = 12

/** The first pause between two attempts, in milliseconds; each further one is twice as long, at random. */
const PAUSE_MS = 2

/** So many nodes that are gone are struck from the ledger in one write: engines bound how much one may ask. */
const MAX_STRUCK = 64

/** The permits of one node. */
export class Permits {
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  readonly #host: FleetHost
  readonly #session: Session
  readonly #nodes: Nodes
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
  #isBusy = false
  #isAsked = false
  /** What the store says that we want. */
  #told = 0
  #gaveUpAt = -Infinity

  constructor(settings: FleetSettings, keys: FleetKeys, host: FleetHost, session: Session, nodes: Nodes) {
    this.#settings = settings
    this.#keys = keys
    this.#host = host
    this.#session = session
    this.#nodes = nodes
    this.#giveUp = new Alarm(host.clock, () => this.#refuse())
    this.#retry = new Alarm(host.clock, () => this.#kick())
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
        if (id === this.#session.current?.id) return
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
    const { state } = this.#session
    if (state === 'left' || state === 'lost' || state === 'unfenced') return false
    const { clock, limit } = this.#host
    return this.#granted < limit && !(this.#isExhausted && clock.now() - this.#gaveUpAt < this.#settings.permitWaitMs)
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
    this.#isExhausted = false
    this.#told = 0
    // What is held all the same, by `onStoreLost: 'keep'`, is counted by no ledger yet.
    this.#granted = 0
    this.#kick()
  }

  /** @param isKept whether links are kept that no permit stands for any more */
  lost(isKept: boolean): void {
    this.#granted = 0
    this.#giveUp.clear()
    this.#host.permit(isKept ? this.#host.held : 0)
    if (!isKept) this.#host.noPermits()
    this.#answer({ reason: 'fleet-away' })
  }

  /** Somebody waits for a permit, or has taken or left one. */
  look(): void {
    this.#kick()
  }

  /** A slot was taken or left: where few permits are spare, or others want them, something is done. It is on the path of every link. */
  moved(): void {
    const spare = this.#granted - this.#host.held
    if (this.#arriving.length > 0) this.#serve()
    if (this.#wantedBy.size > 0 ? spare > 0 : spare < this.#settings.block / 2 && !this.#isExhausted) this.#kick()
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
    this.#host.clock.setTimeout(() => this.#promised--, 0)
  }

  get #spare(): number {
    return this.#granted - this.#host.held - this.#promised
  }

  #serve(): void {
    while (this.#arriving.length > 0 && this.#spare > 0) {
      this.promise()
      this.#arriving.shift()?.(undefined)
    }
  }

  /** How many more are wanted now; below 0, how many are given back. */
  get #need(): number {
    const { held, waiting, limit } = this.#host
    const wanted = held + waiting + this.#promised + this.#arriving.length
    const room = Math.max(0, Math.min(limit, this.#settings.limit) - this.#granted)
    if (wanted > this.#granted) return Math.min(room, Math.max(this.#settings.block, wanted - this.#granted))
    const spare = this.#granted - wanted
    let othersWant = 0
    for (const [id, count] of this.#wantedBy) if (this.#nodes.has(id)) othersWant += count
    if (othersWant > 0) return -Math.min(spare, othersWant)
    // The next block is leased before this one is used up, so that admission stays local.
    const isLow = spare < this.#settings.block / 2
    return isLow && !this.#isExhausted ? Math.min(room, this.#settings.block) : 0
  }

  /** Whether somebody lacks a permit just now. */
  get #isShort(): boolean {
    const { held, waiting } = this.#host
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
        const registration = this.#session.current
        if (registration === undefined) return
        const need = this.#need
        if (need !== 0) await this.#change(registration, need)
        if (this.#session.current !== registration) return
        await this.#tellWants(registration)
      }
    } catch (error) {
      // The store does not answer: it is asked again.
      if (this.#session.state !== 'left') this.#retry.set(this.#settings.leaseMs / 10)
      void error
    } finally {
      this.#isBusy = false
      if (this.#isAsked && this.#session.current !== undefined) this.#kick()
    }
  }

  /** Takes a block, or gives some back. */
  async #change(registration: Registration, need: number): Promise<void> {
    const { store, limit } = this.#settings
    const { id, epoch, born } = registration
    const isTaking = need > 0
    if (!isTaking) this.#grant(this.#granted + need)
    const alive = new Set<string>()
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const entry = await store.get(this.#keys.permits)
      if (this.#session.current !== registration) return
      const ledger = readLedger(entry?.value)
      const others = Object.entries(ledger).filter(([other]) => other !== id)
      const unseen = others.filter(([other]) => !this.#nodes.has(other) && !alive.has(other)).map(([other]) => other)
      const gone = unseen.slice(0, MAX_STRUCK)
      const living = others.filter(([other]) => !gone.includes(other))
      const free = limit - this.#granted - living.reduce((sum, [, count]) => sum + count, 0)
      const taken = isTaking ? Math.max(0, Math.min(need, free)) : 0
      if (isTaking && taken === 0) return void (this.#isExhausted = true)
      const written = await store.write(
        [
          { key: this.#keys.permits, revision: entry?.revision ?? 0 },
          { key: this.#keys.node(id), revision: epoch },
          { key: this.#keys.born, revision: born },
          ...gone.map((other) => ({ key: this.#keys.node(other), revision: 0 })),
        ],
        [{ type: 'put', key: this.#keys.permits, value: JSON.stringify(Object.fromEntries([...living, [id, this.#granted + taken]])) }],
      )
      if (this.#session.current !== registration) return
      if (written.done) {
        this.#isExhausted = isTaking && taken < need
        if (taken > 0) this.#grant(this.#granted + taken)
        return
      }
      for (const { key } of written.found) if (key.startsWith(this.#keys.nodes)) alive.add(key.slice(this.#keys.nodes.length))
      await this.#pause(PAUSE_MS * 2 ** Math.min(attempts, 6) * this.#host.random())
    }
    this.#retry.set(PAUSE_MS * 2 ** 7)
  }

  #grant(count: number): void {
    this.#granted = count
    this.#host.permit(count)
    this.#serve()
  }

  /** Says in the store what is wanted here and cannot be had, so that others give back what they do not use. */
  async #tellWants(registration: Registration): Promise<void> {
    const { store, permitWaitMs } = this.#settings
    const { held, waiting } = this.#host
    const short = this.#isExhausted ? Math.max(0, held + waiting + this.#arriving.length - this.#granted) : 0
    if (short > 0 && !this.#giveUp.isSet) this.#giveUp.set(permitWaitMs)
    if (short === 0) this.#giveUp.clear()
    if (short === this.#told) return
    this.#told = short
    const key = this.#keys.want(registration.id)
    await store.write([], [short === 0 ? { type: 'delete', key } : { type: 'put', key, value: `${short}`, lease: registration.lease }])
  }

  #ledgerChanged(ledger: Ledger): void {
    let sum = 0
    for (const count of Object.values(ledger)) sum += count
    if (sum < this.#settings.limit) this.#isExhausted = false
    if (this.#isShort) this.#kick()
  }

  /** Nobody gave anything back in time. */
  #refuse(): void {
    if (!this.#isExhausted || !this.#isShort) return
    this.#gaveUpAt = this.#host.clock.now()
    this.#answer({ reason: 'fleet-limit' })
    this.#host.noPermits()
    this.#kick()
  }

  #answer(verdict: FleetVerdict): void {
    const arriving = this.#arriving
    this.#arriving = []
    for (const answer of arriving) answer(verdict)
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => new Alarm(this.#host.clock, resolve).set(ms))
  }
}
