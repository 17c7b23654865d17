/** Connections that say nothing hold no place that somebody who has something to say needs. */
import type { Socket } from 'node:net'

/** How many connections there may be. */
export interface SocketBounds {
  /** Those that have made no request yet; past it the oldest of the host that has most of them yields. */
  readonly silent: number
  /** Of these, those of one host; past it the oldest of that host yields. */
  readonly silentOfHost: number
  /** Those that have made a request and stay open for another; past it the one that made its own longest ago yields. */
  readonly heard: number
}

/**
 * The connections of an HTTP server, from their accept until they are closed or upgraded. Upgraded ones are counted by
 * whoever has them. A newcomer is never refused: whoever has been silent longest yields to it.
 */
export class SilentSockets {
  readonly #bounds: SocketBounds
  /** In the order in which they came. */
  readonly #silent = new Map<Socket, string>()
  readonly #perHost = new Map<string, number>()
  /** In the order of their last requests. */
  readonly #heard = new Set<Socket>()

  constructor(bounds: SocketBounds) {
    this.#bounds = bounds
  }

  /** A connection was accepted. */
  came(socket: Socket): void {
    const host = socket.remoteAddress ?? ''
    this.#silent.set(socket, host)
    const ofHost = (this.#perHost.get(host) ?? 0) + 1
    this.#perHost.set(host, ofHost)
    socket.once('close', () => this.left(socket))
    if (ofHost > this.#bounds.silentOfHost) this.#yield(host)
    else if (this.#silent.size > this.#bounds.silent) this.#yield(this.#busiest())
  }

  /** It has made a request. */
  spoke(socket: Socket): void {
    this.left(socket)
    this.#heard.add(socket)
    if (this.#heard.size <= this.#bounds.heard) return
    const [oldest] = this.#heard
    oldest?.destroy()
    if (oldest !== undefined) this.#heard.delete(oldest)
  }

  /** It is closed, or was upgraded. Idempotent. */
  left(socket: Socket): void {
    this.#heard.delete(socket)
    const host = this.#silent.get(socket)
    if (host === undefined) return
    this.#silent.delete(socket)
    const ofHost = (this.#perHost.get(host) ?? 1) - 1
    if (ofHost === 0) this.#perHost.delete(host)
    else this.#perHost.set(host, ofHost)
  }

  #yield(host: string): void {
    for (const [socket, its] of this.#silent) {
      if (its !== host) continue
      this.left(socket)
      socket.destroy()
      return
    }
  }

  #busiest(): string {
    let busiest = ''
    for (const [host, count] of this.#perHost) if (count > (this.#perHost.get(busiest) ?? 0)) busiest = host
    return busiest
  }
}
