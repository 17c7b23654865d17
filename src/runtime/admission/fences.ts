/** The fences that arriving links have shown: of each fleet the newest claim is known, and an older one is turned away. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { LinkFence } from '../../transports/transport.ts'
import type { World } from '../world/world.ts'
import { LinkedMap } from '../collections/linked-map.ts'

/** The most fleets that are remembered; past it, the one that showed a claim longest ago is forgotten. */
const MAX_FLEETS = 1_024

/** The newest claim of a fleet, and the link that showed it. */
interface Newest {
  readonly fence: number
  readonly peerId: PeerId
}

/** What fleets have claimed of us. */
export class Fences {
  /** In the order in which they were shown. */
  readonly #newest = new LinkedMap<string, Newest>()

  /** Whether a newer claim of the same fleet has been admitted. */
  isOlder({ fleet, fence }: LinkFence): boolean {
    const newest = this.#newest.get(fleet)
    return newest !== undefined && fence < newest.fence
  }

  /** A link is admitted; gives the peer whose link showed an older claim. */
  admitted({ fleet, fence }: LinkFence, peerId: PeerId): PeerId | undefined {
    const before = this.#newest.get(fleet)
    this.#newest.delete(fleet)
    this.#newest.set(fleet, { fence, peerId })
    const { first, size } = this.#newest
    if (size > MAX_FLEETS && first !== undefined) this.#newest.delete(first)
    return before === undefined || before.fence === fence || before.peerId === peerId ? undefined : before.peerId
  }
}

/** What a hello showed, where it is a claim. */
export function fenceOf({ fence }: { readonly fence?: LinkFence }): LinkFence | undefined {
  const given: { readonly fleet?: unknown; readonly fence?: unknown } | undefined | null = fence
  if (typeof given !== 'object' || given === null) return undefined
  return typeof given.fleet === 'string' && Number.isSafeInteger(given.fence) ? fence : undefined
}

/** A fleet has claimed us anew: the link of its older claim is closed. */
export function supersede(world: World, peerId: PeerId, at: number): void {
  const peer = world.peers.get(peerId)
  if (peer?.port === undefined || fenceOf(peer.port.link) === undefined) return
  peer.port.farewell = 'replaced'
  world.enter()
  try {
    world.send(peer, { type: 'peer.disconnect', at, pool: false })
  } finally {
    world.leave()
  }
}
