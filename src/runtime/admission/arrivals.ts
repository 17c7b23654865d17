/** Arrivals: an inbound peer is named by the id that it proved, or by where it came from; its link is taken, or turned away with a reason that is counted and said. */
import { shownAddress } from '../../../machines/domain/shown.ts'
import { besidePeerId, isBesideName, MAX_PEER_ID_LENGTH, type PeerId, unprovenPeerId } from '../../../machines/domain/peer-id.ts'
import { holdsSlot } from '../../../machines/domain/peer-state.ts'
import { arrivingWins, decideDuplicate, type Direction, type DuplicateVerdict } from '../../../machines/policy/duel.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { ConnectionError } from '../../errors.ts'
import type { AcceptVerdict, Arrival, Link, Transport } from '../../transports/transport.ts'
import type { Admissions } from './admissions.ts'
import type { ArrivalRefusal, ArrivalVerdict, Door, RefusalNumbers } from './door.ts'
import { awaitsClaim } from './arrival-claim.ts'
import { fenceOf, Fences, supersede } from './fences.ts'
import type { GateOutcome } from './gatekeeper.ts'
import { abortQuietly, faultOfLink } from '../callbacks/foreign-link.ts'
import { admitted, faultOfArrival, PlainArrival, refusalFor, refuseQuietly } from './arriving.ts'
import type { World } from '../world/world.ts'

type LinkAccepted = Extract<SupervisorEvent, { type: 'link.accepted' }>

const STOPPED: ArrivalVerdict = { reason: 'stopped' }

/** What arrivals ask of the supervisor. */
export interface ArrivalsHost {
  /** Whether new work is taken. */
  isAccepting(): boolean
  readonly door: Door
  readonly admissions: Admissions
  /** How many requests wait for a slot. */
  waiting(): number
  command(event: LinkAccepted): void
}

/** The links that others open to us. */
export class Arrivals {
  readonly #world: World
  readonly #host: ArrivalsHost
  /** What the supervisor's machine is deciding about. */
  #arriving: Arrival | undefined = undefined
  /** What becomes of it where its peer has a link; undefined: it has none. */
  #verdict: DuplicateVerdict | undefined = undefined
  #namesakes = 1
  /** What fleets have claimed of us; undefined: nobody asks. */
  readonly #fences: Fences | undefined

  constructor(world: World, host: ArrivalsHost) {
    this.#world = world
    this.#host = host
    this.#fences = world.settings.olderFence === 'refuse' ? new Fences() : undefined
  }

  acceptLink({ peerId, at, dialWins }: Extract<SupervisorEvent, { type: 'link.accepted' }>): void {
    const arrival = this.#arriving
    this.#arriving = undefined
    const link = arrival === undefined ? undefined : this.#linkOf(arrival, peerId)
    if (link === undefined) return
    const peer = this.#world.known(peerId)
    peer.incoming = link
    peer.incomingDirection = 'inbound'
    peer.isBeside = arrival?.remotePeerId !== undefined && arrival.remotePeerId !== peerId
    this.#world.meter.inbound(true)
    const fence = arrival === undefined ? undefined : fenceOf(arrival)
    const older = fence === undefined ? undefined : this.#fences?.admitted(fence, peerId)
    if (older !== undefined) this.#world.afterwards(() => supersede(this.#world, older, at))
    this.#world.send(peer, { type: 'link.accepted', at, dialWins })
  }

  /** The link of what is let in: its other side hears of it now. Undefined: it is over already. */
  #linkOf(arrival: Arrival, peerId: PeerId): Link | undefined {
    try {
      return admitted(arrival)
    } catch (error) {
      if (!ConnectionError.is(error)) this.#world.settings.errors.report(error, 'transport')
      this.#turnAway(arrival, peerId, 'gone')
      return undefined
    }
  }

  rejectLink({ peerId, view }: Extract<SupervisorEvent, { type: 'link.accepted' }>): void {
    const link = this.#arriving
    this.#arriving = undefined
    if (link === undefined) return
    const { maxConnections } = this.#world.limits
    const { legal, held, inbound } = view
    const told = view.rejection === undefined ? undefined : this.#host.admissions.told
    const said = told === undefined ? {} : { said: told }
    if (!this.#host.isAccepting()) this.#turnAway(link, peerId, 'stopped')
    else if (!legal) this.#turnAway(link, peerId, this.#verdict === 'duplicate' ? 'duplicate' : 'superseded')
    else if (inbound !== undefined && inbound.held >= inbound.limit) {
      this.#turnAway(link, peerId, 'inbound-limit', { limit: inbound.limit, current: inbound.held, ...said })
    } else this.#turnAway(link, peerId, 'max-connections', { limit: maxConnections, current: held, ...said })
  }

  /** Judges a connection that has come and proven nothing yet, and counts a refusal. */
  admits(remoteAddress: string): AcceptVerdict {
    const { door } = this.#host
    const world = this.#world
    const refusal = this.#host.isAccepting() ? door.knockEarly(remoteAddress, world.now()) : STOPPED
    if (refusal === undefined) return undefined
    const { reason, ...numbers } = refusal
    world.enter()
    try {
      door.refused(reason, unprovenPeerId(remoteAddress), { remoteAddress }, numbers)
    } finally {
      world.leave()
    }
    return refusalFor(reason, numbers)
  }

  /** Takes over a link that a transport gives; one that is none is aborted, and the transport's fault reported. @param wasAsked whether {@link admits} has let its connection go on: then its rate is taken */
  accept(link: Link, transport: Transport, wasAsked = false): void {
    const { errors } = this.#world.settings
    const fault = faultOfLink(link)
    if (fault !== undefined) {
      errors.report(fault, 'transport')
      abortQuietly(link)
      return this.#world.meter.inbound(false)
    }
    this.#take(new PlainArrival(link), transport, wasAsked)
  }

  /** Takes over an arrival that a transport gives; the rest as {@link accept}. */
  arrived(arrival: Arrival, transport: Transport, wasAsked = false): void {
    const fault = faultOfArrival(arrival)
    if (fault === undefined) return this.#take(arrival, transport, wasAsked)
    this.#world.settings.errors.report(fault, 'transport')
    refuseQuietly(arrival, refusalFor('gone'))
    this.#world.meter.inbound(false)
  }

  #take(arrival: Arrival, transport: Transport, wasAsked: boolean): void {
    try {
      this.#judge(arrival, transport, wasAsked)
    } catch (error) {
      // Thrown on, it would end up in the transport's own listener.
      this.#world.settings.errors.report(error, 'transport')
      refuseQuietly(arrival, refusalFor('gone'))
    }
  }

  #judge(link: Arrival, transport: Transport, wasAsked: boolean): void {
    const { door } = this.#host
    const world = this.#world
    const peerId = link.remotePeerId ?? this.#nameOf(link)
    if (!this.#host.isAccepting()) return this.#turnAway(link, peerId, 'stopped')
    if (peerId.length === 0 || peerId.length > MAX_PEER_ID_LENGTH) return this.#turnAway(link, '', 'invalid-id')
    if (link.remotePeerId !== undefined && world.settings.duplicates === 'several' && isBesideName(peerId))
      return this.#turnAway(link, peerId, 'invalid-id')
    if (link.remotePeerId !== undefined && link.remotePeerId === transport.localPeerId) return this.#turnAway(link, peerId, 'self')
    // What was said of another link that had this address before is not said of this one.
    if (link.remotePeerId === undefined) world.standings.forgetLink(peerId)
    const refusal = wasAsked ? door.knockAgain(peerId, link, world.now()) : door.knock(peerId, link, world.now())
    if (refusal !== undefined) return this.#turnAway(link, peerId, refusal.reason, refusal)
    const fence = fenceOf(link)
    if (fence !== undefined && this.#fences?.isOlder(fence) === true) return this.#turnAway(link, peerId, 'older-fence')
    if (!door.gate.isThere) return this.#claim(link, transport, peerId)
    this.#askAboutArrival(link, transport, peerId)
  }

  #askAboutArrival(link: Arrival, transport: Transport, peerId: PeerId): void {
    const { door } = this.#host
    const world = this.#world
    const limit = door.pendingLimit(peerId, link)
    if (door.gate.waiting >= limit) return this.#turnAway(link, peerId, 'pending-limit', { limit, current: door.gate.waiting })
    const { remoteAddress, remotePeerId } = link
    const answer = door.gate.ask({ direction: 'inbound', peerId, isProven: remotePeerId !== undefined, remoteAddress })
    const settle = (outcome: GateOutcome): void => {
      if (outcome !== 'passed') return this.#turnAway(link, peerId, outcome)
      if (!this.#host.isAccepting()) return this.#turnAway(link, peerId, 'stopped')
      // Meanwhile another one may have come by the name of a link that proves none, and others from its host.
      const name = remotePeerId ?? this.#nameOf(link)
      const crowded = door.knockAgain(name, link, world.now())
      if (crowded !== undefined) return this.#turnAway(link, name, crowded.reason, crowded)
      this.#claim(link, transport, name)
    }
    if (typeof answer === 'boolean') settle(answer ? 'passed' : 'gate')
    else door.gate.wait(link, answer, world.deadlines, world.now() + world.settings.connectTimeoutMs, settle)
  }

  #claim(link: Arrival, transport: Transport, peerId: PeerId): void {
    const { fleet } = this.#world.settings
    const decided = (refusal: ArrivalVerdict | undefined): void => {
      if (refusal !== undefined) this.#turnAway(link, peerId, refusal.reason, refusal)
      else if (!this.#host.isAccepting()) this.#turnAway(link, peerId, 'stopped')
      else this.#admit(link, transport, link.remotePeerId ?? this.#nameOf(link))
    }
    if (fleet !== undefined && awaitsClaim(this.#world, fleet, this.#host.door.claims, link, peerId, decided)) return
    this.#admit(link, transport, peerId)
  }

  /** Turns away what may not come in, tells it why, and counts it. */
  #turnAway(link: Arrival, peerId: PeerId, reason: ArrivalRefusal, numbers: RefusalNumbers = {}): void {
    const world = this.#world
    world.enter()
    try {
      this.#host.door.refused(reason, peerId, link, numbers)
      world.afterwards(() => refuseQuietly(link, refusalFor(reason, numbers)))
    } finally {
      world.leave()
    }
  }

  #admit(link: Arrival, transport: Transport, proven: PeerId): void {
    const world = this.#world
    world.enter()
    try {
      const { admissions, door } = this.#host
      const at = world.now()
      const { localPeerId } = transport
      const peerId = this.#verdictOf(proven, localPeerId) === 'beside' ? this.#besides(proven) : proven
      // The room for a suffix is none.
      if (peerId.length > MAX_PEER_ID_LENGTH) return this.#turnAway(link, proven, 'duplicate')
      const before = world.peers.get(peerId)?.state
      // The app's rule and score are asked first: they may command this manager, and what is read after them holds.
      const terms =
        before !== undefined && holdsSlot(before)
          ? undefined
          : admissions.terms({ peerId, direction: 'inbound', at }, false, this.#host.waiting(), door.shareFor(proven, link))
      const peer = world.peers.get(peerId)
      const state = peer?.state
      const isHeld = state !== undefined && holdsSlot(state)
      // While more is held than a limit that was lowered, nothing is admitted, not even into the slot that a closing link leaves.
      const isOverLimit = state === 'Disconnected.closing' && world.taken > world.limits.maxConnections
      const needsSlot = !isHeld || isOverLimit
      const duel = (held: Direction): boolean => arrivingWins({ localPeerId, peerId, held, arriving: 'inbound' })
      const isOurs = peer === undefined || !isHeld || world.ownerOf(peer) === 'manager'
      this.#verdict = this.#verdictOf(peerId, localPeerId)
      const legal = isOurs && (this.#verdict === undefined || this.#verdict === 'replace')
      const inbound = door.shareFor(proven, link)
      this.#arriving = link
      this.#host.command({
        type: 'link.accepted',
        peerId,
        at,
        dialWins: peer?.dial !== undefined && !duel('outbound'),
        view: {
          legal,
          needsSlot,
          held: world.taken,
          idle: world.pool.inboundSize,
          isCircuitOpen: false,
          waiting: 0,
          maxWaiting: 0,
          inbound,
          ...(needsSlot ? terms : {}),
        },
      })
    } finally {
      world.leave()
    }
  }

  /** What becomes of a link that arrives for a peer; undefined: the peer has none. */
  #verdictOf(peerId: PeerId, localPeerId: PeerId | undefined): DuplicateVerdict | undefined {
    const { peers, settings } = this.#world
    const peer = peers.get(peerId)
    if (peer?.state !== 'Connected' && peer?.state !== 'Disconnected.pooled') return undefined
    // The app's own link is no link that they have opened.
    if (this.#world.ownerOf(peer) === 'app') return 'superseded'
    return decideDuplicate(settings.duplicates, { localPeerId, peerId, held: peer.direction, arriving: 'inbound' })
  }

  /** Names one more link of a proven peer. It looks at no more names than that peer has links. */
  #besides(proven: PeerId): PeerId {
    let n = 2
    let peerId = besidePeerId(proven, n)
    for (
      let peer = this.#world.peers.get(peerId);
      peer?.state !== undefined && holdsSlot(peer.state);
      peer = this.#world.peers.get(peerId)
    ) {
      peerId = besidePeerId(proven, ++n)
    }
    // What was said of another link that had this name before is not said of this one.
    this.#world.standings.forgetLink(peerId)
    return peerId
  }

  /** Names a link that proves no id. Two at one address (of two of our ports) are two peers: neither replaces the other. */
  #nameOf({ remoteAddress }: Arrival): PeerId {
    const from = shownAddress(remoteAddress)
    let peerId = unprovenPeerId(from)
    for (
      let state = this.#world.peers.get(peerId)?.state;
      state !== undefined && holdsSlot(state);
      state = this.#world.peers.get(peerId)?.state
    ) {
      peerId = unprovenPeerId(`${from}#${++this.#namesakes}`)
    }
    return peerId
  }
}
