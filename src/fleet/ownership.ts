/**
 * Ownership: each peer is held by one node at a time. A claim is one compare-and-set, and the revision of that write is its
 * fencing number, which no other write has and every later one exceeds.
 */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../machines/domain/shown.ts'
import { ConnectionError } from '../errors.ts'
import type { FleetHost, FleetPeerExplanation, FleetVerdict } from '../runtime/options/fleet-gate.ts'
import type { LinkFence } from '../transports/transport.ts'
import type { FleetSettings } from './fleet-options.ts'
import { type FleetKeys, type OwnerRecord, readRecord } from './keys.ts'
import type { Registration, Session } from './session.ts'
import type { StoreChange, StoreCondition, StoreEntry } from './store.ts'

/** A peer as far as this node has to do with its ownership. */
interface Owned {
  readonly peerId: PeerId
  state: 'claiming' | 'held' | 'releasing'
  /** The claim under way; of a release, what follows it. */
  pending: Promise<LinkFence> | undefined
  fence: LinkFence | undefined
  /** Whether the store says that it is kept, so that others take it over. */
  isKept: boolean
  /** Whether it is to be given back as soon as it is claimed. */
  isUnwanted: boolean
}

/** Who was found to own a peer. */
interface Elsewhere {
  readonly name: string
  readonly fence: number
  readonly at: number
}

/** Who owns a peer. @since 0.2.0 */
export interface PeerOwner {
  /** The node by name, and by the id of its registration. */
  readonly node: string
  readonly id: string
  /** The fencing number of its claim. */
  readonly fence: number
}

/** So many peers that others own are remembered, for `explain`. */
const MAX_ELSEWHERE = 1_024

/** So many writes that give something back are under way at one time. */
const MAX_RELEASES = 64

/** What is asked of the rooms beside this one. */
export interface OwnershipHost {
  /** The node, gone by now, whose kept peer this one is taken over from; undefined: none. */
  heirOf(peerId: PeerId): string | undefined
  /** A peer that was to be taken over is owned by somebody. */
  placed(peerId: PeerId, where: 'here' | 'elsewhere'): void
}

/** What this node owns. */
export class Ownership {
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  readonly #host: FleetHost
  readonly #session: Session
  readonly #rooms: OwnershipHost
  readonly #owned = new Map<PeerId, Owned>()
  readonly #elsewhere = new Map<PeerId, Elsewhere>()
  /** Peers whose last write may or may not have been done. */
  readonly #doubtful = new Set<PeerId>()
  readonly #toRelease: Owned[] = []
  #releasing = 0
  #nonces = 0
  /** Whether the store knows that this node keeps peers. */
  #isKeeper = false
  /** Claims that wait until the node has registered. */
  #waiting: (() => void)[] = []
  /** Peers that another node has taken with a higher fence. */
  handedOver = 0

  constructor(settings: FleetSettings, keys: FleetKeys, host: FleetHost, session: Session, rooms: OwnershipHost) {
    this.#settings = settings
    this.#keys = keys
    this.#host = host
    this.#session = session
    this.#rooms = rooms
  }

  get size(): number {
    return this.#owned.size
  }

  fenceOf(peerId: PeerId): LinkFence | undefined {
    return this.#owned.get(peerId)?.fence
  }

  /** Claims a peer; at once where it is owned already. Rejects with `ERR_OWNED_ELSEWHERE` or `ERR_STORE`. */
  claim(peerId: PeerId): LinkFence | Promise<LinkFence> {
    const owned = this.#owned.get(peerId)
    if (owned === undefined) return this.#begin(peerId, false)
    owned.isUnwanted = false
    if (owned.state === 'held' && owned.fence !== undefined) return owned.fence
    if (owned.state === 'claiming' && owned.pending !== undefined) return owned.pending
    // It is being given back: then it is claimed anew.
    return (owned.pending ?? Promise.resolve()).then(
      () => this.claim(peerId),
      () => this.claim(peerId),
    )
  }

  /** Whether an arriving proven peer may come in; undefined: at once. Never rejects. */
  arriving(peerId: PeerId): undefined | Promise<FleetVerdict | undefined> {
    const owned = this.#owned.get(peerId)
    if (owned?.state === 'held') return undefined
    const claimed = owned === undefined ? this.#begin(peerId, this.#settings.onConflict === 'newest') : this.claim(peerId)
    return Promise.resolve(claimed).then(
      () => undefined,
      (error: unknown) => this.#verdict(error),
    )
  }

  /** A peer has a slot, or has none any more. */
  moved(peerId: PeerId, isHeld: boolean): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined) return
    if (isHeld) {
      owned.isUnwanted = false
      if (owned.state === 'held' && !owned.isKept && this.#host.isKept(peerId)) void this.#keep(owned)
    } else if (!this.#host.isKept(peerId) || !this.#host.isAccepting) this.release(peerId)
  }

  /** Gives a peer back, where nobody here needs it any more. */
  release(peerId: PeerId): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined || this.#host.isHeld(peerId)) return
    if (owned.state === 'claiming') owned.isUnwanted = true
    // With the session everything goes at once.
    if (owned.state !== 'held' || this.#host.isClosing) return
    owned.state = 'releasing'
    this.#toRelease.push(owned)
    this.#releaseNext()
  }

  /** The lease runs: who waited for that claims now. */
  joined(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
    // By `onStoreLost: 'keep'` links have outlived their lease: they are claimed anew, and where others have them, they go.
    for (const peerId of this.#host.heldPeers()) if (!this.#owned.has(peerId)) this.#reclaim(peerId)
  }

  /** Nothing is owned any more. */
  lost(): void {
    for (const owned of this.#owned.values()) owned.fence = undefined
    this.#owned.clear()
    this.#doubtful.clear()
    this.#toRelease.length = 0
    this.#isKeeper = false
  }

  /** Nobody waits any more. */
  stop(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const go of waiting) go()
  }

  /** Another node has taken a peer with a higher fence. */
  taken(peerId: PeerId, by: string, fence: number): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined || owned.state === 'claiming' || (owned.fence?.fence ?? Infinity) >= fence) return
    this.#owned.delete(peerId)
    this.handedOver++
    this.#found(peerId, { id: '', name: by, fence })
    this.#host.close(peerId, this.#ownedElsewhere(peerId, by), 'replaced')
  }

  /** Brings what the store says of kept and of doubtful peers in line with how it is. */
  async tidy(): Promise<void> {
    for (const owned of this.#owned.values()) {
      if (owned.state !== 'held' || this.#host.isClosing) continue
      const isKept = this.#host.isKept(owned.peerId)
      if (!isKept && !this.#host.isHeld(owned.peerId)) this.release(owned.peerId)
      else if (isKept !== owned.isKept && this.#host.isAccepting) await this.#keep(owned)
    }
    for (const peerId of this.#doubtful) await this.#settle(peerId)
  }

  explain(peerId: PeerId): FleetPeerExplanation {
    const owned = this.#owned.get(peerId)
    const fence = owned?.fence === undefined ? {} : { fence: owned.fence.fence }
    if (owned?.state === 'held') return { owner: 'this node', node: this.#settings.name, ...fence }
    if (owned !== undefined) return { owner: owned.state, ...fence }
    const elsewhere = this.#elsewhere.get(peerId)
    if (elsewhere === undefined) return { owner: 'free' }
    return { owner: 'another node', node: elsewhere.name, fence: elsewhere.fence, at: elsewhere.at }
  }

  // Claims.

  #begin(peerId: PeerId, mayTake: boolean): Promise<LinkFence> {
    const owned: Owned = { peerId, state: 'claiming', pending: undefined, fence: undefined, isKept: false, isUnwanted: false }
    this.#owned.set(peerId, owned)
    const pending = this.#claim(owned, mayTake)
    owned.pending = pending
    // Whoever asked hears of it, or has left.
    pending.catch(() => {})
    return pending
  }

  async #claim(owned: Owned, mayTake: boolean): Promise<LinkFence> {
    const { peerId } = owned
    try {
      const registration = await this.#registration(peerId)
      const fence = await this.#write(owned, registration, mayTake)
      if (this.#session.current !== registration || this.#owned.get(peerId) !== owned) throw this.#storeAway(peerId)
      const held: LinkFence = { fleet: this.#settings.fleet, fence }
      owned.fence = held
      owned.state = 'held'
      owned.pending = undefined
      this.#elsewhere.delete(peerId)
      this.#rooms.placed(peerId, 'here')
      if (owned.isUnwanted) this.release(peerId)
      return held
    } catch (error) {
      if (this.#owned.get(peerId) === owned) this.#owned.delete(peerId)
      throw error
    }
  }

  /** The registration to claim under. While it is not there for the first time, claims wait; after a loss they are refused. */
  async #registration(peerId: PeerId): Promise<Registration> {
    if (this.#session.current === undefined && this.#session.state === 'joining') {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    const registration = this.#session.current
    if (registration === undefined) throw this.#storeAway(peerId)
    return registration
  }

  async #write(owned: Owned, registration: Registration, mayTake: boolean): Promise<number> {
    const { peerId } = owned
    const { store, name } = this.#settings
    const key = this.#keys.owner(peerId)
    const record: OwnerRecord = { id: registration.id, name, nonce: `${++this.#nonces}` }
    const put: StoreChange = { type: 'put', key, value: JSON.stringify(record), lease: registration.lease }
    const bornAsKnown: StoreCondition = { key: this.#keys.born, revision: registration.born }
    const isKept = this.#host.isKept(peerId)
    let found: StoreEntry | undefined
    // A claim that fails because the peer was set free meanwhile is made again.
    for (let attempts = 0; attempts < 4; attempts++) {
      const changes = [put, ...(isKept ? this.#keptChanges(peerId, registration) : []), ...this.#inherited(peerId), ...this.#told(found, owned)]
      let written
      try {
        written = await store.write([{ key, revision: found?.revision ?? 0 }, bornAsKnown], changes)
      } catch (error) {
        const fence = await this.#readBack(peerId, record, error)
        if (isKept) owned.isKept = true
        return fence
      }
      if (written.done) {
        owned.isKept = isKept
        return written.revision
      }
      if (written.leaseEnded) this.#session.lose('its lease has ended in the store')
      const other = written.found.find((entry) => entry.key === key)
      const owner = readRecord<OwnerRecord>(other?.value)
      // A claim of ours whose answer never came, and which was given up: what it wrote stands.
      if (other !== undefined && owner?.id === registration.id) found = other
      else if (other === undefined) {
        if (!written.found.some((entry) => entry.key === bornAsKnown.key && entry.revision === registration.born)) throw this.#storeAway(peerId)
        found = undefined
      } else if (mayTake) found = other
      else {
        this.#rooms.placed(peerId, 'elsewhere')
        this.#found(peerId, { id: owner?.id ?? '', name: owner?.name ?? '', fence: other.revision })
        throw this.#ownedElsewhere(peerId, owner?.name ?? '?')
      }
    }
    throw this.#storeAway(peerId)
  }

  /** The answer to a write never came: what stands there says whether it was done. */
  async #readBack(peerId: PeerId, { id, nonce }: OwnerRecord, cause: unknown): Promise<number> {
    this.#doubtful.add(peerId)
    const entry = await this.#settings.store.get(this.#keys.owner(peerId)).catch(() => {
      throw cause
    })
    const owner = readRecord<OwnerRecord>(entry?.value)
    // A write that is still on its way may land after this: it stays in doubt.
    if (entry === undefined || owner === undefined) throw cause
    this.#doubtful.delete(peerId)
    if (owner.id === id && owner.nonce === nonce) return entry.revision
    if (owner.id === id) throw cause
    this.#found(peerId, { id: owner.id ?? '', name: owner.name ?? '', fence: entry.revision })
    throw this.#ownedElsewhere(peerId, owner.name ?? '?')
  }

  /** Tells the owner that its peer is taken, in the write that takes it. */
  #told(found: StoreEntry | undefined, { peerId }: Owned): readonly StoreChange[] {
    const owner = readRecord<OwnerRecord>(found?.value)
    const registration = this.#session.current
    if (owner?.id === undefined || registration === undefined || owner.id === registration.id) return []
    const value = JSON.stringify({ name: this.#settings.name })
    return [
      { type: 'put', key: this.#keys.told(owner.id, peerId), value, lease: registration.lease },
      { type: 'delete', key: this.#keys.kept(owner.id, peerId) },
    ]
  }

  #inherited(peerId: PeerId): readonly StoreChange[] {
    const from = this.#rooms.heirOf(peerId)
    return from === undefined ? [] : [{ type: 'delete', key: this.#keys.kept(from, peerId) }]
  }

  #reclaim(peerId: PeerId): void {
    this.#begin(peerId, false).catch((error: unknown) => {
      if (ConnectionError.is(error) && error.code === 'ERR_OWNED_ELSEWHERE') {
        this.handedOver++
        this.#host.close(peerId, error, 'replaced')
      }
    })
  }

  // Keeping.

  #keptChanges(peerId: PeerId, { id }: Registration): readonly StoreChange[] {
    const value = JSON.stringify({ name: this.#settings.name })
    const kept: StoreChange = { type: 'put', key: this.#keys.kept(id, peerId), value }
    if (this.#isKeeper) return [kept]
    return [kept, { type: 'put', key: this.#keys.keeper(id), value }]
  }

  async #keep(owned: Owned): Promise<void> {
    const registration = this.#session.current
    const { peerId, fence } = owned
    if (registration === undefined || fence === undefined) return
    const isKept = this.#host.isKept(peerId)
    const before = owned.isKept
    // What is under way counts as done, so that it is not begun twice; the next look corrects it.
    owned.isKept = isKept
    try {
      const changes: readonly StoreChange[] = isKept
        ? this.#keptChanges(peerId, registration)
        : [{ type: 'delete', key: this.#keys.kept(registration.id, peerId) }]
      const written = await this.#settings.store.write([{ key: this.#keys.owner(peerId), revision: fence.fence }], changes)
      if (written.done && isKept) this.#isKeeper = true
      if (!written.done) this.#mismatched(owned, written.found)
    } catch {
      owned.isKept = before
    }
  }

  // Releases.

  #releaseNext(): void {
    while (this.#releasing < MAX_RELEASES) {
      const owned = this.#toRelease.shift()
      if (owned === undefined) return
      this.#releasing++
      const pending = this.#release(owned).finally(() => {
        this.#releasing--
        this.#releaseNext()
      })
      owned.pending = pending
      pending.catch(() => {})
    }
  }

  /** Rejects always: whoever waits for the release claims anew. */
  async #release(owned: Owned): Promise<LinkFence> {
    const { peerId, fence, isKept } = owned
    const registration = this.#session.current
    try {
      if (registration !== undefined && fence !== undefined) {
        const key = this.#keys.owner(peerId)
        const changes: StoreChange[] = [{ type: 'delete', key }]
        // A node that takes no new work leaves its kept peers to the others.
        if (isKept && this.#host.isAccepting) changes.push({ type: 'delete', key: this.#keys.kept(registration.id, peerId) })
        await this.#settings.store.write([{ key, revision: fence.fence }], changes)
      }
    } catch {
      this.#doubtful.add(peerId)
    } finally {
      if (this.#owned.get(peerId) === owned) this.#owned.delete(peerId)
    }
    throw this.#storeAway(peerId)
  }

  /** Gives back what a write of ours has left behind whose answer never came. */
  async #settle(peerId: PeerId): Promise<void> {
    const registration = this.#session.current
    if (registration === undefined || this.#owned.has(peerId)) return void this.#doubtful.delete(peerId)
    const { store } = this.#settings
    const key = this.#keys.owner(peerId)
    try {
      const entry = await store.get(key)
      const isOurs = readRecord<OwnerRecord>(entry?.value)?.id === registration.id
      if (entry !== undefined && isOurs && !this.#owned.has(peerId)) {
        const kept: StoreChange = { type: 'delete', key: this.#keys.kept(registration.id, peerId) }
        await store.write([{ key, revision: entry.revision }], [{ type: 'delete', key }, kept])
      }
      this.#doubtful.delete(peerId)
    } catch {
      // It is looked at again with the next renewal.
    }
  }

  /** Our own claim does not stand any more, and nobody has told us. */
  #mismatched({ peerId, fence }: Owned, found: readonly StoreEntry[]): void {
    const entry = found.find(({ key }) => key === this.#keys.owner(peerId))
    const owner = readRecord<OwnerRecord>(entry?.value)
    if (entry === undefined) return void (fence !== undefined && this.#session.lose('its claims are gone from the store'))
    this.taken(peerId, owner?.name ?? '?', entry.revision)
  }

  #found(peerId: PeerId, { name, fence }: { readonly id: string; readonly name: string; readonly fence: number }): void {
    const { clock } = this.#host
    this.#elsewhere.delete(peerId)
    this.#elsewhere.set(peerId, { name, fence, at: clock.instant(clock.now()) })
    if (this.#elsewhere.size > MAX_ELSEWHERE) for (const oldest of this.#elsewhere.keys()) return void this.#elsewhere.delete(oldest)
  }

  // Errors.

  #verdict(error: unknown): FleetVerdict {
    if (ConnectionError.is(error) && error.code === 'ERR_OWNED_ELSEWHERE') {
      return { reason: 'owned-elsewhere', ...(error.node === undefined ? {} : { said: error.node }) }
    }
    return { reason: 'fleet-away' }
  }

  #ownedElsewhere(peerId: PeerId, node: string): ConnectionError {
    return new ConnectionError(
      'ERR_OWNED_ELSEWHERE',
      `'${shownPeerId(peerId)}' is owned by node '${node}' of the fleet; ask that node, or disconnect the peer there`,
      { peerId, node },
    )
  }

  #storeAway(peerId: PeerId): ConnectionError {
    const { storeError, state } = this.#session
    const why = storeError === undefined ? `this node is not registered (${state})` : storeError
    return new ConnectionError(
      'ERR_STORE',
      `'${shownPeerId(peerId)}' cannot be claimed for this node of the fleet: ${why}; it is tried again when the store answers`,
      { peerId, reason: 'unclaimed' },
    )
  }
}
