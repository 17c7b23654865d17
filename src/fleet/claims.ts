/** Claims as the store has them: each is one write, whose revision is the fence; one whose answer never came is read back. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { type Elsewhere, unclaimedError } from './elsewhere.ts'
import { type OwnerRecord, readRecord } from './keys.ts'
import type { Registration } from './session.ts'
import type { StoreChange, StoreEntry } from './store.ts'
import type { NodeParts } from './node-parts.ts'

/** A claim that the store has. */
export interface Claim {
  readonly fence: number
  /** Whether the store says that the peer is kept, so that others take it over. */
  readonly isKept: boolean
  /** The node, gone or passed over, whose kept record went in the same write; undefined: none. */
  readonly from: string | undefined
}

/** What is asked of the room that takes peers over. */
export interface ClaimsHost {
  /** The node whose kept peer this one is taken over from; undefined: none. */
  heirOf(peerId: PeerId): string | undefined
  /** A peer is kept here, and what its old node left of it is gone from the store. */
  inherited(peerId: PeerId): void
  /** A peer that was to be taken over is owned by another node, which is to keep it. */
  elsewhere(peerId: PeerId, found: StoreEntry): void
  /** A peer was kept here and has been taken by another node, which is to keep it. @param from the id under which it was kept */
  passOn(peerId: PeerId, from: string): void
}

/** A claim that fails because the peer was set free meanwhile is made again, so often. */
const MAX_ATTEMPTS = 4

/** Writes claims, and takes them back. */
export class Claims {
  readonly #node: NodeParts
  readonly #elsewhere: Elsewhere
  readonly #rooms: ClaimsHost
  /** Peers whose last write may or may not have been done. */
  readonly #doubtful = new Set<PeerId>()
  #nonces = 0
  /** Whether the store knows that this node keeps peers. */
  #isKeeper = false
  /** The registration that claims are made under, and the one before it: what that one kept goes as it is kept anew. */
  #id: string | undefined = undefined
  #lastId: string | undefined = undefined

  constructor(node: NodeParts, elsewhere: Elsewhere, rooms: ClaimsHost) {
    this.#node = node
    this.#elsewhere = elsewhere
    this.#rooms = rooms
  }

  /** Claims a peer. @param mayTake whether it may be taken from another node. Rejects with `ERR_OWNED_ELSEWHERE` or `ERR_STORE`. */
  async make(peerId: PeerId, registration: Registration, mayTake: boolean): Promise<Claim> {
    const { store, name } = this.#node.settings
    if (this.#id !== registration.id) {
      this.#lastId = this.#id
      this.#id = registration.id
    }
    const key = this.#node.keys.owner(peerId)
    const record: OwnerRecord = { id: registration.id, name, nonce: `${++this.#nonces}` }
    const put: StoreChange = { type: 'put', key, value: JSON.stringify(record), lease: registration.lease }
    const born = { key: this.#node.keys.born, revision: registration.born }
    const isKept = this.#node.host.isKept(peerId)
    // What another node left goes only where the peer is kept from here on.
    const from = isKept ? this.#rooms.heirOf(peerId) : undefined
    const beside = isKept ? this.#keptChanges(peerId, registration, from) : []
    let found: StoreEntry | undefined
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const told = this.#told(found, peerId, registration)
      const changes = [put, ...beside, ...told]
      let written
      try {
        written = await store.write([{ key, revision: found?.revision ?? 0 }, born], changes)
      } catch (error) {
        return { fence: await this.#readBack(peerId, record, error), isKept, from }
      }
      if (written.done) {
        if (isKept) this.#isKeeper = true
        return { fence: written.revision, isKept, from }
      }
      // With two leases in a write, it may be the other one's: then its claim is gone too, and the next attempt says so.
      const isOurLease = written.leaseEnded && told.length === 0
      if (isOurLease) this.#node.session.lose('its lease has ended in the store')
      const isSameLife = written.found.some((entry) => entry.key === born.key && entry.revision === born.revision)
      if (!isSameLife || isOurLease) break
      found = written.found.find((entry) => entry.key === key)
      const owner = readRecord<OwnerRecord>(found?.value)
      // A claim of ours whose answer never came, and which was given up: it is made anew over what it wrote.
      if (found === undefined || owner?.id === registration.id || mayTake) continue
      this.#rooms.elsewhere(peerId, found)
      throw this.#elsewhere.found(peerId, owner?.name ?? '?', found.revision)
    }
    throw unclaimedError(peerId, this.#node.session)
  }

  /** Says whether a peer that is owned is kept. Gives what stands there where it is owned no more; undefined: it is. */
  async keep(
    peerId: PeerId,
    fence: number,
    { isKept, from }: Omit<Claim, 'fence'>,
    registration: Registration,
  ): Promise<readonly StoreEntry[] | undefined> {
    const changes: readonly StoreChange[] = isKept
      ? this.#keptChanges(peerId, registration, from)
      : [{ type: 'delete', key: this.#node.keys.kept(registration.id, peerId) }]
    const written = await this.#node.settings.store.write([{ key: this.#node.keys.owner(peerId), revision: fence }], changes)
    if (!written.done) return written.found
    if (isKept) this.#isKeeper = true
    return undefined
  }

  /** Takes a claim back. @param isKept whether the peer is left to others as a kept one. Never rejects: what is in doubt is settled later. */
  async takeBack(peerId: PeerId, fence: number, isKept: boolean, registration: Registration): Promise<void> {
    const key = this.#node.keys.owner(peerId)
    const changes: StoreChange[] = [{ type: 'delete', key }]
    if (!isKept) changes.push({ type: 'delete', key: this.#node.keys.kept(registration.id, peerId) })
    try {
      await this.#node.settings.store.write([{ key, revision: fence }], changes)
    } catch {
      this.#doubtful.add(peerId)
    }
  }

  /** Takes back what a write of ours may have left behind whose answer never came. @param isOwned whether a peer is owned after all */
  async settle(isOwned: (peerId: PeerId) => boolean): Promise<void> {
    // What is in doubt again is looked at the next time.
    const doubtful = [...this.#doubtful]
    for (const peerId of doubtful) {
      const registration = this.#node.session.current
      if (registration === undefined) return
      // One that is kept here is claimed anew over what may stand there.
      if (!isOwned(peerId) && this.#node.host.isKept(peerId)) continue
      this.#doubtful.delete(peerId)
      if (isOwned(peerId)) continue
      try {
        const entry = await this.#node.settings.store.get(this.#node.keys.owner(peerId))
        const isOurs = readRecord<OwnerRecord>(entry?.value)?.id === registration.id
        if (entry !== undefined && isOurs && !isOwned(peerId)) await this.takeBack(peerId, entry.revision, false, registration)
      } catch {
        this.#doubtful.add(peerId)
        return
      }
    }
  }

  /** Has the store forget that a peer was kept here. Never rejects. */
  async forgetKept(peerId: PeerId, { id }: Registration): Promise<void> {
    await this.#node.settings.store.write([], [{ type: 'delete', key: this.#node.keys.kept(id, peerId) }]).catch(() => {})
  }

  /** The session is over, and with it every claim. */
  lost(): void {
    this.#doubtful.clear()
    this.#isKeeper = false
  }

  /** The answer to a write never came: what stands there says whether it was done. */
  async #readBack(peerId: PeerId, { id, nonce }: OwnerRecord, cause: unknown): Promise<number> {
    // A write that is still on its way may land after this.
    this.#doubtful.add(peerId)
    const entry = await this.#node.settings.store.get(this.#node.keys.owner(peerId)).catch(() => {
      throw cause
    })
    const owner = readRecord<OwnerRecord>(entry?.value)
    if (entry === undefined || owner === undefined) throw cause
    if (owner.id === id && owner.nonce === nonce) return entry.revision
    if (owner.id === id) throw cause
    throw this.#elsewhere.found(peerId, owner.name ?? '?', entry.revision)
  }

  /** Tells the owner that its peer is taken, in the write that takes it. It stands as long as the owner lives, whatever becomes of the taker. */
  #told(found: StoreEntry | undefined, peerId: PeerId, { id }: Registration): readonly StoreChange[] {
    const owner = readRecord<OwnerRecord>(found?.value)
    if (found?.lease === undefined || owner?.id === undefined || owner.id === id) return []
    const value = JSON.stringify({ name: this.#node.settings.name })
    return [{ type: 'put', key: this.#node.keys.told(owner.id, peerId), value, lease: found.lease }]
  }

  /** @param from whose record of the peer goes */
  #keptChanges(peerId: PeerId, { id }: Registration, from: string | undefined): readonly StoreChange[] {
    const value = JSON.stringify({ name: this.#node.settings.name })
    const kept: StoreChange = { type: 'put', key: this.#node.keys.kept(id, peerId), value }
    const left = new Set([from, this.#lastId])
    left.delete(id)
    const changes = [
      kept,
      ...Array.from(left, (of) => (of === undefined ? [] : [{ type: 'delete', key: this.#node.keys.kept(of, peerId) } as const])).flat(),
    ]
    return this.#isKeeper ? changes : [...changes, { type: 'put', key: this.#node.keys.keeper(id), value }]
  }
}
