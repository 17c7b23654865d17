/** A census of the peers of a manager: what of them is counted one by one, when somebody collects it. */
import { statusOf, type PeerState } from '../../machines/domain/peer-state.ts'
import { askBreaker } from '../../machines/policy/breaker.ts'
import type { Direction } from '../../machines/policy/duel.ts'
import type { World } from '../runtime/world/world.ts'
import type { Tally } from './tally.ts'

type ByDirection = Record<Direction, number>

/** How old links are, in words; each has those that are no older than that, and not in an earlier one. */
const AGES = [
  ['under 1 s', 1_000],
  ['1 s to 1 min', 60_000],
  ['1 to 10 min', 600_000],
  ['10 min to 1 h', 3_600_000],
  ['1 h to 1 d', 86_400_000],
  ['over 1 d', Infinity],
] as const

/** What was counted. */
export interface Census {
  /** Links by state and by who opened them; what is being dialled has no other direction. */
  readonly links: Readonly<Record<'used' | 'idle' | 'closing', ByDirection>> & { readonly connecting: { outbound: number } }
  /** Open links by how old they are. */
  readonly ages: Readonly<Record<string, number>>
  readonly oldestMs: number
  readonly keptUp: number
  readonly keptDown: number
  readonly breakersOpen: number
}

/** Counts every peer once. */
export function takeCensus(world: World, tally: Tally): Census {
  const at = world.now()
  const links = { used: none(), idle: none(), closing: none(), connecting: { outbound: 0 } }
  const counts = AGES.map(() => 0)
  let oldestMs = 0
  let keptUp = 0
  let keptDown = 0
  let breakersOpen = 0
  const { breaker: policy } = world.settings
  for (const peer of world.peers.values()) {
    const { kept, state, breaker, direction } = peer
    const place = placeOf(state)
    if (place === 'connecting') links.connecting.outbound++
    else if (place !== undefined) links[place][direction]++
    if (place === 'used' || place === 'idle') {
      const ageMs = Math.max(0, at - (tally.openSince(peer) ?? at))
      oldestMs = Math.max(oldestMs, ageMs)
      const index = AGES.findIndex(([, bound]) => ageMs < bound)
      counts[index] = (counts[index] ?? 0) + 1
    }
    if (kept) {
      if (state === 'Connected') keptUp++
      else keptDown++
    }
    if (breaker !== undefined && policy !== undefined && askBreaker(breaker, at, policy).kind === 'refuse') breakersOpen++
  }
  const ages = Object.fromEntries(AGES.map(([words], index) => [words, counts[index] ?? 0]))
  return { links, ages, oldestMs, keptUp, keptDown, breakersOpen }
}

function none(): ByDirection {
  return { inbound: 0, outbound: 0 }
}

function placeOf(state: PeerState | undefined): 'used' | 'idle' | 'closing' | 'connecting' | undefined {
  if (state === 'Connected') return 'used'
  if (state === 'Disconnected.pooled') return 'idle'
  if (state === 'Disconnected.closing') return 'closing'
  return state !== undefined && statusOf(state) === 'Connecting' ? 'connecting' : undefined
}
