/** Standings: what the app says a peer is worth stays with its name, for as long as it said, and no longer. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { statusOf } from '../../../machines/domain/peer-state.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { isStrangersFull, sumOfTags, type ScoredPeer } from '../../../machines/policy/standing.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import type { Deadline, DeadlineQueue } from '../time/deadline-queue.ts'
import { spelled } from '../errors/failures.ts'
import { FifoList, type FifoNode } from '../collections/fifo-list.ts'
import type { PeerRecord } from './peer-record.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** What the standings ask of the world they are in. */
export interface StandingHost {
  readonly settings: { readonly score: ((peer: ScoredPeer) => number) | undefined; readonly errors: AppErrors }
  readonly peers: { get(peerId: PeerId): PeerRecord | undefined }
  readonly expiries: DeadlineQueue
  now(): number
  /** What a known peer is worth, or whether it is protected, may have changed. */
  reweigh(peer: PeerRecord): void
}

function readScore(answer: unknown): number {
  if (typeof answer === 'number' && !Number.isNaN(answer)) return answer
  throw new TypeError(`score must return a number, got ${spelled(answer)}`)
}

/** A value that the app gave a peer, and when it is over. */
interface Tag extends Deadline {
  readonly value: number
}

/** What the app said of one peer. */
interface Standing extends FifoNode<Standing> {
  readonly peerId: PeerId
  readonly tags: Map<string, Tag>
  /** How often it is protected, by name. */
  readonly protections: Map<string, number>
  /** The sum of its tags; undefined: to be summed anew when somebody asks. */
  sum: number | undefined
  /** Whether it stands in line to be dropped: nobody knows the peer, and nothing protects it. */
  isStranger: boolean
}

/**
 * Tags and protections by peer id. They outlive the peer: it may be tagged before it is connected, and comes back as it
 * left. Of unknown peers without protection the tags of at most 10_000 are kept, tagged or forgotten latest.
 */
export class Standings {
  readonly #world: StandingHost
  readonly #score: ((peer: ScoredPeer) => number) | undefined
  readonly #byId = new TombstoneMap<PeerId, Standing>()
  readonly #strangers = new FifoList<Standing>()

  constructor(world: StandingHost) {
    this.#world = world
    this.#score = world.settings.score
  }

  tag(peerId: PeerId, name: string, value: number, ttlMs: number | undefined): void {
    const standing = this.#standingOf(peerId)
    this.#drop(standing, name)
    const tag: Tag = { value, at: 0, order: 0, index: -1, due: () => this.untag(peerId, name) }
    standing.tags.set(name, tag)
    if (ttlMs !== undefined) this.#world.expiries.set(tag, this.#world.now() + ttlMs)
    this.#settle(standing)
  }

  untag(peerId: PeerId, name: string): void {
    const standing = this.#byId.get(peerId)
    if (standing === undefined || !this.#drop(standing, name)) return
    this.#settle(standing)
  }

  protect(peerId: PeerId, name: string, times = 1): void {
    const standing = this.#standingOf(peerId)
    standing.protections.set(name, (standing.protections.get(name) ?? 0) + times)
    this.#settle(standing)
  }

  /** Takes one protection back; says whether any is left. */
  unprotect(peerId: PeerId, name: string): boolean {
    const standing = this.#byId.get(peerId)
    const count = standing?.protections.get(name)
    if (standing === undefined || count === undefined) return this.isProtected(peerId)
    if (count > 1) standing.protections.set(name, count - 1)
    else standing.protections.delete(name)
    this.#settle(standing)
    return standing.protections.size > 0
  }

  isProtected(peerId: PeerId): boolean {
    return (this.#byId.get(peerId)?.protections.size ?? 0) > 0
  }

  /** The names of what protects a peer. */
  protectionsOf(peerId: PeerId): readonly string[] {
    return [...(this.#byId.get(peerId)?.protections.keys() ?? [])]
  }

  /** A peer's tags by name, as of now. */
  tagsOf(peerId: PeerId): Readonly<Record<string, number>> {
    const tags = this.#byId.get(peerId)?.tags
    return tags === undefined ? {} : Object.fromEntries([...tags].map(([name, { value }]) => [name, value]))
  }

  /** A peer's tags as they can be kept: with the instants when they go by themselves, in milliseconds since the epoch. */
  savedTagsOf(peerId: PeerId): { readonly name: string; readonly value: number; readonly until?: number }[] {
    const tags = this.#byId.get(peerId)?.tags ?? []
    return Array.from(tags, ([name, { value, index, at }]) => ({ name, value, ...(index < 0 ? {} : { until: at }) }))
  }

  /** How often a peer is protected, by name. */
  protectionCountsOf(peerId: PeerId): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#byId.get(peerId)?.protections ?? [])
  }

  /** What a peer is worth. @param arriving who opens its link, where it has none yet */
  scoreOf(peerId: PeerId, arriving: Direction = 'outbound'): number {
    const sum = this.#sumOf(peerId)
    if (this.#score === undefined) return sum
    const peer = this.#world.peers.get(peerId)
    const asked: ScoredPeer = {
      peerId,
      status: peer?.state === undefined ? undefined : statusOf(peer.state),
      direction: peer?.port === undefined ? arriving : peer.direction,
      holds: peer?.holds ?? 0,
      latency: peer?.latency ?? null,
      tags: this.tagsOf(peerId),
      sum,
    }
    // A fault in it is the app's to hear of, and nobody's connection hangs on it.
    return this.#world.settings.errors.ask('score', this.#score, asked, readScore, sum, peerId)
  }

  moved({ peerId }: PeerRecord, { from, to }: Move): void {
    if (from !== undefined && to !== undefined) return
    const standing = this.#byId.get(peerId)
    if (standing !== undefined) this.#lineUp(standing, to !== undefined)
  }

  /** What was said of an id that proves nothing goes with the link that had it: whoever has that address next is another. */
  forgetLink(peerId: PeerId): void {
    const standing = this.#byId.get(peerId)
    if (standing !== undefined) this.#forget(standing)
  }

  #sumOf(peerId: PeerId): number {
    const standing = this.#byId.get(peerId)
    if (standing === undefined) return 0
    return (standing.sum ??= sumOfTags(Array.from(standing.tags.values(), ({ value }) => value)))
  }

  #standingOf(peerId: PeerId): Standing {
    let standing = this.#byId.get(peerId)
    if (standing === undefined) {
      standing = {
        peerId,
        tags: new Map(),
        protections: new Map(),
        sum: undefined,
        isStranger: false,
        previous: undefined,
        next: undefined,
      }
      this.#byId.set(peerId, standing)
    }
    return standing
  }

  #settle(standing: Standing): void {
    const { peerId, tags, protections } = standing
    // Summed once for however many tags are set in a row.
    standing.sum = undefined
    const peer = this.#world.peers.get(peerId)
    if (tags.size === 0 && protections.size === 0) this.#forget(standing)
    else this.#lineUp(standing, peer?.state !== undefined)
    if (peer !== undefined) this.#world.reweigh(peer)
  }

  #lineUp(standing: Standing, isKnown: boolean): void {
    if (standing.isStranger) this.#strangers.remove(standing)
    standing.isStranger = !isKnown && standing.protections.size === 0
    if (!standing.isStranger) return
    this.#strangers.push(standing)
    const oldest = this.#strangers.first
    if (oldest !== undefined && isStrangersFull(this.#strangers.size)) this.#forget(oldest)
  }

  #forget(standing: Standing): void {
    if (standing.isStranger) this.#strangers.remove(standing)
    standing.isStranger = false
    for (const tag of standing.tags.values()) this.#world.expiries.clear(tag)
    this.#byId.delete(standing.peerId)
  }

  #drop(standing: Standing, name: string): boolean {
    const tag = standing.tags.get(name)
    if (tag === undefined) return false
    this.#world.expiries.clear(tag)
    return standing.tags.delete(name)
  }
}
