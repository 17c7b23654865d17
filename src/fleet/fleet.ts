/** A fleet: the node that a manager is, made of its session, what it owns, its permits and what it takes over. */
import { defer, type Observable } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { ConnectionError } from '../errors.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type {
  FleetExplanation,
  FleetGate,
  FleetHost,
  FleetNode,
  FleetPeerExplanation,
  FleetVerdict,
} from '../runtime/options/fleet-gate.ts'
import type { LinkFence } from '../transports/transport.ts'
import { Alarm } from './alarm.ts'
import { FleetMetrics, type FleetMetricsView } from './fleet-metrics.ts'
import { checkFleetOptions, type FleetOptions, type FleetSettings } from './fleet-options.ts'
import { Joining } from './joining.ts'
import { FleetKeys, type OwnerRecord, readRecord, type ToldRecord } from './keys.ts'
import { Followed, Nodes } from './nodes.ts'
import type { PeerOwner } from './owned.ts'
import type { NodeParts } from './node-parts.ts'
import { Ownership } from './ownership.ts'
import { Permits } from './permits.ts'
import { Session } from './session.ts'
import type { StoreEntry } from './store.ts'
import { Takeover } from './takeover.ts'

/** One node of a fleet, as its app sees it. @since 0.2.0 */
export interface Fleet extends FleetGate {
  /** The name of this node. */
  readonly name: string
  /** The nodes that live, the oldest first: at once, and at each change. Completes on the manager's shutdown. */
  readonly nodes$: Observable<readonly FleetNode[]>
  /** The metrics of all nodes, merged exactly: at once, then every `publishMs`. While the store is away, this node's own. */
  readonly metrics$: Observable<NetworkMetrics>
  /** Who owns a peer now; undefined: nobody. Rejects with `ERR_STORE` where the store does not answer. */
  whereIs(peerId: PeerId): Promise<PeerOwner | undefined>
  /** What each node has published last, and all of it merged. Rejects with `ERR_STORE`. */
  metrics(): Promise<FleetMetricsView>
  /** How this node stands in its fleet; plain data. */
  explain(): FleetExplanation
  /** Resolves when this node has registered. Rejects with the reason of `signal`, or with `ERR_STOPPED` when it has left. */
  joined(options?: { readonly signal?: AbortSignal }): Promise<void>
}

/**
 * Makes a node of a fleet, to be given to one manager as its option `fleet`. All nodes of a fleet share one store.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.2.0
 * @example
 * const node = fleet({ store: memoryStore(), limit: 1_000 })
 * const manager = new ConnectionManager(100, { fleet: node })
 * await node.joined()
 * await manager.shutdown()
 */
export function fleet(options: FleetOptions): Fleet {
  return new FleetMember(checkFleetOptions(options))
}

/** What a node is made of, once it has a manager. */
interface Rooms {
  readonly host: FleetHost
  readonly session: Session
  readonly nodes: Nodes
  readonly ownership: Ownership
  readonly permits: Permits
  readonly takeover: Takeover
  readonly metrics: FleetMetrics
  readonly tidy: Alarm
}

class FleetMember implements Fleet {
  readonly name: string
  readonly #settings: FleetSettings
  readonly #keys: FleetKeys
  #rooms: Rooms | undefined = undefined
  /** What others tell this node. */
  #told: Followed | undefined = undefined
  readonly #joining = new Joining()

  constructor(settings: FleetSettings) {
    this.#settings = settings
    this.#keys = new FleetKeys(settings.fleet)
    this.name = settings.name
  }

  // What the app asks.

  get nodes$(): Observable<readonly FleetNode[]> {
    return defer(() => this.#joinedRooms('nodes$').nodes.nodes$)
  }

  get metrics$(): Observable<NetworkMetrics> {
    return defer(() => this.#joinedRooms('metrics$').metrics.metrics$)
  }

  async whereIs(peerId: PeerId): Promise<PeerOwner | undefined> {
    const entry = await this.#settings.store.get(this.#keys.owner(peerId))
    const owner = readRecord<OwnerRecord>(entry?.value)
    if (entry === undefined || owner === undefined) return undefined
    return { node: owner.name ?? '', id: owner.id ?? '', fence: entry.revision }
  }

  async metrics(): Promise<FleetMetricsView> {
    return this.#joinedRooms('metrics').metrics.read()
  }

  explain(): FleetExplanation {
    return this.explainNode()
  }

  joined({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const state = this.#rooms?.session.state
    if (state === 'joined' || state === 'store away') return Promise.resolve()
    if (signal?.aborted === true) return Promise.reject(signal.reason)
    if (state === 'left') return Promise.reject(hasLeft(this.name))
    return this.#joining.wait(signal)
  }

  // What the manager asks.

  join(host: FleetHost): void {
    if (this.#rooms !== undefined) throw new TypeError('this fleet has a manager already: make a node for each manager, on one store')
    const settings = this.#settings
    const keys = this.#keys
    const session: Session = new Session(settings, keys, host, {
      joined: (registration) => this.#joined(registration.id),
      lost: (error) => this.#lost(error),
    })
    const node: NodeParts = { settings, keys, host, session }
    const nodes = new Nodes(settings.store, keys, host, (id) => rooms.takeover.gone(id))
    const takeover: Takeover = new Takeover(node, nodes, (peerId) => rooms.ownership.inherit(peerId))
    const ownership = new Ownership(node, takeover)
    const permits = new Permits(node, nodes)
    const metrics = new FleetMetrics(node)
    const tidy = new Alarm(host.clock, () => void this.#tidy())
    const rooms: Rooms = { host, session, nodes, ownership, permits, takeover, metrics, tidy }
    this.#rooms = rooms
    nodes.start()
    permits.start()
    session.start()
  }

  claim(peerId: PeerId): LinkFence | Promise<LinkFence> {
    const rooms = this.#rooms
    return rooms === undefined ? Promise.reject(hasLeft(this.name)) : rooms.ownership.claim(peerId)
  }

  arriving(peerId: PeerId, isProven: boolean): undefined | Promise<FleetVerdict | undefined> {
    const rooms = this.#rooms
    if (rooms === undefined) return Promise.resolve({ reason: 'fleet-away' })
    if (isProven && rooms.host.isHeld(peerId)) return undefined
    const owned = isProven ? rooms.ownership.arriving(peerId) : undefined
    if (owned === undefined) return rooms.permits.arriving()
    return owned.then((verdict) => {
      const permitted = verdict === undefined ? rooms.permits.arriving() : verdict
      if (permitted === undefined) rooms.permits.promise()
      return permitted
    })
  }

  arrived(peerId: PeerId): void {
    this.#rooms?.ownership.release(peerId)
  }

  moved(peerId: PeerId, isHeld: boolean): void {
    const rooms = this.#rooms
    if (rooms === undefined) return
    if (peerId !== '') rooms.ownership.moved(peerId, isHeld)
    rooms.permits.moved()
  }

  wanting(): void {
    this.#rooms?.permits.look()
  }

  get mayGrow(): boolean {
    return this.#rooms?.permits.mayGrow === true
  }

  isCurrent(): boolean {
    const session = this.#rooms?.session
    return session?.isCurrent() === true || session?.state === 'unfenced'
  }

  fenceOf(peerId: PeerId): LinkFence | undefined {
    return this.#rooms?.ownership.fenceOf(peerId)
  }

  explainPeer(peerId: PeerId): FleetPeerExplanation {
    return this.#rooms?.ownership.explain(peerId) ?? { owner: 'free' }
  }

  explainNode(): FleetExplanation {
    const { fleet: name, store, limit } = this.#settings
    const rooms = this.#rooms
    const { session, permits, host } = rooms ?? {}
    const leaseUntil = session?.leaseUntil
    return {
      fleet: name,
      node: this.name,
      id: session?.current?.id,
      state: session?.state ?? 'joining',
      store: store.name,
      ...(leaseUntil === undefined || host === undefined ? {} : { leaseUntil: host.clock.instant(leaseUntil) }),
      ...(session?.storeError === undefined ? {} : { storeError: session.storeError }),
      permits: { granted: permits?.granted ?? 0, held: host?.held ?? 0, limit, isExhausted: permits?.isExhausted ?? false },
      nodes: rooms?.nodes.size ?? 0,
      owned: rooms?.ownership.size ?? 0,
      takingOver: rooms?.takeover.size ?? 0,
      handedOver: rooms?.ownership.handedOver ?? 0,
    }
  }

  get living(): readonly FleetNode[] {
    return this.#rooms?.nodes.all ?? []
  }

  async leave(): Promise<void> {
    const rooms = this.#rooms
    if (rooms === undefined) return
    rooms.tidy.clear()
    rooms.takeover.stop()
    rooms.permits.stop()
    rooms.metrics.stop()
    rooms.nodes.stop()
    this.#told?.stop()
    this.#joining.settle(hasLeft(this.name))
    const left = rooms.session.leave()
    rooms.ownership.stop()
    await left
  }

  // What the session tells.

  #joined(id: string): void {
    const rooms = this.#rooms
    if (rooms === undefined) return
    const prefix = this.#keys.toldTo(id)
    this.#told?.stop()
    const hear = ({ key, value, revision }: StoreEntry): void => {
      const { name = '', from } = readRecord<ToldRecord>(value) ?? {}
      const peerId = this.#keys.nameIn(prefix, key)
      if (from === undefined) rooms.ownership.taken(peerId, name, revision)
      else rooms.takeover.take(peerId, from)
      this.#settings.store.write([{ key, revision }], [{ type: 'delete', key }]).catch(() => {})
    }
    this.#told = new Followed(this.#settings.store, prefix, rooms.host, hear, () => {})
    this.#told.start()
    rooms.permits.joined()
    rooms.ownership.joined()
    rooms.metrics.start()
    rooms.tidy.set(this.#settings.leaseMs / 3)
    void rooms.takeover.look()
    this.#joining.settle(undefined)
  }

  #lost(error: ConnectionError): void {
    const rooms = this.#rooms
    if (rooms === undefined) return
    const isKept = this.#settings.onStoreLost === 'keep'
    rooms.tidy.clear()
    rooms.takeover.stop()
    rooms.ownership.lost()
    // Links go before the permits that they stand on.
    if (!isKept) rooms.host.closeAll(error)
    rooms.permits.lost(isKept)
  }

  /** Once in a renewal, what could have been missed is looked at. */
  async #tidy(): Promise<void> {
    const rooms = this.#rooms
    if (rooms === undefined) return
    const { session, ownership, permits, nodes, takeover, tidy } = rooms
    if (session.current !== undefined) {
      await ownership.tidy()
      if (session.state === 'joined') await Promise.all([nodes.refresh(), permits.refresh(), this.#told?.list()])
      await takeover.tidy()
      await takeover.look()
    }
    if (session.current !== undefined) tidy.set(this.#settings.leaseMs / 3)
  }

  #joinedRooms(what: string): Rooms {
    if (this.#rooms === undefined) throw new TypeError(`${what}: this node has no manager yet; give it to one as its option fleet`)
    return this.#rooms
  }
}

function hasLeft(name: string): ConnectionError {
  return new ConnectionError('ERR_STOPPED', `node '${name}' is in its fleet no longer, or not yet: its manager is shut down, or not made`)
}
