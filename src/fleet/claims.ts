/** Claims as the store has them: each is one write, whose revision is the fence; one whose answer never came is read back. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { FleetHost } from '../runtime/options/fleet-gate.ts'
import { type Elsewhere, unclaimedError } from './elsewhere.ts'
import type { FleetSettings } from './fleet-options.ts'
import { type FleetKeys, type OwnerRecord, readRecord } from './keys.ts'
import type { Registration, Session } from './session.ts'
import type { StoreChange, StoreEntry } from './store.ts'

/** A claim that the store has. */
export interface Claim {
  readonly fence: number
  /** Whether the store says that the peer is kept, so that others take it over. */
  readonly isKept: boolean
}

/** What is asked of the room that takes peers over. */
export interface ClaimsHost {
  /** The node, gone by now, whose kept peer this one is taken over from; undefined: none. */
  heirOf(peerId: PeerId): string | undefined
  /** A peer that was to be taken over is owned by somebody. */
  placed(peerId: PeerId, where: 'here' | 'elsewhere'): void
}

/** A claim that fails because the peer was set free meanwhile is made again, so often. */
const MAX_ATTEMPTS = 4

/** Writes claims, and takes them back. */
export class Claims {
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  readonly #host: FleetHost
  readonly #session: Session
  readonly #elsewhere: Elsewhere
  readonly #rooms: ClaimsHost
  /** Peers whose last write may or may not have been done. */
  readonly #doubtful = new Set<PeerId>()
  #nonces = 0
  /** Whether the store knows that this node keeps peers. */
  #isKeeper = false

  constructor(settings: FleetSettings, keys: FleetKeys, host: FleetHost, session: Session, elsewhere: Elsewhere, rooms: ClaimsHost) {
    this.#settings = settings
    this.#keys = keys
    this.#host = host
    this.#session = session
    this.#elsewhere = elsewhere
    this.#rooms = rooms
  }

  /** Claims a peer. @param mayTake whether it may be taken from another node. Rejects with `ERR_OWNED_ELSEWHERE` or `ERR_STORE`. */
  async make(peerId: PeerId, registration: Registration, mayTake: boolean): Promise<Claim> {
    const { store, name } = this.#settings
    const key = this.#keys.owner(peerId)
    const record: OwnerRecord = { id: registration.id, name, nonce: `${++this.#nonces}` }
    const put: StoreChange = { type: 'put', key, value: JSON.stringify(record), lease: registration.lease }
    const born = { key: this.#keys.born, revision: registration.born }
    const isKept = this.#host.isKept(peerId)
    const beside = [...(isKept ? this.#keptChanges(peerId, registration) : []), ...this.#inherited(peerId)]
    let found: StoreEntry | undefined
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const changes = [put, ...beside, ...this.#told(found, peerId, registration)]
      let written
      try {
        written = await store.write([{ key, revision: found?.revision ?? 0 }, born], changes)
      } catch (error) {
        return { fence: await this.#readBack(peerId, record, error), isKept }
      }
      if (written.done) {
        if (isKept) this.#isKeeper = true
        return { fence: written.revision, isKept }
      }
      if (written.leaseEnded) this.#session.lose('its lease has ended in the store')
      const isSameLife = written.found.some((entry) => entry.key === born.key && entry.revision === born.revision)
      if (!isSameLife || written.leaseEnded) break
      found = written.found.find((entry) => entry.key === key)
      const owner = readRecord<OwnerRecord>(found?.value)
      // A claim of ours whose answer never came, and which was given up: it is made anew over what it wrote.
      if (found === undefined || owner?.id === registration.id || mayTake) continue
      this.#rooms.placed(peerId, 'elsewhere')
      throw this.#elsewhere.found(peerId, owner?.name ?? '?', found.revision)
    }
    throw unclaimedError(peerId, this.#session)
  }

  /** Says whether a peer that is owned is kept. Gives what stands there where it is owned no more; undefined: it is. */
  async keep(peerId: PeerId, fence: number, isKept: boolean, registration: Registration): Promise<readonly StoreEntry[] | undefined> {
    const changes: readonly StoreChange[] = isKept
      ? this.#keptChanges(peerId, registration)
      : [{ type: 'delete', key: this.#keys.kept(registration.id, peerId) }]
    const written = await this.#settings.store.write([{ key: this.#keys.owner(peerId), revision: fence }], changes)
    if (!written.done) return written.found
    if (isKept) this.#isKeeper = true
    return undefined
  }

  /** Takes a claim back. @param isKept whether the peer is left to others as a kept one. Never rejects: what is in doubt is settled later. */
  async takeBack(peerId: PeerId, fence: number, isKept: boolean, registration: Registration): Promise<void> {
    const key = this.#keys.owner(peerId)
    const changes: StoreChange[] = [{ type: 'delete', key }]
    if (!isKept) changes.push({ type: 'delete', key: this.#keys.kept(registration.id, peerId) })
    try {
      await this.#settings.store.write([{ key, revision: fence }], changes)
    } catch {
      this.#doubtful.add(peerId)
    }
  }

  /** Takes back what a write of ours may have left behind whose answer never came. @param isOwned whether a peer is owned after all */
  async settle(isOwned: (peerId: PeerId) => boolean): Promise<void> {
    for (const peerId of this.#doubtful) {
      const registration = this.#session.current
      if (registration === undefined) return
      this.#doubtful.delete(peerId)
      if (isOwned(peerId)) continue
      try {
        const entry = await this.#settings.store.get(this.#keys.owner(peerId))
        const isOurs = readRecord<OwnerRecord>(entry?.value)?.id === registration.id
        if (entry !== undefined && isOurs && !isOwned(peerId)) await this.takeBack(peerId, entry.revision, false, registration)
      } catch {
        this.#doubtful.add(peerId)
        return
      }
    }
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
    const entry = await this.#settings.store.get(this.#keys.owner(peerId)).catch(() => {
      throw cause
    })
    const owner = readRecord<OwnerRecord>(entry?.value)
    if (entry === undefined || owner === undefined) throw cause
    if (owner.id === id && owner.nonce === nonce) return entry.revision
    if (owner.id === id) throw cause
    throw this.#elsewhere.found(peerId, owner.name ?? '?', entry.revision)
  }

  /** Tells the owner that its peer is taken, in the write that takes it. */
  #told(found: StoreEntry | undefined, peerId: PeerId, { id, lease }: Registration): readonly StoreChange[] {
    const owner = readRecord<OwnerRecord>(found?.value)
    if (owner?.id === undefined || owner.id === id) return []
    const value = JSON.stringify({ name: this.#settings.name })
    return [
      { type: 'put', key: this.#keys.told(owner.id, peerId), value, lease },
      { type: 'delete', key: this.#keys.kept(owner.id, peerId) },
    ]
  }

  #inherited(peerId: PeerId): readonly StoreChange[] {
    const from = this.#rooms.heirOf(peerId)
    return from === undefined ? [] : [{ type: 'delete', key: this.#keys.kept(from, peerId) }]
  }

  #keptChanges(peerId: PeerId, { id }: Registration): readonly StoreChange[] {
    const value = JSON.stringify({ name: this.#settings.name })
    const kept: StoreChange = { type: 'put', key: this.#keys.kept(id, peerId), value }
    return this.#isKeeper ? [kept] : [kept, { type: 'put', key: this.#keys.keeper(id), value }]
  }
}
