/** A tally of what happens to one manager's links: counts and durations that only grow, from when somebody wants to know. */
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../machines/domain/transition.ts'
import type { ConnectionError } from '../errors.ts'
import type { ObservedPeer, Observer } from '../runtime/callbacks/observer.ts'
import type { World } from '../runtime/world/world.ts'
import { Counts } from './counts.ts'
import { DurationCounts } from './duration-counts.ts'
import type { HistogramName } from './instruments.ts'

/** Is told each duration as it is counted, in seconds. */
export type DurationListener = (name: HistogramName, seconds: number) => void

/** Counts from when it is made. */
export class Tally implements Observer {
  /** Dials that ended. */
  readonly attempts = new Counts()
  /** Links that ended. */
  readonly disconnections = new Counts()
  /** Our own connects that were refused. */
  readonly refusals = new Counts()
  /** Waits for a slot that took too long. */
  timeouts = 0
  readonly durations: Readonly<Record<HistogramName, DurationCounts>> = {
    'qudag.connection.create_time': new DurationCounts(),
    'qudag.connection.wait_time': new DurationCounts(),
    'qudag.connection.use_time': new DurationCounts(),
    'qudag.connection.round_trip_time': new DurationCounts(),
    'qudag.connection.duration': new DurationCounts(),
  }
  readonly listeners = new Set<DurationListener>()
  readonly #world: World
  readonly #dialledAt = new WeakMap<ObservedPeer, number>()
  readonly #openedAt = new WeakMap<ObservedPeer, number>()

  constructor(world: World) {
    this.#world = world
    this.#begin()
    // Of what is there already, it is known when it got its status.
    for (const peer of world.peers.values()) {
      if (peer.state === 'Connecting.dialing') this.#dialledAt.set(peer, peer.since)
      else if (hasLink(peer.state)) this.#openedAt.set(peer, peer.since)
    }
  }

  /** What somebody may be woken for is there before it happens: how much a counter grows is not seen of its first value. */
  #begin(): void {
    for (const protocol of this.#world.settings.transports.keys()) {
      const transport = { 'qudag.connection.transport': protocol.slice(0, -1) }
      this.attempts.begin(transport)
      this.attempts.begin({ ...transport, 'error.type': 'ERR_DIAL_FAILED' })
    }
    for (const direction of ['outbound', 'inbound']) {
      for (const reason of ['link-error', 'heartbeat-lost', 'evicted']) {
        this.disconnections.begin({ 'qudag.connection.direction': direction, 'qudag.connection.reason': reason })
      }
    }
    for (const code of ['ERR_MAX_CONNECTIONS', 'ERR_CIRCUIT_OPEN']) {
      this.refusals.begin({ 'qudag.connection.direction': 'outbound', 'qudag.connection.reason': code })
    }
  }

  /** Since when a peer has a link, in milliseconds since the epoch. */
  openSince(peer: ObservedPeer): number | undefined {
    return this.#openedAt.get(peer)
  }

  moved(peer: ObservedPeer, move: Move): void {
    const { fromState, toState, reason } = move
    // Most moves are those of the pool, and end here.
    if (fromState === 'Disconnected.pooled' && toState === 'Connected' && reason === 'reused') return
    if (fromState === 'Connected' && toState === 'Disconnected.pooled') return
    if (toState === 'Connecting.dialing') this.#dialledAt.set(peer, this.#world.now())
    else if (fromState === 'Connecting.dialing') this.#dialled(peer, move)
    const isReplaced = reason === 'replaced'
    const had = hasLink(fromState)
    const has = hasLink(toState)
    if (had === has && !isReplaced) return
    if (had) this.#ended(peer, reason)
    if (has) this.#openedAt.set(peer, this.#world.now())
  }

  refused({ code }: ConnectionError): void {
    this.refusals.add({ 'qudag.connection.direction': 'outbound', 'qudag.connection.reason': code })
  }

  waited(ms: number, error: ConnectionError | undefined): void {
    if (error?.code === 'ERR_CONNECT_TIMEOUT') this.timeouts++
    this.#lasted('qudag.connection.wait_time', ms)
  }

  used(ms: number): void {
    this.#lasted('qudag.connection.use_time', ms)
  }

  roundTrip(ms: number): void {
    this.#lasted('qudag.connection.round_trip_time', ms)
  }

  #dialled(peer: ObservedPeer, { toState, reason, failure }: Move): void {
    const isOpen = toState === 'Connected' && reason === 'opened'
    const transport = this.#transportOf(isOpen ? peer.remoteAddress : peer.error?.address)
    this.attempts.add({
      ...(transport === undefined ? {} : { 'qudag.connection.transport': transport }),
      ...(isOpen ? {} : { 'error.type': failure?.code ?? reason }),
    })
    const since = this.#dialledAt.get(peer)
    this.#dialledAt.delete(peer)
    if (isOpen && since !== undefined) this.#lasted('qudag.connection.create_time', this.#world.now() - since)
  }

  #ended(peer: ObservedPeer, reason: TransitionReason): void {
    this.disconnections.add({ 'qudag.connection.direction': peer.direction, 'qudag.connection.reason': reason })
    const since = this.#openedAt.get(peer)
    this.#openedAt.delete(peer)
    if (since !== undefined) this.#lasted('qudag.connection.duration', this.#world.now() - since)
  }

  #lasted(name: HistogramName, ms: number): void {
    const seconds = ms / 1_000
    this.durations[name].add(seconds)
    // A pool cycle comes by here: where nobody listens, nothing is made to go round.
    if (this.listeners.size > 0) for (const listener of this.listeners) listener(name, seconds)
  }

  /** The scheme of an address, of those that the manager has transports for. */
  #transportOf(address: string | undefined): string | undefined {
    const end = address?.indexOf(':') ?? -1
    const protocol = end < 0 ? undefined : address?.slice(0, end + 1)
    return protocol !== undefined && this.#world.settings.transports.has(protocol) ? protocol.slice(0, -1) : undefined
  }
}

function hasLink(state: PeerState | undefined): boolean {
  return state === 'Connected' || state === 'Disconnected.pooled'
}
