/** Keeps one thing true: whoever comes into a slot past the limit is seen, at the instant in which it comes. */
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import type { Rig, Watch } from './rig.ts'

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
    for (const { peerId, state } of rig.manager.peers()) {
      if (holdsSlot(state) && (slots.has(peerId) || last?.kept.has(peerId) === true)) kept.add(peerId)
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
