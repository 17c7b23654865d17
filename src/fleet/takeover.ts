/** Takeover: the kept peers of a node that is gone are taken by those that live, each by the one that all of them agree on, few at a time. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { Alarm } from './alarm.ts'
import { type OwnerRecord, readRecord } from './keys.ts'
import type { Nodes } from './nodes.ts'
import { place } from './rendezvous.ts'
import type { StoreEntry } from './store.ts'
import type { NodeParts } from './node-parts.ts'
import { LinkedMap } from '../runtime/collections/linked-map.ts'

/** A node that is gone, and left kept peers behind. */
interface Estate {
  /** How often its peers were placed: each time those that are left may go to another node. */
  round: number
  /** When they are placed next, on the line of time. */
  nextAt: number
}

/** Takes over the kept peers of others. */
export class Takeover {
  readonly #node: NodeParts
  readonly #nodes: Nodes
  readonly #estates = new Map<string, Estate>()
  /** What this node is about to take over, and from whom. */
  readonly #queue = new LinkedMap<PeerId, string>()
  /** What it dials already, and of that, what nobody here has asked for. */
  readonly #under = new Map<PeerId, string>()
  readonly #forOthers = new Set<PeerId>()
  /** Peers that their owners are to keep, and do not know it yet, with the node that has left them. */
  readonly #toPassOn = new Map<PeerId, string>()
  readonly #inherit: (peerId: PeerId) => void
  readonly #next: Alarm
  readonly #look: Alarm
  #isLooking = false

  /** @param inherit has what is kept here written where the peer is owned already */
  constructor(node: NodeParts, nodes: Nodes, inherit: (peerId: PeerId) => void) {
    this.#node = node
    const { host } = node
    this.#inherit = inherit
    this.#nodes = nodes
    this.#next = new Alarm(host.clock, () => this.#takeNext())
    this.#look = new Alarm(host.clock, () => void this.look())
  }

  /** How many peers wait to be taken over here. */
  get size(): number {
    return this.#queue.size
  }

  /** Whom a peer is taken over from; undefined: nobody. */
  heirOf(peerId: PeerId): string | undefined {
    return this.#under.get(peerId) ?? this.#queue.get(peerId)
  }

  /** A peer is kept here, and its old node's record of it is gone. */
  inherited(peerId: PeerId): void {
    this.#queue.delete(peerId)
    this.#under.delete(peerId)
    this.#forOthers.delete(peerId)
  }

  /** A peer that was to be taken over is owned by another node: that one keeps it from now on. */
  elsewhere(peerId: PeerId, found: StoreEntry): void {
    const from = this.heirOf(peerId)
    if (from === undefined) return
    const wasKeptForOthers = this.#forOthers.has(peerId)
    this.inherited(peerId)
    if (wasKeptForOthers) queueMicrotask(() => this.#node.host.letGo(peerId))
    this.#toPassOn.set(peerId, from)
    void this.#pass(peerId, from, found)
  }

  /** A peer was kept by a node, which lives or not, and is owned by another one: that one keeps it from now on. */
  passOn(peerId: PeerId, from: string): void {
    this.#toPassOn.set(peerId, from)
    void this.#pass(peerId, from)
  }

  /** Tells owners that have not been told yet what they are to keep. */
  async tidy(): Promise<void> {
    for (const [peerId, from] of this.#toPassOn) await this.#pass(peerId, from)
  }

  /** Keeps a peer from here on that another node has left. */
  take(peerId: PeerId, from: string): void {
    if (this.#node.session.current === undefined || !this.#node.host.isAccepting) return
    this.#under.set(peerId, from)
    const isKept = this.#node.host.isKept(peerId)
    if (!isKept) {
      this.#forOthers.add(peerId)
      this.#node.host.keep(peerId)
    } else if (!this.#node.host.isHeld(peerId)) this.#node.host.retry(peerId)
    this.#inherit(peerId)
  }

  /** A node is gone: after a grace its peers are placed. */
  gone(id: string): void {
    this.#note(id)
    this.#arm()
  }

  /** Nothing is taken over from here on, until the node has joined again. */
  stop(): void {
    this.#next.clear()
    this.#look.clear()
    this.#queue.clear()
    this.#under.clear()
    this.#forOthers.clear()
    this.#toPassOn.clear()
    this.#estates.clear()
  }

  /** Looks for nodes that are gone and have left kept peers; where their grace is over, places them. */
  async look(): Promise<void> {
    if (this.#isLooking || this.#node.session.current === undefined || !this.#node.host.isAccepting) return
    this.#isLooking = true
    try {
      const keepers = await this.#node.settings.store.list(this.#node.keys.keepers)
      for (const { key } of keepers) {
        const id = key.slice(this.#node.keys.keepers.length)
        if (!this.#nodes.has(id)) this.#note(id)
      }
      const now = this.#node.host.clock.now()
      for (const [id, estate] of this.#estates) if (estate.nextAt <= now) await this.#place(id, estate)
    } catch {
      // The store does not answer: it is looked again.
    } finally {
      this.#isLooking = false
      this.#arm()
    }
  }

  #note(id: string): void {
    if (this.#estates.has(id) || this.#nodes.has(id)) return
    this.#estates.set(id, { round: 0, nextAt: this.#node.host.clock.now() + this.#node.settings.takeoverGraceMs })
  }

  /** Places what a node has left, and takes this node's share. */
  async #place(id: string, estate: Estate): Promise<void> {
    const registration = this.#node.session.current
    if (registration === undefined) return
    const { store, takeoverPerSecond, takeoverGraceMs } = this.#node.settings
    const prefix = this.#node.keys.keptOf(id)
    const left = await store.list(prefix)
    // It may have come back into view: a node that does not answer is gone only once its lease is.
    const isAlive = await store.get(this.#node.keys.node(id))
    if (isAlive !== undefined || this.#node.session.current !== registration) return void this.#estates.delete(id)
    if (left.length === 0) {
      this.#estates.delete(id)
      await store.write([{ key: this.#node.keys.node(id), revision: 0 }], [{ type: 'delete', key: this.#node.keys.keeper(id) }])
      return
    }
    const peers = left.map(({ key }) => this.#node.keys.nameIn(prefix, key))
    const places = place(peers, this.#nodes.ids, estate.round)
    for (const peerId of peers) {
      if (places.get(peerId) !== registration.id || this.#under.has(peerId)) continue
      this.#queue.set(peerId, id)
    }
    estate.round++
    const share = Math.ceil((peers.length / Math.max(1, this.#nodes.size)) * 1.25)
    estate.nextAt = this.#node.host.clock.now() + Math.max(1_000, takeoverGraceMs) + (share / takeoverPerSecond) * 2_000
    if (!this.#next.isSet) this.#pace()
  }

  #takeNext(): void {
    const { first } = this.#queue
    const from = first === undefined ? undefined : this.#queue.get(first)
    if (first !== undefined && from !== undefined) {
      this.#queue.delete(first)
      this.take(first, from)
    }
    if (this.#queue.size > 0) this.#pace()
  }

  /** Tells the owner of a peer that it is to keep it; where nobody owns it any more, it is kept here. */
  async #pass(peerId: PeerId, from: string, found?: StoreEntry): Promise<void> {
    const registration = this.#node.session.current
    const { store, name } = this.#node.settings
    const key = this.#node.keys.owner(peerId)
    try {
      const entry = found ?? (await store.get(key))
      if (registration === undefined || this.#node.session.current !== registration || this.#toPassOn.get(peerId) !== from) return
      const owner = readRecord<OwnerRecord>(entry?.value)?.id
      if (entry?.lease === undefined || owner === undefined || owner === registration.id) {
        this.#toPassOn.delete(peerId)
        return this.take(peerId, from)
      }
      const value = JSON.stringify({ name, from })
      const told = { type: 'put', key: this.#node.keys.told(owner, peerId), value, lease: entry.lease } as const
      const written = await store.write([{ key, revision: entry.revision }], [told])
      if (written.done && this.#toPassOn.get(peerId) === from) this.#toPassOn.delete(peerId)
    } catch {
      // It is told with the next renewal.
    }
  }

  /** Few at a time, and no two nodes in step. */
  #pace(): void {
    const { takeoverPerSecond } = this.#node.settings
    this.#next.set((1_000 / takeoverPerSecond) * (0.5 + this.#node.host.random()))
  }

  #arm(): void {
    let nextAt = Infinity
    for (const estate of this.#estates.values()) nextAt = Math.min(nextAt, estate.nextAt)
    if (nextAt === Infinity) return this.#look.clear()
    // Not all nodes look in the same moment.
    this.#look.set(Math.max(0, nextAt - this.#node.host.clock.now()) + this.#node.host.random() * 100)
  }
}
