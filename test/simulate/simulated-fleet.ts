/**
 * A fleet in simulation: many nodes on one store in memory and one virtual clock, each behind a network of its own that is
 * slow, loses calls and their answers, and can be cut. The nodes are those of the package; their managers are the least that
 * a node needs, so that there is room for 100,000 peers.
 */
import { fleet, type Fleet, type FleetOptions, type MemoryStore, memoryStore } from 'qudag-connections/fleet'
import { VirtualClock } from 'qudag-connections/testing'
import type { FleetHost } from '../../src/runtime/options/fleet-gate.ts'
import type { LinkFence } from '../../src/transports/transport.ts'
import { faulted, seeded, type Weather } from './faulted-store.ts'

/** What a node has of its own. */
export interface Circumstances {
  /** How fast its clocks run beside the store's. */
  readonly pace?: number
  /** Its way to the store. @default the fleet's */
  readonly weather?: Weather
}

/** What a node believes to hold. */
interface Held {
  readonly fence: number
}

/** A node, with the least of a manager. */
export class SimulatedNode implements FleetHost {
  readonly name: string
  readonly fleet: Fleet
  readonly net = { isCut: false }
  readonly clock
  readonly random: () => number
  readonly limit: number
  /** Connected peers, by the fence under which they are. */
  readonly links = new Map<string, Held>()
  readonly dialing = new Set<string>()
  readonly kept = new Set<string>()
  /** Kept peers that wait for a slot or for another attempt. */
  readonly paused = new Set<string>()
  permits = 0
  isAccepting = true
  isClosing = false
  dials = 0
  /** A process that is stopped sees nothing of time. */
  isStopped = false
  readonly #world: SimulatedFleet

  constructor(world: SimulatedFleet, name: string, options: Partial<FleetOptions>, limit: number, { pace = 1, weather }: Circumstances) {
    this.name = name
    this.#world = world
    this.limit = limit
    this.random = seeded(world.random() * 2 ** 32)
    const { clock } = world
    this.clock = {
      now: () => clock.now() * pace,
      steady: () => clock.now() * pace,
      instant: (at: number) => at,
      // What a stopped process would do is done when it goes on.
      setTimeout: (f: () => void, ms: number) => clock.setTimeout(() => this.#run(f), ms / pace),
      clearTimeout: (id: unknown) => clock.clearTimeout(id),
    }
    const store = faulted(world.store, clock, this.random, weather ?? world.weather, this.net, world.counts)
    this.fleet = fleet({ store, limit: world.limit, name, leaseMs: world.leaseMs, isNew: true, ...options })
    this.fleet.join(this)
  }

  get held(): number {
    return this.links.size + this.dialing.size
  }

  get waiting(): number {
    return this.paused.size
  }

  isHeld(peerId: string): boolean {
    return this.links.has(peerId) || this.dialing.has(peerId)
  }

  isKept(peerId: string): boolean {
    return this.kept.has(peerId)
  }

  heldPeers(): Iterable<string> {
    return [...this.links.keys(), ...this.dialing]
  }

  permit(count: number): void {
    this.permits = count
    this.#resume()
  }

  noPermits(): void {}

  close(peerId: string): void {
    this.kept.delete(peerId)
    this.#drop(peerId)
  }

  closeAll(): void {
    for (const peerId of [...this.links.keys(), ...this.dialing]) {
      this.#drop(peerId)
      if (this.kept.has(peerId)) this.#pause(peerId)
    }
  }

  letGo(peerId: string): void {
    this.kept.delete(peerId)
    this.paused.delete(peerId)
    this.#drop(peerId)
  }

  retry(peerId: string): void {
    void this.#dial(peerId)
  }

  metrics(): object {
    return {}
  }

  report(error: unknown): void {
    this.#world.faults.push(error)
  }

  /** Keeps a peer. */
  keep(peerId: string): void {
    this.kept.add(peerId)
    void this.#dial(peerId)
  }

  /** The process dies: nothing of it is heard any more. */
  kill(): void {
    this.isStopped = true
    this.net.isCut = true
    for (const peerId of [...this.links.keys(), ...this.dialing]) this.#forget(peerId)
  }

  /** The process stops, and goes on after `ms`; what it holds it holds meanwhile, and it sends nothing. */
  stop(ms: number): void {
    this.isStopped = true
    this.#world.clock.setTimeout(() => {
      this.isStopped = false
      // Whatever it does first, it looks at its lease.
      this.fleet.isCurrent()
      for (const f of this.#late.splice(0)) f()
    }, ms)
  }

  /** Ends in order. */
  async shutdown(): Promise<void> {
    this.isAccepting = false
    this.isClosing = true
    for (const peerId of [...this.links.keys(), ...this.dialing]) this.#forget(peerId)
    await this.fleet.leave()
  }

  /** What it would send over now: a stopped process sends nothing, and one whose lease is over looks first. */
  believes(peerId: string): number | undefined {
    if (this.isStopped || !this.fleet.isCurrent()) return undefined
    return this.links.get(peerId)?.fence
  }

  readonly #late: (() => void)[] = []

  #run(f: () => void): void {
    if (this.isStopped) this.#late.push(f)
    else f()
  }

  async #dial(peerId: string): Promise<void> {
    if (this.isHeld(peerId) || this.isStopped || !this.isAccepting) return
    this.paused.delete(peerId)
    if (this.held >= Math.min(this.permits, this.limit)) return this.#pause(peerId)
    this.dialing.add(peerId)
    this.fleet.moved(peerId, true)
    let fence: LinkFence
    try {
      fence = await this.fleet.claim(peerId)
    } catch {
      if (!this.dialing.delete(peerId)) return
      this.fleet.moved(peerId, false)
      if (this.kept.has(peerId)) this.#pause(peerId)
      return
    }
    this.dials++
    this.#world.dialed()
    this.#world.clock.setTimeout(
      () => {
        if (!this.dialing.delete(peerId) || this.isStopped) return
        this.links.set(peerId, { fence: fence.fence })
        this.#world.connected(peerId)
        this.fleet.moved(peerId, true)
      },
      5 + this.random() * 20,
    )
  }

  #pause(peerId: string): void {
    this.paused.add(peerId)
    this.fleet.wanting()
    this.clock.setTimeout(
      () => {
        if (this.paused.has(peerId)) void this.#dial(peerId)
      },
      1_000 + this.random() * 4_000,
    )
  }

  #resume(): void {
    for (const peerId of this.paused) {
      if (this.held >= Math.min(this.permits, this.limit)) return
      void this.#dial(peerId)
    }
  }

  #drop(peerId: string): void {
    const was = this.isHeld(peerId)
    this.#forget(peerId)
    if (was) this.fleet.moved(peerId, false)
  }

  #forget(peerId: string): void {
    if (this.links.delete(peerId)) this.#world.ended(peerId)
    this.dialing.delete(peerId)
  }
}

/** Many nodes. */
export class SimulatedFleet {
  readonly clock = new VirtualClock()
  readonly store: MemoryStore = memoryStore({ clock: this.clock })
  readonly nodes: SimulatedNode[] = []
  readonly counts = { operations: 0 }
  readonly faults: unknown[] = []
  readonly random: () => number
  readonly limit: number
  readonly leaseMs: number
  readonly weather: Weather
  /** How many links each peer has; those without one are absent, so that to look for one costs the same with many nodes. */
  readonly #links = new Map<string, number>()
  #dialsNow = 0
  peakDials = 0
  #second = 0

  constructor(seed: number, { limit, leaseMs = 3_000, weather }: { limit: number; leaseMs?: number; weather: Weather }) {
    this.random = seeded(seed)
    this.limit = limit
    this.leaseMs = leaseMs
    this.weather = weather
  }

  add(options: Partial<FleetOptions> = {}, limit = this.limit, circumstances: Circumstances = {}): SimulatedNode {
    const node = new SimulatedNode(this, `n${this.nodes.length + 1}`, options, limit, circumstances)
    this.nodes.push(node)
    return node
  }

  /** A dial begins: the most of any second is noted. */
  dialed(): void {
    const second = Math.floor(this.clock.now() / 1_000)
    if (second !== this.#second) this.#dialsNow = 0
    this.#second = second
    this.peakDials = Math.max(this.peakDials, ++this.#dialsNow)
  }

  connected(peerId: string): void {
    this.#links.set(peerId, (this.#links.get(peerId) ?? 0) + 1)
  }

  ended(peerId: string): void {
    const left = (this.#links.get(peerId) ?? 0) - 1
    if (left > 0) this.#links.set(peerId, left)
    else this.#links.delete(peerId)
  }

  /** Links of all nodes that could still say something, or hold a descriptor. */
  get held(): number {
    let held = 0
    for (const node of this.nodes) held += node.held
    return held
  }

  /** Whether a peer is connected at some node. */
  isPlaced(peerId: string): boolean {
    return this.#links.has(peerId)
  }
}
