/** A fenced link: nothing is sent or taken over it once the lease is over under which its peer is owned. */
import { ConnectionError } from '../../errors.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { CloseReason, EndReason, Link, LinkFence, LinkHandler, LinkSecurity, PongListener } from '../../transports/transport.ts'
import { attachTo } from './waiting-link.ts'

/** The lease of a node of a fleet. */
export interface Lease {
  /** Whether it runs, looked at now; where it does not, everything has been closed when this returns. */
  isCurrent(): boolean
}

/** A link of a node of a fleet. After a stall of the process the lease is looked at before the first byte. */
export class FencedLink implements Link, LinkHandler {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly security?: LinkSecurity
  declare readonly fence?: LinkFence
  declare readonly ping?: (signal: AbortSignal) => Promise<number>
  declare readonly measure?: (listener: PongListener) => void
  declare readonly assure?: () => void
  readonly #link: Link
  readonly #lease: Lease
  #handler: LinkHandler | undefined = undefined

  /** @param fence the claim that it is held under; undefined: what the other side showed stands */
  constructor(link: Link, lease: Lease, fence: LinkFence | undefined) {
    this.#link = link
    this.#lease = lease
    this.remoteAddress = link.remoteAddress
    if (link.remotePeerId !== undefined) this.remotePeerId = link.remotePeerId
    if (link.security !== undefined) this.security = link.security
    const shown = fence ?? link.fence
    if (shown !== undefined) this.fence = shown
    if (link.ping !== undefined) this.ping = (signal) => this.#ping(signal)
    if (link.measure !== undefined) this.measure = (listener) => this.#measure(listener)
    if (link.assure !== undefined) this.assure = () => (lease.isCurrent() ? link.assure?.() : undefined)
  }

  get bufferedBytes(): number {
    return this.#link.bufferedBytes
  }

  /** No number where the link counts none. */
  get receivedBytes(): number {
    return this.#link.receivedBytes ?? NaN
  }

  attach(handler: LinkHandler): void {
    this.#handler = handler
    // One that waited to be admitted has a handler already.
    attachTo(this.#link, this)
  }

  send(data: Uint8Array): boolean {
    if (!this.#lease.isCurrent()) throw this.#over()
    return this.#link.send(data)
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
  }

  close(reason?: EndReason): Promise<void> {
    return reason === undefined ? this.#link.close() : this.#link.close(reason)
  }

  abort(cause?: Error, reason?: EndReason): void {
    // A foreign link's answer, a promise perhaps, goes to whoever asked.
    return this.#link.abort(cause, reason)
  }

  message(data: Uint8Array): void {
    if (this.#lease.isCurrent()) this.#handler?.message(data)
  }

  drain(): void {
    this.#handler?.drain()
  }

  closed(reason: CloseReason): void {
    this.#handler?.closed(reason)
  }

  unfinished(bytes: number): void {
    this.#handler?.unfinished?.(bytes)
  }

  #ping(signal: AbortSignal): Promise<number> {
    return this.#lease.isCurrent() && this.#link.ping !== undefined ? this.#link.ping(signal) : Promise.reject(this.#over())
  }

  #measure(listener: PongListener): void {
    if (!this.#lease.isCurrent()) throw this.#over()
    this.#link.measure?.(listener)
  }

  #over(): ConnectionError {
    return new ConnectionError('ERR_NOT_CONNECTED', 'the lease of this node of the fleet is over, and with it everything that it held', {
      address: this.remoteAddress,
    })
  }
}
