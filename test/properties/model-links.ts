/** The links of a model: how each is dialled, arrives, is let go of, closes and breaks. */
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../machines/domain/transition.ts'
import { type Call, type ModelPeer, newPeer, type Outcome, settle } from './model-peer.ts'
import { ModelSlots } from './model-slots.ts'

/** What was seen of a peer after an event of which the table leaves the result open. */
export interface Seen {
  readonly state: PeerState | undefined
  /** Whether the link that arrived is over. */
  readonly over: boolean
  /** Whether a dial of ours is still under way. */
  readonly dialing: boolean
}

/** What the other side does, and what comes of it. */
export class ModelLinks extends ModelSlots {
  #pooledOrder = 0

  openDial(peerId: string): void {
    const peer = this.known(peerId)
    peer.dialing = false
    if (peer.state === 'Connecting.dialing') {
      peer.direction = 'outbound'
      this.move(peer, 'Connected', 'opened')
      this.opened++
      this.serveWaiters(peer)
    } else {
      this.duels++
      peer.direction = 'outbound'
      this.orphan(peer)
    }
  }

  failDial(peerId: string, code: string): void {
    const peer = this.known(peerId)
    peer.dialing = false
    if (peer.state !== 'Connecting.dialing') {
      this.duels++
      return
    }
    this.dialLost(peer, 'dial-failed', 'ERR_DIAL_FAILED', code)
  }

  /** A link arrives from a peer that is not app-owned and live. Returns whether it must be over now. */
  arrive(peerId: string, seen: Seen): 'over' | 'kept' {
    if (this.stopped) return 'over'
    const peer = this.peers.get(peerId)
    switch (peer?.state) {
      case 'Connecting.dialing':
        // The dial goes on beside it where it will win, so that both ends keep the same link.
        peer.dialing = this.options.localPeerId < peerId
        // Nobody waits for it any more: it is given its time anew.
        peer.dialDeadline = this.now + this.options.connectTimeoutMs
        peer.armed = ++this.armed
        this.accept(peer)
        return 'kept'
      case 'Connected':
        this.duels++
        if (!this.#arrivingWins(peer)) return 'over'
        peer.direction = 'inbound'
        // A dial of ours may go on beside the newer inbound link as it did beside the older.
        peer.dialing &&= seen.dialing
        this.orphan(peer)
        this.trimInbound()
        return 'kept'
      case 'Disconnected.closing':
      case 'Disconnected.pooled':
        // Above a limit that was lowered nothing is admitted, not even into the slot that a closing link leaves.
        if (peer.state === 'Disconnected.closing' && this.slots > this.limit) {
          this.rejected++
          return 'over'
        }
        // The table is silent: the peer becomes Connected on the new link, or the new link goes.
        this.duels++
        if (seen.over) return 'over'
        this.orphan(peer)
        this.accept(peer)
        this.closed(peer)
        return 'kept'
      default:
        if (!this.takeInboundSlot()) {
          this.rejected++
          return 'over'
        }
        this.accept(peer ?? newPeer(peerId))
        return 'kept'
    }
  }

  remoteClosed(peerId: string): void {
    const peer = this.known(peerId)
    if (peer.state !== 'Connected') return this.linkGone(peer)
    this.endHolds(peer, 'remote')
    this.orphan(peer)
    peer.dialing = false
    this.move(peer, 'Disconnected.closed', 'remote-closed')
    this.forgetUnproven(peer)
  }

  linkFailed(peerId: string, code: string): void {
    const peer = this.known(peerId)
    if (peer.state !== 'Connected') return this.linkGone(peer)
    this.endHolds(peer, 'error')
    this.orphan(peer)
    peer.dialing = false
    peer.failure = code
    this.move(peer, 'Failed', 'link-error')
    this.forgetUnproven(peer)
  }

  closeFinished(peerId: string): void {
    this.linkGone(this.known(peerId))
  }

  protected dial(peer: ModelPeer): void {
    peer.app = false
    peer.dialing = true
    peer.dialDeadline = this.now + this.options.connectTimeoutMs
    peer.armed = ++this.armed
    peer.direction = 'outbound'
    this.dials++
    this.move(peer, 'Connecting.dialing', 'connect')
  }

  protected dialLost(peer: ModelPeer, reason: TransitionReason, refusal: Outcome, code: string): void {
    this.failed++
    this.refuse(peer, refusal)
    this.move(peer, 'Failed', reason)
    peer.failure = code
    this.forgetUnproven(peer)
  }

  protected accept(peer: ModelPeer): void {
    peer.app = false
    peer.direction = 'inbound'
    this.accepted++
    this.move(peer, 'Connected', 'inbound')
    this.serveWaiters(peer)
    // A peer that is in a slot already joins on its link whatever the share of the inbound ones; then pooled ones yield.
    this.trimInbound()
  }

  protected letGo(peer: ModelPeer, pool: boolean, call: Call, seen: Seen): void {
    this.endHolds(peer, 'local')
    peer.dialing = false
    // While a lowered limit is exceeded, a link that could be pooled may as well be closed or evicted at once.
    const overLimit = this.slots > this.limit
    if (pool && this.ttl > 0 && !(overLimit && seen.state !== 'Disconnected.pooled')) {
      settle(call, 'ok')
      peer.pooledAt = this.now
      peer.armed = ++this.armed
      peer.pooledOrder = this.#pooledOrder++
      this.move(peer, 'Disconnected.pooled', 'disconnect')
      this.trimInbound()
    } else if (pool && this.ttl > 0 && seen.state === undefined) {
      settle(call, 'ok')
      this.evicted++
      this.move(peer, 'Disconnected.pooled', 'disconnect')
      this.forget(peer, 'pool-evicted')
    } else this.close(peer, call)
  }

  protected close(peer: ModelPeer, call: Call): void {
    call.expected = ['pending']
    // Whether what nobody has read is still to be had while the link closes is left open.
    this.orphan(peer)
    peer.closers.push(call)
    peer.closeDeadline = this.now + this.options.closeTimeoutMs
    peer.armed = ++this.armed
    this.move(peer, 'Disconnected.closing', 'disconnect')
  }

  /** The link of a pooled or closing peer is over. */
  protected linkGone(peer: ModelPeer): void {
    this.forget(peer, peer.state === 'Disconnected.pooled' ? 'remote-closed' : 'forgotten')
    if (peer.waiters.length === 0) return
    // The slot stays its own; but while a lowered limit is exceeded, nothing needs to be admitted into it.
    const isFull = this.slots >= this.limit
    if (isFull && !this.options.wasDialled(peer.peerId, this.now)) return this.refuse(peer, 'ERR_MAX_CONNECTIONS')
    if (isFull && this.pooled('any').some(({ peerId }) => this.options.wasEvicted(peerId))) this.evictOne('any')
    this.dial(peer)
  }

  #arrivingWins(peer: ModelPeer): boolean {
    return peer.direction === 'inbound' || peer.peerId < this.options.localPeerId
  }
}
