/** A link's port: what the link says counts only while its peer still holds it. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import type { CloseReason, EndReason, Link, LinkHandler, LinkSecurity } from '../../transports/transport.ts'
import { asError } from '../errors/failures.ts'
import type { Pulse } from './heartbeats.ts'
import type { Source } from '../holds/inbox.ts'
import type { Receiver } from './receive-budget.ts'

/** Whoever carries out what links say about peers of type `P`. */
export interface PortHost<P extends PortHolder<P>> {
  /** The most bytes that may wait to be sent on a link. */
  readonly maxSendBufferBytes: number
  linkMessage(peer: P, data: Uint8Array): void
  linkDrained(peer: P): void
  /** The link holds so many bytes of a message that is not whole. */
  linkUnfinished(port: LinkPort<P>, bytes: number): void
  linkClosed(peer: P, reason: CloseReason): void
  /** The link threw where it never should. */
  linkThrew(peer: P, error: Error): void
}

/** A peer that may hold a link. */
export interface PortHolder<P extends PortHolder<P>> {
  readonly peerId: string
  port: LinkPort<P> | undefined
}

/** What a small message may cost beside its bytes while it waits to be sent. */
const SEND_COST = 16

/** One link as its peer holds it. A peer that changes its link changes its port. */
export class LinkPort<P extends PortHolder<P>> implements LinkHandler, Source, Pulse, Receiver {
  readonly link: Link
  /** Whether `send` said to wait for `drain`. */
  blocked = false
  /** Whether it is told to stop receiving. */
  isPaused = false
  wasPaused = false
  /** Why it is ended from here, as the other side is told. */
  farewell: EndReason | undefined = undefined
  readonly peer: P
  readonly #host: PortHost<P>
  /** Counts its messages; a number store is all that a sign of life may cost. */
  #messages = 0
  /** So many more bytes may be sent before it is looked what waits. */
  #room = 0

  constructor(link: Link, host: PortHost<P>, peer: P) {
    this.link = link
    this.#host = host
    this.peer = peer
  }

  get isProven(): boolean {
    return this.link.remotePeerId !== undefined
  }

  /** How the link is secured, as its transport says. */
  get security(): LinkSecurity | undefined {
    const { security } = this.link
    return typeof security === 'object' && security !== null ? security : undefined
  }

  /** The claim of a fleet that the link is held under; a hello of the other side is somebody else's word. */
  get fence(): number | undefined {
    return this.link.fence?.fence
  }

  /** Grows with every message, and where the link counts them with every byte. */
  get heard(): number {
    const { receivedBytes } = this.link
    // What is no number would differ from itself, and the link would seem to live for ever.
    return receivedBytes !== undefined && Number.isFinite(receivedBytes) ? this.#messages + receivedBytes : this.#messages
  }

  /**
   * Sends a message; false: above the high-water mark.
   *
   * @throws ConnectionError `ERR_BUFFER_FULL`
   */
  send(data: Uint8Array): boolean {
    const { byteLength } = data
    this.#room -= byteLength + SEND_COST
    if (this.#room < 0) this.#look(byteLength)
    // A transport that answers nothing says nothing of waiting.
    const answer: unknown = this.link.send(data)
    const flows = answer !== false
    if (!flows) this.blocked = true
    return flows
  }

  /** Asks the link what waits: since it was asked last, that can only have become less than what was counted down. */
  #look(length: number): void {
    const { maxSendBufferBytes } = this.#host
    const told: unknown = this.link.bufferedBytes
    // A transport that counts nothing bounds nothing.
    const bufferedBytes = typeof told === 'number' && told > 0 ? told : 0
    this.#room = maxSendBufferBytes - bufferedBytes - length - SEND_COST
    if (bufferedBytes === 0 || bufferedBytes + length <= maxSendBufferBytes) return
    this.#room = 0
    throw new ConnectionError(
      'ERR_BUFFER_FULL',
      `${bufferedBytes} bytes wait to be sent to '${shownPeerId(this.peer.peerId)}' already, of at most ${maxSendBufferBytes}: when send returns false wait for drained(), or raise maxSendBufferBytes`,
      { peerId: this.peer.peerId, address: this.link.remoteAddress, limit: maxSendBufferBytes, current: bufferedBytes },
    )
  }

  /** Tells the other side that this end lives. */
  assure(): void {
    if (this.peer.port !== this) return
    try {
      this.link.assure?.()
    } catch (error) {
      this.#host.linkThrew(this.peer, asError(error))
    }
  }

  unfinished(bytes: number): void {
    if (this.peer.port === this) this.#host.linkUnfinished(this, bytes)
  }

  message(data: Uint8Array): void {
    if (this.peer.port !== this) return
    this.#messages = (this.#messages + 1) | 0
    this.#host.linkMessage(this.peer, data)
  }

  drain(): void {
    this.blocked = false
    if (this.peer.port === this) this.#host.linkDrained(this.peer)
  }

  pause(): void {
    if (this.peer.port !== this) return
    this.isPaused = this.wasPaused = true
    try {
      this.link.pause()
    } catch (error) {
      this.#host.linkThrew(this.peer, asError(error))
    }
  }

  resume(): void {
    if (this.peer.port !== this) return
    this.isPaused = false
    try {
      this.link.resume()
    } catch (error) {
      this.#host.linkThrew(this.peer, asError(error))
    }
  }

  closed(reason: CloseReason): void {
    if (this.peer.port === this) this.#host.linkClosed(this.peer, reason)
  }
}
