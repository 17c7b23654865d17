/** What the control plane promises is recounted from outside, at every instant and after every step. */
import type { PeerView, SavedState, Transition } from 'qudag-connections'
import { holdsSlot } from '../../machines/domain/peer-state.ts'
import { admitsWithin, TOLD } from '../properties/admits-within.ts'
import type { Rig } from '../properties/rig.ts'
import { gaugesAreWrong } from '../properties/rig-watches.ts'
import { type Drawn, PEERS } from './generator.ts'

const LINKED: ReadonlySet<string> = new Set(['Connected', 'Disconnected.pooled', 'Disconnected.closing'])

/** Looks at one run. */
export class Watches {
  readonly #drawn: Drawn
  readonly #admits = admitsWithin()
  readonly #protections = new Map<string, number>()
  readonly #connectedAt = new Map<string, number>()
  /** Peers that are dialled after a pause, or as the one probe of a breaker that is half open. */
  readonly #redialled = new Set<string>()
  readonly #probing = new Set<string>()
  #inSlots: ReadonlySet<string> = new Set()

  constructor(drawn: Drawn) {
    this.#drawn = drawn
  }

  begin(restore: SavedState | undefined): void {
    for (const { peerId, protections } of restore?.peers ?? [])
      for (const [name, count] of Object.entries(protections)) this.protect(peerId, name, count)
  }

  /** The app has protected a peer, or taken that back. */
  protect(peerId: string, name: string, by: number): void {
    const key = `${peerId} ${name}`
    const count = Math.max(0, (this.#protections.get(key) ?? 0) + by)
    if (count === 0) this.#protections.delete(key)
    else this.#protections.set(key, count)
  }

  /** The limit, one link a peer, and the share of those who come. */
  atEveryInstant(rig: Rig, where: string): string | undefined {
    // Of a race more may open at one time; no more than one of them is taken.
    if (where.startsWith('attach')) {
      const taken = new Map<string, number>()
      for (const { peerId, attached } of rig.transport.links) if (attached) taken.set(peerId, (taken.get(peerId) ?? 0) + 1)
      for (const [peerId, links] of taken) if (links > 2 && !this.#isSeveral) return `${links} links for ${peerId}`
    }
    return this.#admits(rig, where)
  }

  atTransition(rig: Rig, { peerId, from, to, reason, at }: Transition): string | undefined {
    this.#admits(rig, TOLD)
    const { reconnect } = this.#drawn
    const dials = to === 'Connecting' && reason !== 'reported'
    if (from === 'Connecting') {
      this.#redialled.delete(peerId)
      this.#probing.delete(peerId)
    }
    if (from !== 'Connected' && to === 'Connected') this.#connectedAt.set(peerId, at)
    if (dials && reason === 'backoff') {
      this.#redialled.add(peerId)
      const most = (reconnect === false ? undefined : reconnect.concurrency) ?? 5
      if (this.#redialled.size > most) return `${this.#redialled.size} reconnecting dials, past ${most}`
    }
    const breaker = dials ? rig.manager.explain(peerId)?.breaker : undefined
    if (breaker?.state === 'open') return `${peerId} is dialled, and its breaker is open until ${breaker.until}`
    if (breaker?.state === 'half-open') {
      if (this.#probing.has(peerId)) return `${peerId} is probed twice at one time`
      this.#probing.add(peerId)
    }
    return reason === 'evicted' ? this.#evicted(rig, peerId, at) : undefined
  }

  atStep(rig: Rig, isSettled: boolean): string | undefined {
    const views = [...rig.manager.peers()]
    return (
      gaugesAreWrong(rig) ??
      this.#slotsAreWrong(rig, views) ??
      this.#inboundIsWrong(rig, views) ??
      (isSettled ? this.#linksAreWrong(rig, views) : undefined)
    )
  }

  #evicted(rig: Rig, peerId: string, at: number): string | undefined {
    const graceMs = this.#drawn.plain.evictionGraceMs ?? 30_000
    const lasted = at - (this.#connectedAt.get(peerId) ?? at)
    if (lasted < graceMs) return `${peerId} is evicted after ${lasted} ms, within its grace of ${graceMs}`
    for (const key of this.#protections.keys()) if (key.startsWith(`${peerId} `)) return `${peerId} is evicted, and protected: ${key}`
    const view = rig.manager.explain(peerId)?.eviction
    if (view !== undefined && view.score >= view.newcomerScore)
      return `${peerId} is worth ${view.score}, and yields to ${view.newcomerScore}`
    return undefined
  }

  #slotsAreWrong(rig: Rig, views: readonly PeerView[]): string | undefined {
    const { queue, dials, reconnects, slots, limits } = rig.manager.explain()
    const dialing = views.filter(({ state }) => state === 'Connecting.dialing').length
    const turns = views.filter(({ state }) => state === 'Connecting.waiting').length
    const mostWaiting = this.#drawn.plain.maxWaiting ?? 500
    const mostDialing = this.#drawn.plain.limits?.dialing ?? 100
    if (queue.waiting > mostWaiting) return `${queue.waiting} wait for a slot, and ${mostWaiting} may`
    if (dialing > mostDialing) return `${dialing} are dialled, and ${mostDialing} may`
    if (dials.current !== dialing || dials.waiting !== turns) return `${JSON.stringify(dials)}, a recount says ${dialing} and ${turns}`
    if (turns > 0 && dialing < mostDialing) return `${turns} wait for their turn, and only ${dialing} of ${mostDialing} are dialled`
    if (reconnects.current > reconnects.limit) return `${reconnects.current} reconnecting dials, and ${reconnects.limit} may`
    if (limits.maxConnections !== rig.limit) return `the limit is ${limits.maxConnections}, it was set to ${rig.limit}`
    const pooled = views.filter((view) => view.pooled)
    if (slots.pooled > limits.maxIdle) return `${slots.pooled} are pooled, and ${limits.maxIdle} may`
    // A link that is being checked, for a caller or for a command by event, is judged by a TTL that was lowered meanwhile when it has answered.
    const isChecked = (peerId: string): boolean => rig.manager.explain(peerId)?.waiting?.for === 'check'
    const stale = pooled.find(({ peerId, since }) => rig.clock.now() - since >= limits.poolTimeoutMs && !isChecked(peerId))
    return stale === undefined ? undefined : `${stale.peerId} is pooled since ${stale.since}, for longer than ${limits.poolTimeoutMs} ms`
  }

  #inboundIsWrong(rig: Rig, views: readonly PeerView[]): string | undefined {
    const { inbound } = rig.manager.explain()
    const seated = views.filter(({ direction, owner, state }) => direction === 'inbound' && owner === 'manager' && LINKED.has(state))
    const before = this.#inSlots
    this.#inSlots = new Set(views.filter(({ state }) => holdsSlot(state)).map(({ peerId }) => peerId))
    if (inbound.current !== seated.length) return `${inbound.current} inbound links, a recount says ${seated.length}`
    const { limits = {}, allow = [] } = this.#drawn.plain
    const ceiling = Math.min(rig.limit, limits.inbound ?? Math.max(1, Math.floor(rig.limit * 0.8)))
    const came = seated.filter((view) => !before.has(view.peerId) && !isAllowed(view, allow))
    if (came.length > 0 && seated.length > ceiling) return `${came[0]?.peerId} came in, which makes ${seated.length} of ${ceiling} inbound`
    const most = limits.pendingInbound ?? 10
    const isWaived = allow.length > 0
    return inbound.pending > most && !isWaived ? `${inbound.pending} wait for the gate, and ${most} may` : undefined
  }

  get #isSeveral(): boolean {
    return this.#drawn.plain.duplicates === 'several'
  }

  #linksAreWrong(rig: Rig, views: readonly PeerView[]): string | undefined {
    const { ledger } = rig.transport
    const linked = new Map<string, number>()
    for (const { peerId, owner, state } of views) {
      // What has been proven is what the link says; a suffix is the name of one more link of it.
      const proven = this.#isSeveral ? peerId.replace(/#\d+$/, '') : peerId
      const links = owner === 'manager' && LINKED.has(state) ? 1 : 0
      linked.set(proven, (linked.get(proven) ?? 0) + links)
    }
    for (const { peerId, links } of ledger.peers()) if (links > 1 && !this.#isSeveral) return `${links} links for ${peerId}`
    for (const [peerId, links] of linked) {
      if (PEERS.includes(peerId as never) && ledger.linksOf(peerId) !== links)
        return `${peerId} has ${ledger.linksOf(peerId)} links, and ${links} by what is shown`
    }
    return undefined
  }
}

function isAllowed({ peerId, remoteAddress = '' }: PeerView, allow: readonly string[]): boolean {
  // One more link of a proven peer is judged by the id that it proved.
  const proven = peerId.startsWith('inbound+') ? peerId : peerId.replace(/#\d+$/, '')
  return allow.includes(proven) || remoteAddress.includes('203.0.113.9') || remoteAddress.includes('2001:db8')
}
