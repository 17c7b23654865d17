/** Keeps one thing true: what a link says counts only while its peer still holds it. */
import type { CloseReason, Link, LinkHandler } from '../transports/transport.ts'
import { asError } from './failures.ts'
import type { Source } from './inbox.ts'

/** Whoever carries out what links say about peers of type `P`. */
export interface PortHost<P> {
  linkMessage(peer: P, data: Uint8Array): void
  linkDrained(peer: P): void
  linkClosed(peer: P, reason: CloseReason): void
  /** The link threw where it never should. */
  linkThrew(peer: P, error: Error): void
}

/** A peer that may hold a link. */
export interface PortHolder<P extends PortHolder<P>> {
  port: LinkPort<P> | undefined
}

/** One link as its peer holds it. A peer that changes its link changes its port. */
export class LinkPort<P extends PortHolder<P>> implements LinkHandler, Source {
  readonly link: Link
  /** Whether `send` said to wait for `drain`. */
  blocked = false
  /** Counts its messages; a number store is all that a sign of life may cost. */
  heard = 0
  /** Whether it was told to stop receiving. */
  isPaused = false
  readonly #host: PortHost<P>
  readonly #peer: P

  constructor(link: Link, host: PortHost<P>, peer: P) {
    this.link = link
    this.#host = host
    this.#peer = peer
  }

  message(data: Uint8Array): void {
    if (this.#peer.port !== this) return
    this.heard = (this.heard + 1) | 0
    this.#host.linkMessage(this.#peer, data)
  }

  drain(): void {
    this.blocked = false
    if (this.#peer.port === this) this.#host.linkDrained(this.#peer)
  }

  pause(): void {
    if (this.#peer.port !== this) return
    this.isPaused = true
    try {
      this.link.pause()
    } catch (error) {
      this.#host.linkThrew(this.#peer, asError(error))
    }
  }

  resume(): void {
    if (this.#peer.port !== this) return
    this.isPaused = false
    try {
      this.link.resume()
    } catch (error) {
      this.#host.linkThrew(this.#peer, asError(error))
    }
  }

  closed(reason: CloseReason): void {
    if (this.#peer.port === this) this.#host.linkClosed(this.#peer, reason)
  }
}
