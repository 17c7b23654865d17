/** Ids that are shown without their secrets still name one peer each, and can be taken back for the ids that they stand for. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { LinkedMap } from '../runtime/collections/linked-map.ts'
import { TombstoneMap } from '../runtime/collections/tombstone-map.ts'

/** So many ids that are shown otherwise are remembered; of more the oldest are forgotten, and shown under a new number. */
const MOST = 65_536

/** What stands for each peer id where it is shown. @since 0.1.0 */
export class ShownIds {
  readonly #show: (peerId: PeerId) => string
  readonly #shown = new LinkedMap<PeerId, string>()
  readonly #meant = new TombstoneMap<string, PeerId>()

  /** @param show what an id looks like; two may look alike, and then all but the first get a number */
  constructor(show: (peerId: PeerId) => string) {
    this.#show = show
  }

  /** What stands for an id: itself, nearly always. */
  of(peerId: PeerId): string {
    const look = this.#show(peerId)
    if (look === peerId && (this.#meant.size === 0 || !this.#meant.has(look))) return peerId
    const known = this.#shown.get(peerId)
    if (known !== undefined) return known
    let shown = look
    for (let n = 2; this.#meant.has(shown); n++) shown = `${look} (${n})`
    if (this.#shown.size >= MOST) this.#forgetOldest()
    this.#shown.set(peerId, shown)
    this.#meant.set(shown, peerId)
    return shown
  }

  #forgetOldest(): void {
    const { first } = this.#shown
    const name = first === undefined ? undefined : this.#shown.get(first)
    if (first === undefined || name === undefined) return
    this.#shown.delete(first)
    this.#meant.delete(name)
  }

  /** The id that is meant. */
  meant(shown: string): PeerId {
    return this.#meant.get(shown) ?? shown
  }
}
