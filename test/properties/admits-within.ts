/** Whoever comes into a slot past the limit is seen, at the instant in which it comes. */
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import type { Rig, Watch } from './rig.ts'

/** Where a change is told. */
export const TOLD = 'told'

/** What was so at the instant before. */
interface Before {
  readonly slots: ReadonlySet<string>
  /** Peers that came into their slots in order, and have kept them since, as the manager has it. */
  readonly kept: ReadonlySet<string>
  readonly where: string
}

/**
 * Slots may be more than a limit that was lowered, but then no peer comes into one. Within a command one peer may have
 * left its slot, and its link not yet been cut, when the next has taken it, and holds nothing yet: so whoever has nothing
 * at the transport's end is judged when it has, or when the command is over. A link that is over keeps its slot until the
 * manager has been told: what comes of the same peer meanwhile comes in that slot.
 */
export function admitsWithin(): Watch {
  const before = new WeakMap<Rig, Before>()
  return (rig, where) => {
    const isOver = where.startsWith('after') || where.startsWith('settled')
    const all = rig.inSlots()
    const last = before.get(rig)
    const now = isOver ? all : new Set([...rig.held()].filter((peerId) => last?.slots.has(peerId) === true || rig.holdsLink(peerId)))
    const known = [...(last?.slots ?? [])].filter((peerId) => all.has(peerId))
    const slots = new Set([...now, ...known])
    const kept = new Set<string>()
    // While all are within the limit, whoever has a slot has it by right, though it holds nothing yet.
    const isWithin = all.size <= rig.limit
    for (const { peerId, state } of rig.manager.peers()) {
      if (holdsSlot(state) && (isWithin || slots.has(peerId) || last?.kept.has(peerId) === true)) kept.add(peerId)
    }
    // A change that is told is no instant of the transport's: it only shows who has a slot.
    if (where === TOLD) {
      before.set(rig, { slots: last?.slots ?? new Set(), kept, where: last?.where ?? where })
      return undefined
    }
    before.set(rig, { slots, kept, where })
    // A peer whose link is over, and that dials or attaches another in the same breath, does so in its slot.
    const inItsSlot = (peerId: string): boolean =>
      /^(over|dialEnded) of /.test(last?.where ?? '') &&
      last?.where.endsWith(` of ${peerId}`) === true &&
      / of (.*)$/.exec(where)?.[1] === peerId
    const wasThere = (peerId: string): boolean => last?.slots.has(peerId) === true || last?.kept.has(peerId) === true
    const admitted = [...now].filter((peerId) => !wasThere(peerId) && !inItsSlot(peerId))
    if (admitted.length === 0 || now.size <= rig.limit) return undefined
    return `${admitted.join()} admitted, which makes ${now.size} of ${rig.limit}`
  }
}
