/** The inbound links that live are counted as peers move, in all and by where they come from. */
import { ipOfAddress } from '../../../machines/domain/ip.ts'
import { holdsSlot, type PeerState } from '../../../machines/domain/peer-state.ts'
import { hostRanges, type HostRange } from '../../../machines/policy/arrival.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** An inbound link that is counted, and in which ranges. */
export interface Seat {
  readonly remoteAddress: string
  readonly ranges: readonly HostRange[]
}

/** A peer, as far as its seat goes. */
export interface Seated {
  readonly direction: Direction
  readonly remoteAddress: string
  /** Its link; undefined: it has none. */
  readonly port: object | undefined
  seat: Seat | undefined
}

/** The inbound links that live: Connected, pooled or closing. */
export class InboundSeats {
  readonly #live = new TombstoneMap<string, number>()
  #held = 0

  get held(): number {
    return this.#held
  }

  /** How many ranges are counted now. */
  get size(): number {
    return this.#live.size
  }

  /** How many links live in a range, but for the one that `peer` has: it goes when another of the same peer comes. */
  liveIn(range: string, peer: Seated | undefined): number {
    const own = peer?.seat?.ranges.some((other) => other.range === range) === true ? 1 : 0
    return (this.#live.get(range) ?? 0) - own
  }

  /** A peer has moved. @param to its state; undefined: forgotten */
  moved(peer: Seated, to: PeerState | undefined): void {
    const sits = to !== undefined && holdsSlot(to) && peer.direction === 'inbound' && peer.port !== undefined
    const { seat } = peer
    if (sits && seat?.remoteAddress === peer.remoteAddress) return
    if (seat !== undefined) this.#count(seat, -1)
    peer.seat = sits ? seatAt(peer.remoteAddress) : undefined
    if (peer.seat !== undefined) this.#count(peer.seat, 1)
  }

  #count({ ranges }: Seat, by: 1 | -1): void {
    this.#held += by
    for (const { range } of ranges) {
      const live = (this.#live.get(range) ?? 0) + by
      if (live === 0) this.#live.delete(range)
      else this.#live.set(range, live)
    }
  }
}

function seatAt(remoteAddress: string): Seat {
  const ip = ipOfAddress(remoteAddress)
  return { remoteAddress, ranges: ip === undefined ? [] : hostRanges(ip) }
}
