/** The effects of a peer's machine: each named action is carried out here, and code of others only at its end. The connect timeout and the close timeout are its deadlines. */
import { shownAddress, shownPeerId, shownWords } from '../../../machines/domain/shown.ts'
import type { PeerDeadline, PeerDelay, Refusal } from '../../../machines/peer-machine.ts'
import { retiresAt } from '../../../machines/policy/pooling.ts'
import { ConnectionError } from '../../errors.ts'
import type { CloseReason, Link } from '../../transports/transport.ts'
import { Dial } from '../dialing/dial.ts'
import { abortQuietly, closing } from '../callbacks/foreign-link.ts'
import { failureFrom } from '../errors/failures.ts'
import { overtakenError } from '../errors/refusals.ts'
import { endedBecause, Hold } from '../holds/hold.ts'
import { FencedLink } from '../links/fenced-link.ts'
import { LinkPort } from '../links/link-port.ts'
import type { PeerDeadlineEntry, PeerRecord } from '../peers/peer-record.ts'
import { attachTo } from '../links/waiting-link.ts'
import type { Effect, World } from '../world/world.ts'

export function startDial(world: World, peer: PeerRecord): void {
  const dial = new Dial(peer, world.settings, world.hosts, world, peer.gate)
  peer.gate = undefined
  peer.dial = dial
  peer.error = undefined
  world.later(peer, beginDial, dial)
}

export function abortDial(world: World, peer: PeerRecord): void {
  if (peer.dial === undefined) return
  world.later(peer, endDial, peer.dial)
  peer.dial = undefined
  clearDeadline(world, peer)
}

export function startDeadline(world: World, peer: PeerRecord, { delay, then }: { delay: PeerDelay; then: PeerDeadline }): void {
  const deadline = (peer.deadline ??= new StateDeadline(world, peer))
  deadline.then = then
  world.deadlines.set(deadline, world.now() + world.settings[delay])
}

export function clearDeadline(world: World, peer: PeerRecord): void {
  if (peer.deadline === undefined) return
  world.deadlines.clear(peer.deadline)
  peer.deadline = undefined
}

/** The port changes at once, so that whoever looks sees the new link; the links themselves are told later. */
export function adoptLink(world: World, peer: PeerRecord): void {
  const link = peer.incoming
  if (link === undefined) return
  peer.incoming = undefined
  if (peer.port !== undefined) {
    peer.port.farewell = 'replaced'
    letGo(world, peer, abortPort)
  }
  const { fleet } = world.settings
  const held = fleet === undefined ? link : new FencedLink(link, fleet, fleet.fenceOf(peer.peerId))
  peer.port = new LinkPort(held, world.hosts, peer)
  peer.direction = peer.incomingDirection
  peer.remoteAddress = shownAddress(link.remoteAddress)
  const { maxLifetimeMs, random } = world.settings
  if (maxLifetimeMs !== Infinity) peer.retiresAt = retiresAt(world.now(), maxLifetimeMs, random())
  peer.ending = undefined
  world.later(peer, attach, peer.port)
}

export function closeLink(world: World, peer: PeerRecord): void {
  if (peer.port === undefined) return
  stopMeasuring(world, peer)
  peer.leaving = peer.port
  world.later(peer, close, peer.port)
}

export function abortLink(world: World, peer: PeerRecord): void {
  if (peer.port === undefined) return
  if (world.isClosing) world.forced++
  peer.leaving = peer.port
  letGo(world, peer, abortPort)
  peer.inbox = undefined
}

export function dropLink(world: World, peer: PeerRecord): void {
  if (peer.port === undefined) return
  if (world.isClosing) world.closed++
  letGo(world, peer, undefined)
  peer.inbox = undefined
}

export function serveCallers(world: World, peer: PeerRecord): void {
  const callers = peer.callers
  peer.callers = undefined
  if (callers === undefined) return
  for (const caller of callers) caller.resolve(addHold(world, peer))
}

export function refuseCallers(_world: World, peer: PeerRecord, refusal: Refusal): void {
  const callers = peer.callers
  peer.callers = undefined
  peer.wanted = peer.kept
  if (callers === undefined) return
  const error = refusal === 'failure' && peer.error !== undefined ? peer.error : overtaken(peer, refusal)
  for (const caller of callers) caller.reject(error)
}

export function endHolds(world: World, peer: PeerRecord): void {
  const reason: CloseReason = peer.ending ?? { kind: 'local' }
  // Where the link ended by itself, what nobody has read yet stays with the holds; else it stays with the link.
  const left = peer.ending === undefined ? undefined : peer.inbox
  peer.ending = undefined
  peer.wanted = peer.kept
  for (let hold = peer.firstHold; hold !== undefined; hold = hold.next) endHold(world, peer, hold, reason, left)
  if (peer.view !== undefined) endHold(world, peer, peer.view, reason, left)
  peer.firstHold = peer.view = undefined
  peer.holds = 0
  peer.latency = null
  if (peer.drainers === undefined) return
  for (const drainer of peer.drainers) drainer.reject(notConnected(peer, reason))
  peer.drainers = undefined
}

export function settleClose(_world: World, peer: PeerRecord): void {
  const closers = peer.closers
  peer.closers = undefined
  if (closers !== undefined) for (const settle of closers) settle()
}

/** Gives one more hold on a peer that is Connected. @param at now, where the clock was read already */
export function addHold(world: World, peer: PeerRecord, at = 0): Hold<PeerRecord> {
  const hold = new Hold(peer, world.hosts, true)
  if (world.observer !== undefined) hold.since = at === 0 ? world.now() : at
  hold.next = peer.firstHold
  if (peer.firstHold !== undefined) peer.firstHold.previous = hold
  peer.firstHold = hold
  peer.holds++
  world.reweigh(peer)
  return hold
}

/** Ends one hold: at once for who asks, and told to its readers later. */
export function endHold(world: World, peer: PeerRecord, hold: Hold<PeerRecord>, reason: CloseReason, left: PeerRecord['inbox']): void {
  hold.end(reason, left)
  if (hold.since !== 0 && world.observer !== undefined) world.observer.used(world.now() - hold.since)
  if (hold.isRead) world.later(peer, endReaders, hold)
}

/** Takes down all that a peer has, as its actor is lost. What it throws concerns nobody any more. */
export function dismantle(world: World, peer: PeerRecord, error: Error): void {
  peer.told = peer.forgotten = undefined
  peer.ending = { kind: 'error', error }
  peer.error = new ConnectionError('ERR_DIAL_FAILED', `connecting to '${shownPeerId(peer.peerId)}' crashed: ${shownWords(error.message)}`, {
    peerId: peer.peerId,
    cause: error,
  })
  if (peer.incoming !== undefined) world.later(peer, abort, peer.incoming)
  peer.incoming = undefined
  abortDial(world, peer)
  clearDeadline(world, peer)
  endHolds(world, peer)
  refuseCallers(world, peer, 'failure')
  settleClose(world, peer)
  abortLink(world, peer)
}

/** The deadline of the state that a peer is in. */
class StateDeadline implements PeerDeadlineEntry {
  at = 0
  order = 0
  index = -1
  then: PeerDeadline = 'dial.timedOut'
  readonly #world: World
  readonly #peer: PeerRecord

  constructor(world: World, peer: PeerRecord) {
    this.#world = world
    this.#peer = peer
  }

  due(): void {
    deadlineDue(this.#world, this.#peer)
  }
}

function deadlineDue(world: World, peer: PeerRecord): void {
  const then = peer.deadline?.then
  if (then === undefined) return
  world.enter()
  try {
    const at = world.now()
    if (then === 'dial.timedOut') {
      const error =
        peer.state === 'Connecting.waiting'
          ? waitedTooLong(world, peer)
          : (peer.dial?.timedOut() ??
            new ConnectionError('ERR_CONNECT_TIMEOUT', `connecting to '${shownPeerId(peer.peerId)}' took too long`, {
              peerId: peer.peerId,
            }))
      peer.error = error
      world.send(peer, { type: then, at, failure: failureFrom(error, world.instant(at)) })
    } else {
      world.send(peer, { type: then, at })
    }
  } finally {
    world.leave()
  }
}

function waitedTooLong(world: World, peer: PeerRecord): ConnectionError {
  const { waitTimeoutMs, maxDialing } = world.settings
  return new ConnectionError(
    'ERR_CONNECT_TIMEOUT',
    `'${shownPeerId(peer.peerId)}' waited ${waitTimeoutMs} ms for its turn to be dialled: ${maxDialing} dials are under way; raise limits.dialing, or waitTimeoutMs`,
    { peerId: peer.peerId, attempts: 0 },
  )
}

function letGo(world: World, peer: PeerRecord, how: Effect<LinkPort<PeerRecord>> | undefined): void {
  const port = peer.port
  if (port === undefined) return
  stopMeasuring(world, peer)
  peer.inbox?.connect(undefined)
  world.received.forget(port)
  peer.port = undefined
  if (how !== undefined) world.later(peer, how, port)
}

function stopMeasuring(world: World, peer: PeerRecord): void {
  if (peer.roundTrip !== undefined) world.roundTrips.remove(peer.roundTrip)
  if (peer.heartbeat !== undefined) world.heartbeats.remove(peer.heartbeat)
  peer.roundTrip = undefined
  peer.heartbeat = undefined
}

function overtaken(peer: PeerRecord, refusal: Refusal): ConnectionError {
  const { peerId } = peer
  return refusal === 'ERR_STOPPED'
    ? new ConnectionError('ERR_STOPPED', `the manager was shut down while connecting to '${shownPeerId(peerId)}'`, { peerId })
    : overtakenError(peerId)
}

function notConnected(peer: PeerRecord, reason: CloseReason): ConnectionError {
  const why = endedBecause(reason)
  return new ConnectionError('ERR_NOT_CONNECTED', `the connection to '${shownPeerId(peer.peerId)}' ended before it drained${why}`, {
    peerId: peer.peerId,
    ...(reason.kind === 'error' ? { cause: reason.error } : {}),
  })
}

const beginDial: Effect<Dial<PeerRecord>> = (_world, _peer, dial) => dial.start()

const endDial: Effect<Dial<PeerRecord>> = (_world, _peer, dial) => dial.abort()

const attach: Effect<LinkPort<PeerRecord>> = (world, peer, port) => {
  if (peer.port !== port) return
  attachTo(port.link, port)
  if (peer.port !== port) return
  peer.inbox?.connect(port)
  for (const drainer of peer.drainers ?? []) drainer.resolve()
  peer.drainers = undefined
  peer.roundTrip = world.roundTrips.add(port.link, peer)
  if (peer.roundTrip !== undefined || port.link.assure !== undefined) peer.heartbeat = world.heartbeats.add(peer, port, peer.roundTrip)
}

const close: Effect<LinkPort<PeerRecord>> = (_world, peer, port) => {
  if (peer.port !== port) return
  // What is paused would never hear the other side's goodbye; and nobody will read here any more.
  peer.inbox?.discard()
  const over = (): void => port.closed({ kind: 'local' })
  closing(port.link, port.farewell).then(over, () => {
    if (peer.port === port) abortQuietly(port.link)
    over()
  })
}

const abortPort: Effect<LinkPort<PeerRecord>> = (_world, _peer, { link, farewell }) => abortQuietly(link, undefined, farewell)

const abort: Effect<Link> = (_world, _peer, link) => abortQuietly(link)

const endReaders: Effect<Hold<PeerRecord>> = (_world, _peer, hold) => hold.endReaders()
