/**
 * A session: the leased record of one node. What the node owns falls with it, and the node lets go of all of it before the
 * lease can have ended.
 *
 * The store keeps the lease for `leaseMs` and the lock-delay after the last renewal arrived there. The node counts `leaseMs`
 * alone, from when it sent that renewal, by its own clocks: the steady one, and the line of time that leaps where the process
 * or the machine was suspended. No instant of one machine is compared with one of another.
 */
import { ConnectionError } from '../errors.ts'
import type { FleetHost, FleetState } from '../runtime/options/fleet-gate.ts'
import { Alarm, Sleep, within } from './alarm.ts'
import type { FleetSettings } from './fleet-options.ts'
import { type FleetKeys, type NodeRecord, readRecord } from './keys.ts'

/** One registration of a node. A node that registers again is another one. */
export interface Registration {
  /** Tells this registration from every other one of any node. */
  readonly id: string
  readonly lease: string
  /** The revision of the node's record: its epoch. */
  readonly epoch: number
  /** The revision of the record of the data's life: a write that depends on it cannot be done in another life. */
  readonly born: number
}

/** Who depends on a session. */
export interface SessionEvents {
  /** The lease runs, and claims may be made. */
  joined(registration: Registration): void
  /** The lease is over, or soon could be: nothing of it holds any more. */
  lost(error: ConnectionError): void
}

/** Where both clocks stand. */
interface Mark {
  readonly steady: number
  readonly line: number
}

/** What part of the lease is kept back for letting go of what is owned. */
const MARGIN = 1 / 20

const MAX_ATTEMPTS = 10

const OTHER_DATA = 'the store has lost its data, or is another one'

/** The session of one node. */
export class Session {
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  readonly #host: FleetHost
  readonly #events: SessionEvents
  readonly #deadline: Alarm
  readonly #pause: Sleep
  readonly #left = new AbortController()
  #registration: Registration | undefined = undefined
  #isJoined = false
  #wasLost = false
  #isAway = false
  #life: string | undefined = undefined
  /** A lease of which nothing is used, though something may stand under it: of a session that is over, or of a record that may not be written. */
  #staleLease: string | undefined = undefined
  /** The lease counts as over from here on. */
  #ends: Mark = { steady: -Infinity, line: -Infinity }
  #running: Promise<void> | undefined = undefined
  /** Why the store did not answer last; undefined: it does. */
  storeError: string | undefined = undefined

  constructor(settings: FleetSettings, keys: FleetKeys, host: FleetHost, events: SessionEvents) {
    this.#settings = settings
    this.#keys = keys
    this.#host = host
    this.#events = events
    this.#deadline = new Alarm(host.clock, () => this.#look())
    this.#pause = new Sleep(host.clock)
  }

  get state(): FleetState {
    if (this.#hasLeft) return 'left'
    if (this.#registration !== undefined && this.#isJoined) return this.#isAway ? 'store away' : 'joined'
    if (!this.#wasLost) return 'joining'
    return this.#settings.onStoreLost === 'keep' ? 'unfenced' : 'lost'
  }

  /** The registration under which claims can be made; undefined: there is none now. */
  get current(): Registration | undefined {
    return this.#isJoined && this.isCurrent() ? this.#registration : undefined
  }

  /** Until when the lease runs, on the line of time; undefined: there is none. */
  get leaseUntil(): number | undefined {
    return this.#registration === undefined ? undefined : this.#ends.line
  }

  /** Whether the lease runs, looked at now. Where it does not any more, everything has been let go of when this returns. */
  isCurrent(): boolean {
    if (this.#registration === undefined) return false
    const { clock } = this.#host
    if (clock.steady() < this.#ends.steady && clock.now() < this.#ends.line) return true
    this.lose('its lease may be over: the store did not renew it in time')
    return false
  }

  /** Asks whether the store's data is that in which this node has registered. Rejects with `ERR_STORE`. */
  async isSameLife(registration: Registration): Promise<boolean> {
    const life = await this.#settings.store.life(this.#left.signal)
    if (this.#registration !== registration) return false
    if (life !== this.#life) this.lose(OTHER_DATA)
    return life === this.#life && this.#registration === registration
  }

  get #hasLeft(): boolean {
    return this.#left.signal.aborted
  }

  /** Registers, and goes on doing so until it leaves. */
  start(): void {
    this.#running ??= this.#run()
  }

  /** The session is over. */
  lose(why: string): void {
    if (this.#registration === undefined) return
    this.#staleLease = this.#registration.lease
    this.#registration = undefined
    this.#isJoined = false
    this.#wasLost = true
    this.#deadline.clear()
    const { name, store } = this.#settings
    this.#events.lost(
      new ConnectionError('ERR_STORE', `node '${name}' has lost what it owned in the fleet's store (${store.name}): ${why}`, {
        reason: 'lease-over',
      }),
    )
    this.#pause.end()
  }

  /** Ends the renewal, then the lease: what was owned is free at once. Never rejects. */
  async leave(): Promise<void> {
    const registration = this.#registration
    this.#left.abort()
    this.#registration = undefined
    this.#isJoined = false
    this.#deadline.clear()
    this.#pause.end()
    // A renewal that is still on its way revives nothing.
    if (registration !== undefined) await this.#revoke(registration.lease)
    await this.#running
    if (this.#staleLease !== undefined) await this.#revoke(this.#staleLease)
  }

  async #run(): Promise<void> {
    for (let failures = 0; !this.#hasLeft; failures++) {
      try {
        await this.#register()
        failures = 0
        await this.#renew()
      } catch (error) {
        this.#failed(error)
      }
      if (this.#hasLeft) return
      const { leaseMs } = this.#settings
      await this.#pause.for((leaseMs / 6) * Math.min(1, (failures + 1) / 8) * (0.5 + this.#host.random()))
    }
  }

  async #register(): Promise<void> {
    const { store, leaseMs, lockDelayMs, name } = this.#settings
    const { signal } = this.#left
    // What an earlier registration owned has been let go of: nobody has to wait for its lease to end.
    if (this.#staleLease !== undefined) await store.revoke(this.#staleLease, signal)
    this.#staleLease = undefined
    const life = await store.life(signal)
    const born = await this.#beBorn(life)
    this.#life = life
    const sentAt = this.#mark()
    const lease = await store.grant(leaseMs + lockDelayMs, signal)
    // Of two registrations under one name, be it with the same seed, each has a lease of its own.
    const id = encodeURIComponent(`${name}.${lease}`)
    // Until it is known that the record is written, it may be: a node that nobody is would be given peers.
    this.#staleLease = lease
    const record: NodeRecord = { name, since: this.#host.clock.instant(sentAt.line) }
    const written = await store.write(
      [
        { key: this.#keys.born, revision: born },
        { key: this.#keys.node(id), revision: 0 },
      ],
      [{ type: 'put', key: this.#keys.node(id), value: JSON.stringify(record), lease }],
      signal,
    )
    if (!written.done || this.#hasLeft) return
    this.#staleLease = undefined
    this.#registration = { id, lease, epoch: written.revision, born }
    this.#extend(sentAt)
  }

  /** Finds the record of the data's life, or makes it. Where data may have been lost, nothing is granted for one full lease. */
  async #beBorn(life: string): Promise<number> {
    const { store, leaseMs, lockDelayMs, isNew } = this.#settings
    const { signal } = this.#left
    const key = this.#keys.born
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const entry = await store.get(key, signal)
      if (entry !== undefined && readRecord<{ life: string }>(entry.value)?.life === life) return entry.revision
      const mayStart = isNew && entry === undefined && this.#life === undefined
      const lease = mayStart ? undefined : await store.grant(leaseMs + lockDelayMs, signal)
      const written = await store.write(
        [{ key, revision: entry?.revision ?? 0 }],
        [
          { type: 'put', key, value: JSON.stringify({ life }) },
          ...(lease === undefined ? [] : [{ type: 'put', key: this.#keys.quarantine, value: life, lease } as const]),
        ],
        signal,
      )
      if (written.done) return written.revision
    }
    throw new Error('other nodes register all the time')
  }

  /** Renews at a third of the lease, until the session is over. */
  async #renew(): Promise<void> {
    const { leaseMs } = this.#settings
    const registration = this.#registration
    if (registration === undefined) return
    for (let isNew = true; this.#registration === registration; isNew = false) {
      try {
        if (!isNew) await this.#renewOnce(registration)
        if (!this.#isJoined) await this.#join()
      } catch (error) {
        this.#failed(error)
      }
      if (this.#registration !== registration) return
      await this.#pause.for(this.#isJoined && !this.#isAway ? leaseMs / 3 : leaseMs / 10)
    }
  }

  async #renewOnce(registration: Registration): Promise<void> {
    const { store, leaseMs } = this.#settings
    const { clock } = this.#host
    const sentAt = this.#mark()
    const [isExtended, life] = await within(clock, leaseMs / 3, { store: store.name, left: this.#left.signal }, (signal) =>
      Promise.all([store.renew(registration.lease, signal), store.life(signal)]),
    )
    if (this.#registration !== registration) return
    this.#isAway = false
    this.storeError = undefined
    if (life !== this.#life) this.lose(OTHER_DATA)
    else if (isExtended) this.#extend(sentAt)
    else this.lose('its lease has ended in the store')
  }

  /** Claims may be made, unless the store has lost its data a short while ago. */
  async #join(): Promise<void> {
    const registration = this.#registration
    const quarantine = await this.#settings.store.get(this.#keys.quarantine, this.#left.signal)
    if (quarantine !== undefined || registration === undefined || this.#registration !== registration || !this.isCurrent()) return
    this.#isJoined = true
    this.#isAway = this.#wasLost = false
    this.storeError = undefined
    this.#events.joined(registration)
  }

  #extend(sentAt: Mark): void {
    const { leaseMs } = this.#settings
    const ownMs = leaseMs * (1 - MARGIN)
    this.#ends = { steady: sentAt.steady + ownMs, line: sentAt.line + ownMs }
    this.#arm()
  }

  #look(): void {
    if (this.isCurrent()) this.#arm()
  }

  #arm(): void {
    const { steady, line } = this.#mark()
    this.#deadline.set(Math.max(0, Math.min(this.#ends.steady - steady, this.#ends.line - line)))
  }

  #mark(): Mark {
    const { clock } = this.#host
    return { steady: clock.steady(), line: clock.now() }
  }

  #failed(error: unknown): void {
    // What was on its way when the node left is cut short, and nobody's fault.
    if (this.#hasLeft) return
    this.#isAway = true
    this.storeError = error instanceof Error ? error.message : String(error)
    // What the store cannot be asked is shown by `explain`; what is wrong with our own questions is somebody's fault.
    if (!ConnectionError.is(error)) this.#host.report(error)
  }

  async #revoke(lease: string): Promise<void> {
    try {
      await this.#settings.store.revoke(lease)
    } catch {
      // It ends by itself.
    }
  }
}
