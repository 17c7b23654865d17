/**
 * A walk through all states: in each it takes an act that nobody took there, and where there is none it goes on to the
 * nearest state that has one, or begins anew. So an edge costs a few steps rather than the whole path to it; and as known
 * edges are walked again, a state whose text left out something that its future depends on is found out: the same act
 * would lead elsewhere.
 */
import type { RowTitle } from '../machines/design-table.ts'
import { type Act, actsOf } from './alphabet.ts'
import type { Hand } from './hand.ts'
import { spellOrder, spellPeer } from './spelling.ts'
import { Subject } from './subject.ts'
import type { Exploration, Found } from './exploration.ts'

interface State {
  readonly key: string
  readonly acts: readonly Act[]
  readonly to: Int32Array
  /** The first act that was never taken. */
  next: number
  /** Where it leads, once all acts were taken. */
  ways: readonly (readonly [to: number, by: number])[] | undefined
}

/** The shortest ways from the start to all that is known. */
interface Plan {
  readonly order: readonly number[]
  readonly from: Int32Array
  readonly by: Int32Array
  /** The first in `order` where something may be left to do. */
  next: number
}

/** Steps after which a walk begins anew, so that what it keeps does not grow. */
const LONGEST_WALK = 400
/** How far, and how wide, a walk looks for something to do before it begins anew. */
const NEAR = 8
const LOOKED_AT = 3_000
/** Where an edge leads that was never taken, and one after which something did not hold. */
const NOWHERE_YET = -1
const DEAD = -2

export class Walk {
  readonly #exploration: Exploration
  readonly #states: State[] = []
  readonly #ids = new Map<string, number>()
  readonly #rows = new Map<RowTitle, number>()
  readonly #wrong = new Map<string, { readonly wrong: string; readonly id: number; readonly index: number }>()
  #subject: Subject | undefined
  #at = 0
  #order: readonly number[] = []
  #trail: string[] = []
  #left = 0
  #edges = 0
  #steps = 0
  #managers = 0
  #plan: Plan | undefined

  constructor(exploration: Exploration) {
    this.#exploration = exploration
  }

  async all(): Promise<void> {
    await this.#begin()
    while (this.#left > 0) {
      const here = this.#states[this.#at] as State
      const goesOn = this.#trail.length < LONGEST_WALK && this.#subject?.isWornOut === false
      if (here.next < here.acts.length && goesOn) {
        await this.#take(here, here.next++)
        continue
      }
      const near = goesOn ? this.#nearest() : undefined
      if (near !== undefined) await this.#follow(near)
      else await this.#fromTheStart()
    }
  }

  warned(text: string): void {
    this.#subject?.wrong.push(`invariant 4: ${text}`)
  }

  get found(): Found {
    const byPhase = new Map<string, number>()
    const byState = new Map<string, number>()
    for (const { key } of this.#states) {
      const [phase = '', , ...peers] = key.split('|')
      byPhase.set(phase, (byPhase.get(phase) ?? 0) + 1)
      for (const peer of new Set(peers.slice(0, -1).map((text) => text.split(' ')[0] ?? '')))
        byState.set(peer, (byState.get(peer) ?? 0) + 1)
    }
    return {
      states: this.#states.length,
      edges: this.#edges,
      steps: this.#steps,
      managers: this.#managers,
      rows: this.#rows,
      byPhase,
      byState,
      widest: Math.max(...this.#states.map(({ acts }) => acts.length)),
      wrong: this.#explainAll(),
    }
  }

  async #begin(): Promise<void> {
    const { peers, limit, policies = false } = this.#exploration
    this.#subject = await Subject.make(peers, limit, policies)
    this.#managers++
    this.#trail = []
    this.#at = this.#look()
  }

  /** Takes an act, new or known, and looks where it led. */
  async #take(from: State, index: number): Promise<void> {
    const subject = this.#subject as Subject
    const act = from.acts[index] as Act
    const who = this.#order[act.peer]
    const hand = subject.hands[who ?? 0] as Hand
    this.#trail.push(act.peer < 0 ? act.name : `${hand.peerId.slice(-1)} ${act.name}`)
    this.#steps++
    try {
      const order = this.#order
      await subject.step((s) => act.run(s, hand, (place) => s.hands[order[place] as number] as Hand))
    } catch (error) {
      throw this.#failure(`threw ${(error as Error).stack}`)
    }
    const known = from.to[index] as number
    if (subject.wrong.length > 0) {
      for (const wrong of subject.wrong) this.#note(wrong, from, index)
      if (known !== DEAD) {
        from.to[index] = DEAD
        from.ways = undefined
        this.#left--
      }
      if (this.#exploration.bail === true) throw this.#failure(subject.wrong.join('\n'))
      // What follows from it would be noted too.
      return this.#begin()
    }
    const at = this.#look()
    if (known < 0) {
      from.to[index] = at
      this.#edges++
      this.#left--
      for (const row of subject.taken) this.#rows.set(row, (this.#rows.get(row) ?? 0) + 1)
    } else if (known !== at) {
      const keys = [this.#states[known]?.key, this.#states[at]?.key].join('\n  and now to  ')
      throw this.#failure(`the same act led before to  ${keys}\nso the text of a state leaves something out`)
    }
    this.#at = at
  }

  /** The state that the subject is in now; one that was never seen is noted with all that can happen there. */
  #look(): number {
    const subject = this.#subject as Subject
    const { phase, limit } = subject
    const peers = subject.hands.map((hand) => spellPeer(subject, hand, this.#exploration.ownersOfTheGone))
    let key: string | undefined
    for (const order of this.#exploration.symmetries) {
      const places: number[] = []
      order.forEach((who, at) => (places[who] = at))
      const text = `${phase}|${phase === 'Stopped' ? '' : limit}|${order.map((who) => peers[who]).join('|')}|${spellOrder(subject, places)}`
      if (key !== undefined && text >= key) continue
      key = text
      this.#order = order
    }
    const known = this.#ids.get(key as string)
    if (known !== undefined) return known
    const id = this.#states.length
    const all = actsOf(subject, this.#order, this.#exploration)
    const endings = all.filter(({ ends }) => ends)
    const acts = [
      ...all.filter(({ ends }) => !ends),
      ...(this.#exploration.endings === 'all' ? endings : endings.slice(id % endings.length, (id % endings.length) + 1)),
    ]
    this.#states.push({ key: key as string, acts, to: new Int32Array(acts.length).fill(NOWHERE_YET), next: 0, ways: undefined })
    this.#ids.set(key as string, id)
    this.#left += acts.length
    return id
  }

  /** The known way to the nearest state where something was never done. */
  #nearest(): number[] | undefined {
    const from = new Map<number, readonly [id: number, by: number]>([[this.#at, [-1, -1]]])
    let ring = [this.#at]
    for (let distance = 0; distance < NEAR && from.size < LOOKED_AT; distance++) {
      const next: number[] = []
      for (const id of ring) {
        for (const [to, by] of this.#waysFrom(id)) {
          if (from.has(to)) continue
          from.set(to, [id, by])
          if (this.#hasMore(to)) return wayTo(to, from)
          next.push(to)
        }
      }
      ring = next
    }
    return undefined
  }

  #hasMore(id: number): boolean {
    const { next, acts } = this.#states[id] as State
    return next < acts.length
  }

  /** Where known edges lead, one for each place. */
  #waysFrom(id: number): readonly (readonly [to: number, by: number])[] {
    const state = this.#states[id] as State
    if (state.ways !== undefined) return state.ways
    const ways = new Map<number, number>()
    state.to.forEach((to, by) => {
      if (to >= 0 && to !== id && !ways.has(to)) ways.set(to, by)
    })
    const known = [...ways]
    if (!this.#hasMore(id)) state.ways = known
    return known
  }

  /** Goes from a fresh manager to a state where something was never done, the nearest ones first. */
  async #fromTheStart(): Promise<void> {
    await this.#begin()
    let target = this.#nextTarget()
    if (target === undefined) {
      this.#plan = this.#planAll()
      target = this.#nextTarget()
    }
    if (target === undefined || this.#plan === undefined) throw this.#failure('something is left to do, and no way leads there')
    const way: number[] = []
    for (let id = target; id !== 0; id = this.#plan.from[id] as number) way.unshift(this.#plan.by[id] as number)
    await this.#follow(way)
  }

  /** Walks known edges; each of them still holds what it held. */
  async #follow(way: readonly number[]): Promise<void> {
    const subject = this.#subject
    for (const index of way) {
      await this.#take(this.#states[this.#at] as State, index)
      // Something did not hold, and the walk began anew.
      if (this.#subject !== subject) return
    }
  }

  #nextTarget(): number | undefined {
    const plan = this.#plan
    if (plan === undefined) return undefined
    for (; plan.next < plan.order.length; plan.next++) {
      const id = plan.order[plan.next] as number
      const state = this.#states[id] as State
      if (state.next < state.acts.length) return id
    }
    return undefined
  }

  #planAll(): Plan {
    const from = new Int32Array(this.#states.length).fill(-1)
    const by = new Int32Array(this.#states.length).fill(-1)
    const order = [0]
    from[0] = 0
    for (const id of order) {
      this.#states[id]?.to.forEach((to, index) => {
        if (to < 0 || from[to] !== -1) return
        from[to] = id
        by[to] = index
        order.push(to)
      })
    }
    return { order, from, by, next: 0 }
  }

  /** What differs in its numbers alone is noted once. */
  #note(wrong: string, from: State, index: number): void {
    const kind = wrong.replace(/\d+/g, '#')
    if (!this.#wrong.has(kind)) this.#wrong.set(kind, { wrong, id: this.#states.indexOf(from), index })
  }

  #explainAll(): string[] {
    const plan = this.#planAll()
    return [...this.#wrong.values()].map(({ wrong, id, index }) => {
      const way = [index]
      for (let back = id; back > 0; back = plan.from[back] as number) way.unshift(plan.by[back] as number)
      const names: string[] = []
      let at = 0
      for (const by of way) {
        const state = this.#states[at] as State
        const act = state.acts[by] as Act
        names.push(act.peer < 0 ? act.name : `${act.peer}: ${act.name}`)
        at = Math.max(0, state.to[by] as number)
      }
      return `${wrong}\n    after: ${names.join('; ')}\n    from:  ${this.#states[id]?.key}`
    })
  }

  #failure(what: string): Error {
    return new Error(`${what}\nafter: ${this.#trail.join('; ')}\nin: ${this.#states[this.#at]?.key}`)
  }
}

function wayTo(id: number, from: ReadonlyMap<number, readonly [id: number, by: number]>): number[] {
  const way: number[] = []
  for (let step = from.get(id); step !== undefined && step[0] >= 0; step = from.get(step[0])) way.unshift(step[1])
  return way
}
