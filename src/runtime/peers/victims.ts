/** Victims of eviction in order: the one that yields first is found at once, and a place changes in logarithmic time. */
import { compareCandidates, compareClasses, type Candidate, type CandidateClass } from '../../../machines/policy/eviction.ts'
import { Heap, type HeapItem } from '../collections/heap.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** One that may yield. What it is ordered by changes only while it is out of {@link Victims}. */
export interface Victim<T> extends HeapItem, Omit<Candidate, 'groupSize'> {
  readonly of: T
  /** Whom it counts with; undefined: nobody. */
  readonly group: string | undefined
  /** Where it stands; undefined: it is out. Kept by {@link Victims}. */
  cell: GroupCell<T> | undefined
}

/** Those of one class that share a group. */
interface GroupCell<T> extends HeapItem {
  readonly group: string | undefined
  readonly members: Heap<Victim<T>>
  readonly inClass: ClassCell<T>
}

/** Those alike in all that comes before their groups. */
interface ClassCell<T> extends HeapItem, CandidateClass {
  readonly key: string
  readonly groups: Heap<GroupCell<T>>
  readonly byGroup: TombstoneMap<string | undefined, GroupCell<T>>
}

/**
 * Those that may yield, in the order of {@link compareCandidates}. Heaps within heaps: as a group's size counts among its
 * equals only, one that joins or leaves moves its own cells and nobody else's.
 */
export class Victims<T> {
  readonly #classes = new Heap<ClassCell<T>>((a, b) => compareClasses(a, b) < 0)
  readonly #byKey = new TombstoneMap<string, ClassCell<T>>()

  /** Who yields first. */
  get first(): Victim<T> | undefined {
    return this.#classes.first?.groups.first?.members.first
  }

  add(victim: Victim<T>): void {
    const inClass = this.#classOf(victim)
    const cell = groupOf(inClass, victim.group)
    victim.cell = cell
    cell.members.set(victim)
    inClass.groups.set(cell)
    this.#classes.set(inClass)
  }

  /** Takes one out, if it is in. */
  remove(victim: Victim<T>): void {
    const { cell } = victim
    if (cell === undefined) return
    victim.cell = undefined
    const { inClass, members } = cell
    members.remove(victim)
    if (members.size > 0) return inClass.groups.set(cell)
    inClass.groups.remove(cell)
    inClass.byGroup.delete(cell.group)
    if (inClass.groups.size > 0) return
    this.#classes.remove(inClass)
    this.#byKey.delete(inClass.key)
  }

  #classOf({ score, isActive, direction }: CandidateClass): ClassCell<T> {
    const key = `${score} ${isActive} ${direction}`
    let inClass = this.#byKey.get(key)
    if (inClass === undefined) {
      inClass = { score, isActive, direction, key, index: -1, groups: new Heap<GroupCell<T>>(before), byGroup: new TombstoneMap() }
      this.#byKey.set(key, inClass)
    }
    return inClass
  }
}

function groupOf<T>(inClass: ClassCell<T>, group: string | undefined): GroupCell<T> {
  let cell = inClass.byGroup.get(group)
  if (cell === undefined) {
    cell = { index: -1, group, members: new Heap<Victim<T>>((a, b) => a.order > b.order), inClass }
    inClass.byGroup.set(group, cell)
  }
  return cell
}

/** Which of two groups of one class yields first: by the first of each, as those of one group differ in age alone. */
function before<T>(a: GroupCell<T>, b: GroupCell<T>): boolean {
  const [first, second] = [a.members.first, b.members.first]
  if (first === undefined || second === undefined) return second === undefined
  return compareCandidates(candidateOf(first, a), candidateOf(second, b)) < 0
}

function candidateOf<T>({ score, isActive, direction, order }: Victim<T>, { group, members }: GroupCell<T>): Candidate {
  return { score, isActive, direction, order, groupSize: group === undefined ? 1 : members.size }
}
