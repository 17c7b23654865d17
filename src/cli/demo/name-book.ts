/** A peer is shown by its name, which is known of its id or which it gave, and the book does not grow for ever. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'

/** Enough for what can still be seen on a screen. */
const MOST = 1_000

/** Who is behind the ids of inbound links, which say only where they came from. */
export class NameBook {
  readonly #names = new Map<PeerId, string>()

  learn(peerId: PeerId, name: string): void {
    this.#names.set(peerId, name)
    if (this.#names.size <= MOST) return
    for (const [oldest] of this.#names) {
      this.#names.delete(oldest)
      break
    }
  }

  /** `amber-1` for a peer whose id is known, or that we call; `←birch-2` for one that called us and proves nothing, `←127.0.0.1:5123` until it has said its name. */
  nameOf(peerId: PeerId): string {
    const [, from] = /^inbound\+(?:\w+:\/\/)?(.*)$/.exec(peerId) ?? []
    return from === undefined ? (this.#names.get(peerId) ?? peerId) : `←${this.#names.get(peerId) ?? from}`
  }
}
