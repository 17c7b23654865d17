/** Blocks of permits: how the ledger is written, by compare-and-set, with what is gone struck from it. */
import { Alarm } from './alarm.ts'
import { readLedger } from './keys.ts'
import type { Nodes } from './nodes.ts'
import type { Registration } from './session.ts'
import type { NodeParts } from './node-parts.ts'

/** A compare-and-set that others were faster at is tried so often, each time a little later. */
const MAX_ATTEMPTS = 12

/** The first pause between two attempts, in milliseconds; each further one is twice as long, at random. */
const PAUSE_MS = 2

/** So many nodes that are gone are struck from the ledger in one write: engines bound how much one may ask. */
const MAX_STRUCK = 64

/** What a node has, and wants of the ledger. */
export interface BlockChange {
  /** What it counts itself. */
  readonly counted: number
  /** How many more it wants; it is given what is free. */
  readonly need: number
  /** Whether the ledger is written though nothing is free: it may say something else of this node. */
  readonly isInDoubt: boolean
}

/** Writes the ledger for one node. */
export class Blocks {
  readonly #node: NodeParts
  readonly #nodes: Nodes

  constructor(node: NodeParts, nodes: Nodes) {
    this.#node = node
    this.#nodes = nodes
  }

  /**
   * Has the ledger say what a node counts, and what it is given of what it needs. `busy`: others were faster each time, or the session is over;
   * what the ledger says is then as it was, unless a write is in doubt. Rejects with `ERR_STORE`.
   */
  async write(registration: Registration, { counted, need, isInDoubt }: BlockChange): Promise<'busy' | { readonly taken: number }> {
    const { store, limit } = this.#node.settings
    const { id, epoch, born } = registration
    const alive = new Set<string>()
    for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
      const entry = await store.get(this.#node.keys.permits)
      if (this.#node.session.current !== registration) return 'busy'
      const ledger = readLedger(entry?.value)
      const others = Object.entries(ledger).filter(([other]) => other !== id)
      const unseen = others.filter(([other]) => !this.#nodes.has(other) && !alive.has(other)).map(([other]) => other)
      const gone = new Set(unseen.slice(0, MAX_STRUCK))
      const living = others.filter(([other]) => !gone.has(other))
      const free = limit - counted - living.reduce((sum, [, count]) => sum + count, 0)
      const taken = Math.max(0, Math.min(need, free))
      if (taken === 0 && !isInDoubt) return { taken }
      const written = await store.write(
        [
          { key: this.#node.keys.permits, revision: entry?.revision ?? 0 },
          { key: this.#node.keys.node(id), revision: epoch },
          { key: this.#node.keys.born, revision: born },
          ...Array.from(gone, (other) => ({ key: this.#node.keys.node(other), revision: 0 })),
        ],
        [{ type: 'put', key: this.#node.keys.permits, value: JSON.stringify(Object.fromEntries([...living, [id, counted + taken]])) }],
      )
      if (this.#node.session.current !== registration) return 'busy'
      if (written.done) return { taken }
      for (const { key } of written.found) if (key.startsWith(this.#node.keys.nodes)) alive.add(key.slice(this.#node.keys.nodes.length))
      await this.#pause(PAUSE_MS * 2 ** Math.min(attempts, 6) * this.#node.host.random())
    }
    return 'busy'
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => new Alarm(this.#node.host.clock, resolve).set(ms))
  }
}
