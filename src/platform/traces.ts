/** Traces of a process for who looks at it from outside: Node's diagnostics channels, where somebody subscribes to them. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Move } from '../../machines/domain/transition.ts'
import type { ObservedPeer } from '../runtime/callbacks/observer.ts'
import type { MoveTraces, TraceChannel, TraceChannels } from '../runtime/callbacks/trace-channels.ts'

/** What subscribers are given of a dial. */
interface DialContext {
  readonly peerId: PeerId
  remoteAddress?: string
  error?: unknown
}

/** Traces the moves of one manager's peers. What is told is told at the end of the command: a subscriber may command. */
export class Traces implements MoveTraces {
  readonly #channels: Omit<TraceChannels, 'traces'>
  readonly #afterwards: (tell: () => void) => void
  readonly #dials = new WeakMap<ObservedPeer, DialContext>()

  constructor(channels: Omit<TraceChannels, 'traces'>, afterwards: (tell: () => void) => void) {
    this.#channels = channels
    this.#afterwards = afterwards
  }

  moved(peer: ObservedPeer, move: Move, hasEnded: boolean): void {
    const { dial, accept, close, evict } = this.#channels
    const { peerId, fromState, toState, reason, eviction } = move
    if (toState === 'Connecting.dialing' && fromState !== toState && dial.hasSubscribers) this.#begins(peer, peerId)
    else if (fromState === 'Connecting.dialing' && toState !== fromState) this.#ends(peer, move)
    const { remoteAddress } = peer
    if (hasEnded) {
      const { direction } = peer
      if (close.hasSubscribers) this.#tell(close, { peerId, remoteAddress, direction, reason })
      const hadToYield = reason === 'evicted' || reason === 'pool-evicted'
      if (hadToYield && evict.hasSubscribers) {
        this.#tell(evict, { peerId, remoteAddress, direction, reason, ...(eviction === undefined ? {} : { eviction }) })
      }
    }
    if (reason === 'inbound' && toState === 'Connected' && accept.hasSubscribers) this.#tell(accept, { peerId, remoteAddress })
  }

  #begins(peer: ObservedPeer, peerId: PeerId): void {
    const context: DialContext = { peerId }
    this.#dials.set(peer, context)
    this.#tell(this.#channels.dial, context)
  }

  #ends(peer: ObservedPeer, { toState, reason, failure }: Move): void {
    const context = this.#dials.get(peer)
    if (context === undefined) return
    this.#dials.delete(peer)
    const { dial } = this.#channels
    if (toState === 'Connected') context.remoteAddress = peer.remoteAddress
    else context.error = peer.error ?? failure ?? new Error(`the dial was ended: ${reason}`)
    this.#afterwards(() => {
      if (context.error !== undefined) dial.error.publish(context)
      dial.asyncStart.publish(context)
      dial.asyncEnd.publish(context)
    })
  }

  #tell({ start, end }: TraceChannel, context: object): void {
    this.#afterwards(() => {
      start.publish(context)
      end.publish(context)
    })
  }
}
