/** Links of peers: what dials, links and holds have to say becomes an event of their peer, or the next message of a reader. */
import { DONE } from '../holds/done.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { Observable } from 'rxjs'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { HeartbeatView } from '../../../machines/policy/heartbeat.ts'
import { ConnectionError } from '../../errors.ts'
import { systemError } from '../../transports/link-error.ts'
import type { CloseReason, Link } from '../../transports/transport.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import type { Dial } from '../dialing/dial.ts'
import { failureFrom } from '../errors/failures.ts'
import { abortQuietly, closeReasonOf } from '../callbacks/foreign-link.ts'
import { GuardedObservable } from '../callbacks/guarded-observable.ts'
import type { Hold } from '../holds/hold.ts'
import { Inbox } from '../holds/inbox.ts'
import type { LinkPort } from '../links/link-port.ts'
import { endHold } from './peer-effects.ts'
import type { Drainer, PeerRecord } from '../peers/peer-record.ts'
import type { Hosts, World } from '../world/world.ts'

/** What the links ask of the rooms above them. */
export interface LinksHooks {
  disconnect(peerId: PeerId, pool: boolean | undefined): Promise<void>
  crashed(peer: PeerRecord, error: Error): void
}

/** Carries what links say into their peers. */
export class Links implements Hosts {
  readonly #world: World
  readonly #hooks: LinksHooks
  /** Every message of every peer. The first subscriber gets what waits. */
  readonly messages$: Observable<{ peerId: PeerId; data: Uint8Array }>

  constructor(world: World, hooks: LinksHooks) {
    this.#world = world
    this.#hooks = hooks
    this.messages$ = new GuardedObservable(world.settings.errors, (subscriber) => {
      const { messages } = world.streams
      const isFirst = !messages.observed
      const subscription = messages.observable.subscribe(subscriber)
      if (isFirst) {
        for (const { peerId, inbox } of readFrom(world.peers.values())) {
          if (subscriber.closed) break
          inbox?.flush((data) => {
            messages.next({ peerId, data })
            return messages.observed
          })
        }
      }
      return subscription
    })
  }

  get maxSendBufferBytes(): number {
    return this.#world.settings.maxSendBufferBytes
  }

  // Dials.

  dialOpened(peer: PeerRecord, dial: Dial<PeerRecord>, link: Link): void {
    if (peer.dial !== dial) return abortQuietly(link, undefined, 'disconnected')
    const world = this.#world
    world.enter()
    try {
      peer.dial = undefined
      peer.incoming = link
      peer.incomingDirection = 'outbound'
      world.send(peer, { type: 'link.opened', at: world.now() })
      if (peer.incoming === link) {
        peer.incoming = undefined
        abortQuietly(link, undefined, 'disconnected')
      }
    } finally {
      world.leave()
    }
  }

  dialFailed(peer: PeerRecord, dial: Dial<PeerRecord>, error: ConnectionError): void {
    if (peer.dial !== dial) return
    const world = this.#world
    world.enter()
    try {
      peer.dial = undefined
      peer.error = error
      const at = world.now()
      world.send(peer, { type: 'dial.failed', at, failure: failureFrom(error, world.instant(at)) })
    } finally {
      world.leaveOrGoOn()
    }
  }

  // Links.

  linkMessage(peer: PeerRecord, data: Uint8Array): void {
    if (!ArrayBuffer.isView(data)) return this.linkThrew(peer, new TypeError('the transport gave a message that is no Uint8Array'))
    const { meter, streams } = this.#world
    meter.messageIn(data.byteLength)
    const isObserved = streams.messages.observed
    const { inbox } = peer
    if (inbox?.isFlushing === true) return inbox.hold(data)
    if (inbox?.hasReaders === true) inbox.deliver(data, isObserved)
    // Nobody can be given a connection to a peer that is being closed: what it still says is for `messages$` alone.
    else if (!isObserved && peer.state !== 'Disconnected.closing') this.inboxOf(peer).hold(data)
    if (isObserved) streams.messages.next({ peerId: peer.peerId, data })
  }

  linkDrained(peer: PeerRecord): void {
    for (const drainer of peer.drainers ?? []) drainer.resolve()
    peer.drainers = undefined
  }

  linkUnfinished(port: LinkPort<PeerRecord>, bytes: number): void {
    const { received } = this.#world
    received.note(port, bytes)
    for (let victim = received.overflow(); victim !== undefined; victim = received.overflow()) this.#cut(victim)
  }

  /** A link has to yield, as unfinished messages hold too much. */
  #cut({ peer, link }: LinkPort<PeerRecord>): void {
    const world = this.#world
    const error = systemError(
      'ENOBUFS',
      `messages that were not whole yet would have taken more than maxUnfinishedBytes, ${world.settings.maxUnfinishedBytes} bytes, on all links together, and that of '${shownPeerId(peer.peerId)}' had to yield`,
    )
    world.enter()
    try {
      world.afterwards(() => abortQuietly(link, error))
      this.linkClosed(peer, { kind: 'error', error })
    } finally {
      world.leave()
    }
  }

  linkClosed(peer: PeerRecord, given: CloseReason): void {
    const reason = closeReasonOf(given)
    const world = this.#world
    world.enter()
    try {
      const at = world.now()
      peer.ending = reason
      peer.farewell = reason.kind === 'remote' ? reason.reason : undefined
      if (reason.kind === 'error')
        world.send(peer, { type: 'link.failed', at, failure: failureFrom(reason.error, world.instant(at), peer.remoteAddress) })
      else world.send(peer, { type: 'link.closed', at })
      peer.ending = undefined
    } finally {
      world.leaveOrGoOn()
    }
  }

  /** A link has died in silence: nobody will ever say that it is over. */
  linkSilent(peer: PeerRecord, { misses, silentMs }: HeartbeatView): void {
    const world = this.#world
    const error = systemError(
      'ETIMEDOUT',
      `'${shownPeerId(peer.peerId)}' has said nothing for ${Math.round(silentMs / 1_000)} s and left ${misses} pings unanswered; it is gone, or cut off`,
    )
    if (peer.state === 'Disconnected.pooled') return this.dropPooled(peer, error)
    world.enter()
    try {
      const at = world.now()
      peer.ending = { kind: 'error', error }
      world.send(peer, { type: 'heartbeat.lost', at, failure: failureFrom(error, world.instant(at), peer.remoteAddress) })
      peer.ending = undefined
    } finally {
      world.leave()
    }
  }

  /** A pooled link is of no use: it is aborted, as if the other side had ended it. Callers that wait for it have it dialled anew. */
  dropPooled(peer: PeerRecord, error: Error): void {
    const world = this.#world
    const link = peer.port?.link
    if (link === undefined) return
    world.enter()
    try {
      const at = world.now()
      // Before anything that dials in its slot.
      world.afterwards(() => abortQuietly(link))
      peer.farewell = undefined
      world.send(peer, { type: 'link.failed', at, failure: failureFrom(error, world.instant(at), peer.remoteAddress) })
    } finally {
      world.leave()
    }
  }

  linkThrew(peer: PeerRecord, error: Error): void {
    this.#hooks.crashed(peer, error)
  }

  // Holds.

  get errors(): AppErrors {
    return this.#world.settings.errors
  }

  inboxOf(peer: PeerRecord): Inbox {
    return (peer.inbox ??= new Inbox(peer.port, this.#world.settings.maxBufferedBytes))
  }

  sent(bytes: number): void {
    this.#world.meter.messageOut(bytes)
  }

  drained(peer: PeerRecord, hold: object): Promise<void> {
    if (peer.port?.blocked !== true) return DONE
    return new Promise((resolve, reject) => (peer.drainers ??= new Set<Drainer>()).add({ hold, resolve, reject }))
  }

  releaseHold(peer: PeerRecord, hold: Hold<PeerRecord>): Promise<void> {
    if (hold.isOver) return DONE
    const world = this.#world
    world.settings.errors.assertMayCommand()
    world.enter()
    try {
      if (hold.counts) {
        unlink(peer, hold)
        peer.holds--
        world.reweigh(peer)
      } else peer.view = undefined
      // Told when the clock has been read for the move that this leads to.
      const { since } = hold
      hold.since = 0
      endHold(world, peer, hold, { kind: 'local' }, undefined)
      this.#rejectDrainers(peer, hold)
      const wasLast = hold.counts && peer.firstHold === undefined && !peer.wanted
      const ended = wasLast ? this.#hooks.disconnect(peer.peerId, undefined) : DONE
      if (since !== 0 && world.observer !== undefined) {
        world.observer.used((peer.state === 'Connected' ? world.now() : peer.since) - since)
      }
      return ended
    } finally {
      world.leave()
    }
  }

  hangUp(peer: PeerRecord, hold: Hold<PeerRecord>): Promise<void> {
    if (!hold.isOver) return this.#hooks.disconnect(peer.peerId, false)
    // Over already: whoever asks again waits for the same close.
    if (peer.state !== 'Disconnected.closing') return DONE
    return new Promise((settle) => (peer.closers ??= []).push(settle))
  }

  #rejectDrainers(peer: PeerRecord, hold: object): void {
    for (const drainer of peer.drainers ?? []) {
      if (drainer.hold !== hold) continue
      peer.drainers?.delete(drainer)
      drainer.reject(
        new ConnectionError('ERR_NOT_CONNECTED', `the connection to '${shownPeerId(peer.peerId)}' was released before it drained`, {
          peerId: peer.peerId,
        }),
      )
    }
  }
}

function unlink(peer: PeerRecord, hold: Hold<PeerRecord>): void {
  if (hold.previous === undefined) peer.firstHold = hold.next
  else hold.previous.next = hold.next
  if (hold.next !== undefined) hold.next.previous = hold.previous
}

/** Whose messages wait, those first that are known longest. */
function readFrom(peers: Iterable<PeerRecord>): readonly PeerRecord[] {
  return [...peers].filter(({ inbox }) => inbox?.hasWaiting === true).toSorted((a, b) => a.order - b.order)
}
