/** The slots of a model: who has one, how many inbound links may use, and which pooled link yields. */
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { ModelBook } from './model-book.ts'
import type { ModelPeer } from './model-peer.ts'

/** Slots are counted anew each time: a model may be slow. */
export class ModelSlots extends ModelBook {
  get slots(): number {
    return this.count((peer) => holdsSlot(peer.state))
  }

  /** Slots that inbound links of ours use: Connected, pooled or closing. */
  get inboundSlots(): number {
    return this.count((p) => !p.app && p.direction === 'inbound' && holdsSlot(p.state) && p.state !== 'Connecting.dialing')
  }

  /** How many slots inbound links may use: four fifths, rounded down, at least one. */
  get inboundLimit(): number {
    return Math.max(1, Math.floor((this.limit * 4) / 5))
  }

  get appSlots(): number {
    return this.count((peer) => peer.app && holdsSlot(peer.state))
  }

  /** Longest idle first. */
  pooled(of: 'any' | 'inbound'): ModelPeer[] {
    return [...this.peers.values()]
      .filter((peer) => peer.state === 'Disconnected.pooled' && (of === 'any' || peer.direction === of))
      .toSorted((a, b) => a.pooledAt - b.pooledAt || a.pooledOrder - b.pooledOrder)
  }

  protected evictOne(of: 'any' | 'inbound'): boolean {
    const [victim] = this.pooled(of)
    if (victim === undefined) return false
    this.evicted++
    this.forget(victim, 'pool-evicted')
    return true
  }

  protected takeSlot(of: 'any' | 'inbound'): boolean {
    return this.slots < this.limit || (this.slots === this.limit && this.evictOne(of))
  }

  /** Under the ceiling of inbound links, and under the limit of all: room is made by a pooled inbound link, or there is none. */
  protected takeInboundSlot(): boolean {
    if (this.slots < this.limit && this.inboundSlots < this.inboundLimit) return true
    return this.slots <= this.limit && this.inboundSlots <= this.inboundLimit && this.evictOne('inbound')
  }

  /** Above their ceiling, pooled inbound links yield at once. */
  protected trimInbound(): void {
    while (this.inboundSlots > this.inboundLimit && this.evictOne('inbound'));
  }
}
