/**
 * Ownership: each peer is held by one node at a time. A claim is one compare-and-set, and the revision of that write is its
 * fencing number, which no other write has and every later one exceeds.
 */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { ConnectionError } from '../errors.ts'
import type { FleetPeerExplanation, FleetVerdict } from '../runtime/options/fleet-gate.ts'
import type { LinkFence } from '../transports/transport.ts'
import { Claims, type ClaimsHost } from './claims.ts'
import { Elsewhere, unclaimedError, verdictOf } from './elsewhere.ts'
import { type OwnerRecord, readRecord } from './keys.ts'
import { newOwned, type Owned, Releases } from './owned.ts'
import type { Registration } from './session.ts'
import type { StoreEntry } from './store.ts'
import type { NodeParts } from './node-parts.ts'
import { TombstoneMap } from '../runtime/collections/tombstone-map.ts'

/** What this node owns. */
export class Ownership {
  readonly #node: NodeParts
  readonly #rooms: ClaimsHost
  readonly #elsewhere: Elsewhere
  readonly #claims: Claims
  readonly #owned = new TombstoneMap<PeerId, Owned>()
  readonly #releases = new Releases((owned) => this.#release(owned))
  /** Claims that wait until the node has registered. */
  #waiting: (() => void)[] = []
  /** Peers that another node has taken with a higher fence. */
  handedOver = 0

  constructor(node: NodeParts, rooms: ClaimsHost) {
    this.#node = node
    this.#rooms = rooms
    this.#elsewhere = new Elsewhere(node.host)
    this.#claims = new Claims(node, this.#elsewhere, rooms)
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
    if (owned.claiming !== undefined) return owned.claiming
    // It is being given back: then it is claimed anew.
    return Promise.resolve(owned.releasing).then(() => this.claim(peerId))
  }

  /** Whether an arriving proven peer may come in; undefined: at once. Never rejects. */
  arriving(peerId: PeerId): undefined | Promise<FleetVerdict | undefined> {
    const owned = this.#owned.get(peerId)
    if (owned?.state === 'held') return undefined
    const claimed = owned === undefined ? this.#begin(peerId, this.#node.settings.onConflict === 'newest') : this.claim(peerId)
    return Promise.resolve(claimed).then(() => undefined, verdictOf)
  }

  /** A peer has a slot, or has none any more. */
  moved(peerId: PeerId, isHeld: boolean): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined) return
    if (isHeld) {
      owned.isUnwanted = false
      if (owned.state === 'held' && owned.isKept !== true && this.#node.host.isKept(peerId)) void this.#keep(owned)
    } else if (!this.#node.host.isKept(peerId) || !this.#node.host.isAccepting) this.release(peerId)
  }

  /** Gives a peer back, where nobody here needs it any more. */
  release(peerId: PeerId): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined || this.#node.host.isHeld(peerId)) return
    if (owned.state === 'claiming') owned.isUnwanted = true
    // With the session everything goes at once.
    if (owned.state !== 'held' || this.#node.host.isClosing) return
    owned.state = 'releasing'
    owned.releasing = this.#releases.add(owned)
  }

  /** The lease runs: who waited for that claims now. */
  joined(): void {
    this.stop()
    this.#reclaimHeld()
  }

  /** Nothing is owned any more. */
  lost(): void {
    for (const owned of this.#owned.values()) owned.fence = undefined
    this.#owned.clear()
    this.#claims.lost()
    this.#releases.giveUp()
  }

  /** Nobody waits for the registration any more. */
  stop(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  /** Another node has taken a peer with a higher fence. */
  taken(peerId: PeerId, by: string, fence: number): void {
    const owned = this.#owned.get(peerId)
    if (owned === undefined) return
    // The claim may be older than that, and its answer under way still.
    if (owned.state === 'claiming') return void (owned.taken = { by, fence })
    if ((owned.fence?.fence ?? Infinity) >= fence) return
    this.#owned.delete(peerId)
    const registration = this.#node.session.current
    const isKept = this.#node.host.isKept(peerId)
    this.#handOver(peerId, this.#elsewhere.found(peerId, by, fence))
    if (registration === undefined) return
    if (isKept) this.#rooms.passOn(peerId, registration.id)
    else if (owned.isKept !== false) void this.#claims.forgetKept(peerId, registration)
  }

  /** A peer that is held here is kept from now on, in place of another node. */
  inherit(peerId: PeerId): void {
    const owned = this.#owned.get(peerId)
    if (owned?.state === 'held') void this.#keep(owned)
  }

  /** Brings what the store says of kept and of doubtful peers in line with how it is. */
  async tidy(): Promise<void> {
    for (const owned of this.#owned.values()) {
      if (owned.state !== 'held' || this.#node.host.isClosing) continue
      const isKept = this.#node.host.isKept(owned.peerId)
      if (!isKept && !this.#node.host.isHeld(owned.peerId)) this.release(owned.peerId)
      else if (this.#node.host.isAccepting && this.#isKeptOtherwise(owned) && !(await this.#keep(owned))) break
    }
    this.#reclaimHeld()
    await this.#claims.settle((peerId) => this.#owned.has(peerId))
  }

  explain(peerId: PeerId): FleetPeerExplanation {
    const owned = this.#owned.get(peerId)
    if (owned === undefined) return this.#elsewhere.explain(peerId)
    const fence = owned.fence === undefined ? {} : { fence: owned.fence.fence }
    return owned.state === 'held' ? { owner: 'this node', node: this.#node.settings.name, ...fence } : { owner: owned.state, ...fence }
  }

  #begin(peerId: PeerId, mayTake: boolean): Promise<LinkFence> {
    const owned = newOwned(peerId)
    this.#owned.set(peerId, owned)
    const claiming = this.#claim(owned, mayTake)
    owned.claiming = claiming
    // Whoever asked hears of it, or has left.
    claiming.catch(() => {})
    return claiming
  }

  async #claim(owned: Owned, mayTake: boolean): Promise<LinkFence> {
    const { peerId } = owned
    try {
      const registration = await this.#registration(peerId)
      const { fence, isKept, from } = await this.#claims.make(peerId, registration, mayTake)
      // What was claimed under a session that is over is not owned.
      if (this.#node.session.current !== registration || this.#owned.get(peerId) !== owned) throw unclaimedError(peerId, this.#node.session)
      if (owned.taken !== undefined && owned.taken.fence > fence) throw this.#elsewhere.found(peerId, owned.taken.by, owned.taken.fence)
      const held: LinkFence = { fleet: this.#node.settings.fleet, fence }
      owned.fence = held
      owned.isKept = isKept
      owned.state = 'held'
      owned.claiming = undefined
      this.#elsewhere.forget(peerId)
      if (from !== undefined && this.#rooms.heirOf(peerId) === from) this.#rooms.inherited(peerId)
      if (owned.isUnwanted) this.release(peerId)
      else if (this.#isKeptOtherwise(owned)) void this.#keep(owned)
      return held
    } catch (error) {
      if (this.#owned.get(peerId) === owned) this.#owned.delete(peerId)
      throw error
    }
  }

  /** The registration to claim under. While it is not there for the first time, claims wait; after a loss they are refused. */
  async #registration(peerId: PeerId): Promise<Registration> {
    if (this.#node.session.current === undefined && this.#node.session.state === 'joining') {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    const registration = this.#node.session.current
    if (registration === undefined) throw unclaimedError(peerId, this.#node.session)
    return registration
  }

  /** By `onStoreLost: 'keep'` links outlive their lease: they are claimed anew, and where others have them, they go. */
  #reclaimHeld(): void {
    if (this.#node.settings.onStoreLost !== 'keep') return
    for (const peerId of this.#node.host.heldPeers()) if (!this.#owned.has(peerId)) this.#reclaim(peerId)
  }

  #reclaim(peerId: PeerId): void {
    this.#begin(peerId, false).catch((error: unknown) => {
      if (ConnectionError.is(error) && error.code === 'ERR_OWNED_ELSEWHERE') this.#handOver(peerId, error)
    })
  }

  #handOver(peerId: PeerId, error: ConnectionError): void {
    this.handedOver++
    this.#node.host.close(peerId, error, 'replaced')
  }

  /** Whether the store does not say yet how a peer is kept here, and instead of whom. */
  #isKeptOtherwise({ peerId, isKept }: Owned): boolean {
    const isKeptNow = this.#node.host.isKept(peerId)
    return isKeptNow !== isKept || (isKeptNow && this.#rooms.heirOf(peerId) !== undefined)
  }

  /** Writes how a peer is kept. Gives whether the store answered; what was not answered is not known, and written again by the next look. */
  async #keep(owned: Owned): Promise<boolean> {
    const registration = this.#node.session.current
    const { peerId, fence } = owned
    if (registration === undefined || fence === undefined || owned.isKeeping) return true
    const isKept = this.#node.host.isKept(peerId)
    const from = isKept ? this.#rooms.heirOf(peerId) : undefined
    owned.isKeeping = true
    owned.isKept = undefined
    try {
      const found = await this.#claims.keep(peerId, fence.fence, { isKept, from }, registration)
      owned.isKept = isKept
      if (this.#node.session.current !== registration || this.#owned.get(peerId) !== owned) return true
      if (found !== undefined) this.#mismatched(owned, found)
      else if (from !== undefined && this.#rooms.heirOf(peerId) === from) this.#rooms.inherited(peerId)
      return true
    } catch {
      return false
    } finally {
      owned.isKeeping = false
    }
  }

  /** Our own claim does not stand any more, and nobody has told us. */
  #mismatched({ peerId, state }: Owned, found: readonly StoreEntry[]): void {
    const entry = found.find(({ key }) => key === this.#node.keys.owner(peerId))
    if (entry !== undefined) this.taken(peerId, readRecord<OwnerRecord>(entry.value)?.name ?? '?', entry.revision)
    else if (state === 'held') this.#node.session.lose('its claims are gone from the store')
  }

  async #release(owned: Owned): Promise<void> {
    const { peerId, fence, isKept } = owned
    const registration = this.#node.session.current
    // A node that takes no new work leaves its kept peers to the others.
    const isLeft = isKept !== false && !this.#node.host.isAccepting
    if (registration !== undefined && fence !== undefined) await this.#claims.takeBack(peerId, fence.fence, isLeft, registration)
    if (this.#owned.get(peerId) === owned) this.#owned.delete(peerId)
  }
}
