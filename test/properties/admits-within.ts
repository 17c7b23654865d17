/** Keeps one thing true: whoever comes into a slot past the limit is seen, at the instant in which it comes. */
import type { Rig, Watch } from './rig.ts'

/**
 * Slots may be more than a limit that was lowered, but then no peer comes into one. Within a command one peer may have
 * left its slot, and its link not yet been cut, when the next has taken it, and holds nothing yet: so whoever has nothing
 * at the transport's end is judged when it has, or when the command is over.
 */
export function admitsWithin(): Watch {
  const before = new WeakMap<Rig, { readonly slots: ReadonlySet<string>; readonly where: string }>()
  return (rig, where) => {
    const isOver = where.startsWith('after') || where.startsWith('settled')
    const all = rig.inSlots()
    const last = before.get(rig)
    const now = isOver ? all : new Set([...rig.held()].filter((peerId) => last?.slots.has(peerId) === true || rig.holdsLink(peerId)))
    const known = [...(last?.slots ?? [])].filter((peerId) => all.has(peerId))
    before.set(rig, { slots: new Set([...now, ...known]), where })
    // A peer whose link is over, and that dials or attaches another in the same breath, does so in its slot.
    const inItsSlot = (peerId: string): boolean =>
      /^(over|dialEnded) of /.test(last?.where ?? '') &&
      last?.where.endsWith(` of ${peerId}`) === true &&
      / of (.*)$/.exec(where)?.[1] === peerId
    const admitted = [...now].filter((peerId) => !(last?.slots.has(peerId) ?? false) && !inItsSlot(peerId))
    if (admitted.length === 0 || now.size <= rig.limit) return undefined
    return `${admitted.join()} admitted, which makes ${now.size} of ${rig.limit}`
  }
}
