/**
 * Rendezvous hashing with bounded load: all nodes find the same place for a peer without asking each other, few peers move
 * when a node comes or goes, and no node gets much more than its share.
 *
 * Highest random weight (Thaler and Ravishankar, 1998), with the bound of Mirrokni, Thorup and Zadimoghaddam (2016):
 * a peer whose first node is full goes to its next one.
 */

/** A node takes at most so many times its even share. */
const LOAD_FACTOR = 1.25

/**
 * Places peers on nodes. The same for the same peers and nodes, in whatever order they are given.
 *
 * @param round another number gives other places: for what those of the last round did not take
 */
export function place(peers: Iterable<string>, nodes: Iterable<string>, round = 0): Map<string, string> {
  const places = new Map<string, string>()
  const hashes = [...nodes].toSorted().map((node) => ({ node, hash: hashOf(`${node} ${round}`), load: 0 }))
  if (hashes.length === 0) return places
  const sorted = [...new Set(peers)].toSorted()
  const most = Math.ceil((sorted.length / hashes.length) * LOAD_FACTOR)
  for (const peer of sorted) {
    const own = hashOf(peer)
    let best: (typeof hashes)[number] | undefined
    let highest = -1
    for (const candidate of hashes) {
      if (candidate.load >= most) continue
      const weight = mix(own ^ candidate.hash)
      if (weight <= highest) continue
      highest = weight
      best = candidate
    }
    if (best === undefined) continue
    best.load++
    places.set(peer, best.node)
  }
  return places
}

/** FNV-1a over UTF-16 code units, mixed. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93)
  return mix(hash)
}

/** The finalizer of MurmurHash3: every bit of the input changes half of the output's. */
function mix(value: number): number {
  let mixed = value
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85_eb_ca_6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2_b2_ae_35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
