/** A peer as far as a node has to do with its ownership. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { LinkFence } from '../transports/transport.ts'
import { FifoList, type FifoNode } from '../runtime/collections/fifo-list.ts'

/** Who owns a peer. @since 0.2.0 */
export interface PeerOwner {
  /** The node by name, and by the id of its registration. */
  readonly node: string
  readonly id: string
  /** The fencing number of its claim. */
  readonly fence: number
}

/** A peer that is claimed, held, or given back. */
export interface Owned {
  readonly peerId: PeerId
  state: 'claiming' | 'held' | 'releasing'
  /** The claim under way. */
  claiming: Promise<LinkFence> | undefined
  /** Of a release: when it is over. */
  releasing: Promise<void> | undefined
  fence: LinkFence | undefined
  /** Whether the store says that it is kept; undefined: that is not known. */
  isKept: boolean | undefined
  /** Whether that is being written. */
  isKeeping: boolean
  /** Whether it is to be given back as soon as it is claimed. */
  isUnwanted: boolean
  /** Who took it with which fence, heard of before the claim was answered. */
  taken: { readonly by: string; readonly fence: number } | undefined
}

/** A peer that is being claimed. */
export function newOwned(peerId: PeerId): Owned {
  return {
    peerId,
    state: 'claiming',
    claiming: undefined,
    releasing: undefined,
    fence: undefined,
    isKept: false,
    isKeeping: false,
    isUnwanted: false,
    taken: undefined,
  }
}

/** A claim that is to be taken back. */
interface Release extends FifoNode<Release> {
  readonly owned: Owned
  done(): void
}

/** So many claims are taken back at one time. */
const MAX_RELEASES = 64

/** Claims that are to be taken back, some at a time, in the order in which they came. */
export class Releases {
  readonly #release: (owned: Owned) => Promise<void>
  readonly #waiting = new FifoList<Release>()
  #running = 0

  /** @param release takes one back; it never rejects */
  constructor(release: (owned: Owned) => Promise<void>) {
    this.#release = release
  }

  /** Resolves when it is taken back, or all of them are given up. */
  add(owned: Owned): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ owned, done, previous: undefined, next: undefined })
      this.#next()
    })
  }

  /** They need not be taken back any more. */
  giveUp(): void {
    for (let next = this.#take(); next !== undefined; next = this.#take()) next.done()
  }

  #next(): void {
    while (this.#running < MAX_RELEASES) {
      const next = this.#take()
      if (next === undefined) return
      this.#running++
      void this.#release(next.owned).finally(() => {
        this.#running--
        next.done()
        this.#next()
      })
    }
  }

  #take(): Release | undefined {
    const { first } = this.#waiting
    if (first !== undefined) this.#waiting.remove(first)
    return first
  }
}
