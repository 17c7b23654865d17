/** Every link that others open is judged before it costs a slot, and every refusal is counted by its reason. */
import { hasIp } from '../../../machines/domain/cidr-set.ts'
import { ipOfAddress, type Ip } from '../../../machines/domain/ip.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import { accessOf, dialAccessOf, namesAnybody, type Access } from '../../../machines/policy/access.ts'
import { crowdedRange, decideArrival, hostRanges, type ArrivalView, type HostRange } from '../../../machines/policy/arrival.ts'
import { excessInbound, inboundCeiling } from '../../../machines/policy/inbound-share.ts'
import type { Bucket } from '../../../machines/policy/token-bucket.ts'
import { resolveByName } from '../options/resolved.ts'
import { Gatekeeper } from './gatekeeper.ts'
import { Handshakes } from './handshakes.ts'
import { HostRates } from './host-rates.ts'
import { InboundSeats } from '../peers/inbound-seats.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { World } from '../world/world.ts'

/** Why an arriving link can be turned away. */
const ARRIVAL_REFUSALS = [
  /** The manager takes no new work. */
  'stopped',
  /** What it proved is no peer id. */
  'invalid-id',
  /** A `deny` rule names it. */
  'denied',
  /** Its host, or all hosts together, come too often. */
  'host-rate',
  'total-rate',
  /** Its host, or its subnet, has as many live links as it may. */
  'host-limit',
  'subnet-limit',
  /** As many wait for the gate as may. */
  'pending-limit',
  /** The gate said no, or did not answer within `connectTimeoutMs`. */
  'gate',
  'gate-timeout',
  /** It was over before the gate answered. */
  'gone',
  /** It is a link of this manager to itself. */
  'self',
  /** The peer has a link that stays: its own, or the app's. */
  'superseded',
  /** The peer has opened a link before, and the option `duplicates` is `oldest`. */
  'duplicate',
  /** Inbound links use all the slots that they may, and none of them is pooled. */
  'inbound-limit',
  /** All slots are taken, and no pooled inbound link could yield. */
  'max-connections',
  /** Another node of the fleet owns the peer, and keeps it. */
  'owned-elsewhere',
  /** The fleet permits this node no more. */
  'fleet-limit',
  /** The fleet's store does not answer. */
  'fleet-away',
  /** Its hello shows an older claim on us than one that we have seen, and the option `olderFence` is `refuse`. */
  'older-fence',
] as const

/** Why an arriving link was turned away. @since 0.1.0 */
export type ArrivalRefusal = (typeof ARRIVAL_REFUSALS)[number]

/** A refusal with its numbers: plain data, good in a log. @since 0.1.0 */
export interface RefusedArrival {
  readonly reason: ArrivalRefusal
  /** When, in milliseconds since the epoch. */
  readonly at: number
  readonly peerId: PeerId
  readonly remoteAddress: string
  /** Where a limit refused it: of which range of addresses, what the limit is, and how many there were. */
  readonly range?: string
  readonly limit?: number
  readonly current?: number
  /** Where a rate refused it: milliseconds until the next may come. */
  readonly retryAfterMs?: number
  /** What the option `admission` said of why, where it refused it. */
  readonly said?: string
}

/** What more there is to say of a refusal. */
export type RefusalNumbers = Pick<RefusedArrival, 'range' | 'limit' | 'current' | 'retryAfterMs' | 'said'>

/** Why somebody is turned away. */
export type ArrivalVerdict = { readonly reason: ArrivalRefusal } & RefusalNumbers

/** Whoever comes, by where from. */
interface Comer {
  readonly remoteAddress: string
}

/** Where a link comes from, read off its address. */
interface Origin {
  readonly remoteAddress: string
  readonly ip: Ip | undefined
  readonly ranges: readonly HostRange[]
  readonly kind: ArrivalView['origin']
  readonly isLoopback: boolean
}

/** Judges who comes in. */
export class Door {
  /** How many arriving links were turned away, by why. */
  readonly refusals: Record<ArrivalRefusal, number>
  /** The latest of them. */
  lastRefusal: RefusedArrival | undefined = undefined
  readonly seats = new InboundSeats()
  readonly rates = new HostRates()
  readonly gate: Gatekeeper
  /** Arriving links that wait for the word of the fleet. */
  readonly claims: Gatekeeper
  readonly handshakes: Handshakes
  readonly #world: World
  #total: Bucket | undefined = undefined
  /** The last one that was asked about: each arrival is judged several times. */
  #origin: Origin | undefined = undefined

  constructor(world: World) {
    this.#world = world
    this.gate = new Gatekeeper(world.settings.door.gate, world.settings.errors)
    this.claims = new Gatekeeper(undefined, world.settings.errors)
    this.handshakes = new Handshakes(world.settings.door.pendingHandshakes)
    this.refusals = Object.fromEntries(ARRIVAL_REFUSALS.map((reason) => [reason, 0])) as Record<ArrivalRefusal, number>
  }

  /** How many slots inbound links may use now. */
  get ceiling(): number {
    return inboundCeiling(this.#world.limits.maxConnections, this.#world.settings.door.inbound)
  }

  /** How many pooled inbound links must yield. */
  get excess(): number {
    return excessInbound(this.seats.held, this.#world.pool.inboundSize, this.ceiling)
  }

  /** What an arriving link finds: how many inbound links there are, and how many there may be. Allowed ones pass that limit. */
  shareFor(peerId: PeerId, { remoteAddress }: Comer): { readonly held: number; readonly limit: number } {
    const isAllowed = this.accessOf(peerId, this.#originOf(remoteAddress).ip) === 'allowed'
    return { held: this.seats.held, limit: isAllowed ? Infinity : this.ceiling }
  }

  /** What the rules say of a peer at an address. */
  accessOf(peerId: PeerId | undefined, ip: Ip | undefined): Access {
    return accessOf(this.#world.settings.door.access, peerId, ip)
  }

  /** Whether a rule forbids to dial a peer, as far as can be told before it is resolved. */
  deniesDial(peerId: PeerId): boolean {
    const { resolve, door } = this.#world.settings
    if (!namesAnybody(door.access.deny)) return false
    const isAddress = resolve === resolveByName && URL.canParse(peerId)
    return dialAccessOf(door.access, peerId, isAddress ? ipOfAddress(new URL(peerId).href) : undefined) === 'denied'
  }

  /** Judges an arriving link by who it is, where it comes from and how often; undefined: it may go on. */
  knock(peerId: PeerId, { remoteAddress }: Comer, at: number): ArrivalVerdict | undefined {
    return this.#judge(peerId, remoteAddress, at)
  }

  /** Judges a connection that has proven nothing, by where it comes from and how often; undefined: it may go on. */
  knockEarly(remoteAddress: string, at: number): ArrivalVerdict | undefined {
    return this.#judge(undefined, remoteAddress, at)
  }

  #judge(peerId: PeerId | undefined, remoteAddress: string, at: number): ArrivalVerdict | undefined {
    const { view, host } = this.#view(peerId, remoteAddress, at)
    const arrival = decideArrival(view, this.#world.settings.door.arrivals)
    if (arrival.hostBucket !== undefined && host !== undefined) this.rates.set(host, arrival.hostBucket)
    if (arrival.totalBucket !== undefined) this.#total = arrival.totalBucket
    return arrival.kind === 'refuse' ? arrival : undefined
  }

  /** Judges again what has been let go on and has waited: now it is known who it is, and its host may have filled meanwhile. */
  knockAgain(peerId: PeerId, { remoteAddress }: Comer, at: number): ArrivalVerdict | undefined {
    const { view } = this.#view(peerId, remoteAddress, at)
    return view.access === 'denied' ? { reason: 'denied' } : crowdedRange(view, this.#world.settings.door.arrivals)
  }

  /** How many links may wait for the gate, where this is one of them. */
  pendingLimit(peerId: PeerId, { remoteAddress }: Comer): number {
    const { settings, limits } = this.#world
    const { pendingInbound } = settings.door
    const isAllowed = this.accessOf(peerId, this.#originOf(remoteAddress).ip) === 'allowed'
    return isAllowed ? Math.max(pendingInbound, limits.maxConnections) : pendingInbound
  }

  /** Counts a refusal. */
  refused(reason: ArrivalRefusal, peerId: PeerId, { remoteAddress }: Comer, numbers: RefusalNumbers): void {
    this.refusals[reason]++
    this.#world.observer?.turnedAway(reason)
    this.lastRefusal = { ...numbers, reason, at: this.#world.instant(this.#world.now()), peerId, remoteAddress }
    this.#world.meter.inbound(false)
  }

  moved(peer: PeerRecord, { toState }: Move): void {
    this.seats.moved(peer, toState)
  }

  #view(peerId: PeerId | undefined, remoteAddress: string, at: number): { readonly view: ArrivalView; readonly host: string | undefined } {
    const { ip, ranges: named, kind: origin, isLoopback } = this.#originOf(remoteAddress)
    const access = this.accessOf(peerId, ip)
    // Where each link of a peer is a peer, none goes when another comes.
    const replaces = peerId !== undefined && this.#world.settings.duplicates !== 'several'
    const peer = replaces ? this.#world.peers.get(peerId) : undefined
    const ranges = named.map(({ range, kind }) => ({ range, kind, live: this.seats.liveIn(range, peer) }))
    const host = ranges[0]?.range
    const hostBucket = host === undefined ? undefined : this.rates.of(host)
    return { view: { at, access, origin, isLoopback, ranges, hostBucket, totalBucket: this.#total }, host }
  }

  #originOf(remoteAddress: string): Origin {
    const last = this.#origin
    if (last?.remoteAddress === remoteAddress) return last
    const { exempt, loopback } = this.#world.settings.door
    const ip = ipOfAddress(remoteAddress)
    const kind = ip === undefined ? 'unknown' : hasIp(exempt, ip) ? 'exempt' : 'host'
    const isLoopback = ip !== undefined && hasIp(loopback, ip)
    return (this.#origin = { remoteAddress, ip, ranges: ip === undefined ? [] : hostRanges(ip), kind, isLoopback })
  }
}
