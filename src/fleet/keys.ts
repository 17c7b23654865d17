/** The keys of a fleet in its store, and what stands there. */
import { isWellFormed, type PeerId } from '../../machines/domain/peer-id.ts'

/** A node, as its record has it. */
export interface NodeRecord {
  readonly name: string
  /** When it registered, in milliseconds since the epoch of its own clock: to show, never to compare. */
  readonly since: number
}

/** The owner of a peer, as the claim has it. */
export interface OwnerRecord {
  /** The node, by the id of its registration, and by name. */
  readonly id: string
  readonly name: string
  /** Tells this write from every other one: a write whose answer never came is known by it. */
  readonly nonce: string
}

/** What a node is told of a peer by another one. */
export interface ToldRecord {
  /** Who tells. */
  readonly name: string
  /** The node that kept the peer, and whose record of that is the owner's to replace; left out: the peer was taken from the one that is told. */
  readonly from?: string
}

/** Permits by node. */
export type Ledger = Readonly<Record<string, number>>

/** The names of all keys of one fleet. */
export class FleetKeys {
  readonly #prefix: string
  /** What life of the data the fleet has registered in; without a lease. */
  readonly born: string
  /** Stands, under a lease of its own, while nothing is granted after a loss of the data. */
  readonly quarantine: string
  /** Blocks of permits by node; without a lease. */
  readonly permits: string
  /** Prefixes. */
  readonly nodes: string
  readonly owners: string
  readonly wants: string
  readonly metrics: string
  /** Nodes that have kept peers; without a lease, so that it outlives the node. */
  readonly keepers: string

  constructor(fleet: string) {
    this.#prefix = `fleet/${encodeURIComponent(fleet)}/`
    this.born = this.of('born')
    this.quarantine = this.of('quarantine')
    this.permits = this.of('permits')
    this.nodes = this.of('node/')
    this.owners = this.of('own/')
    this.wants = this.of('want/')
    this.metrics = this.of('metrics/')
    this.keepers = this.of('keeper/')
  }

  of(name: string): string {
    return `${this.#prefix}${name}`
  }

  node(id: string): string {
    return this.nodes + id
  }

  owner(peerId: PeerId): string {
    return this.owners + encoded(peerId)
  }

  /** How many permits a node wants and cannot have. */
  want(id: string): string {
    return this.wants + id
  }

  metricsOf(id: string): string {
    return this.metrics + id
  }

  keeper(id: string): string {
    return this.keepers + id
  }

  /** The kept peers of a node; without a lease. */
  keptOf(id: string): string {
    return this.of(`kept/${id}/`)
  }

  kept(id: string, peerId: PeerId): string {
    return this.keptOf(id) + encoded(peerId)
  }

  /** What others have to tell a node: the peers that were taken from it, or that it is to keep. */
  toldTo(id: string): string {
    return this.of(`told/${id}/`)
  }

  told(id: string, peerId: PeerId): string {
    return this.toldTo(id) + encoded(peerId)
  }

  /** What stands behind a prefix. */
  nameIn(prefix: string, key: string): string {
    return decodeURIComponent(key.slice(prefix.length))
  }
}

/** A peer's name as the end of a key. Half a surrogate pair cannot be encoded: it is spelled out. */
function encoded(peerId: PeerId): string {
  return encodeURIComponent(isWellFormed(peerId) ? peerId : JSON.stringify(peerId))
}

/** What was written as JSON; undefined: it is none, so somebody else wrote it. */
export function readRecord<T extends object>(value: string | undefined): Partial<T> | undefined {
  if (value === undefined) return undefined
  try {
    const read: unknown = JSON.parse(value)
    return typeof read === 'object' && read !== null ? read : undefined
  } catch {
    return undefined
  }
}

/** What a ledger says, where it is one. */
export function readLedger(value: string | undefined): Ledger {
  const ledger = readRecord<Record<string, number>>(value) ?? {}
  return Object.fromEntries(
    Object.entries(ledger).filter((entry): entry is [string, number] => Number.isSafeInteger(entry[1]) && entry[1]! > 0),
  )
}
