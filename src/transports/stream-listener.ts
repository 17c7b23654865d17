/** Keeps one thing true: what connects to a listening socket becomes a link in time, and is refused, cut or made to yield before that. */
import type { Server, Socket } from 'node:net'
import { GOODBYE, PREAMBLE } from './frames.ts'
import { systemError } from './link-error.ts'
import { type Door, TcpLink, type TcpLinkOptions } from './tcp-link.ts'
import type { Link, Listener, ListenOptions } from './transport.ts'
import { acceptFailed, type UnprovenConnections } from './unproven-connections.ts'

/** What a listener of streams shares with its transport. */
export interface StreamListenerOptions extends TcpLinkOptions {
  readonly unproven: UnprovenConnections
}

/** Where a connection was accepted, and how its other side is called. */
export interface StreamPlace {
  readonly address: URL
  /** Names the other side of a connection. */
  remoteAddressOf(socket: Socket): string
  /** The place is given up: no more connections arrive. */
  closed?(): void
}

/** One listening socket and the connections at its door. */
export class StreamListener implements Listener, Door {
  readonly address: URL
  readonly #server: Server
  readonly #place: StreamPlace
  readonly #onLink: (link: Link) => void
  readonly #admits: ListenOptions['admits']
  readonly #options: StreamListenerOptions
  readonly #greeting = new Map<TcpLink, Socket>()

  constructor(server: Server, place: StreamPlace, { onLink, admits }: ListenOptions, options: StreamListenerOptions) {
    this.address = place.address
    this.#server = server
    this.#place = place
    this.#onLink = onLink
    this.#admits = admits
    this.#options = options
    server.on('connection', (socket: Socket) => this.#accept(socket))
    // An accept that fails, for want of file descriptors say, concerns one stranger: without a listener it would end the process.
    server.on('error', acceptFailed)
  }

  greeted(link: TcpLink): void {
    this.#leave(link)
    this.#onLink(link)
  }

  refused(link: TcpLink): void {
    this.#leave(link)
  }

  close(): Promise<void> {
    // The callback of server.close waits for every link to end; the place itself is free when the call returns.
    this.#server.close()
    this.#place.closed?.()
    for (const link of this.#greeting.keys()) link.abort()
    return Promise.resolve()
  }

  #accept(socket: Socket): void {
    const remoteAddress = this.#place.remoteAddressOf(socket)
    if (this.#admits?.(remoteAddress) !== undefined) return sendAway(socket)
    let link: TcpLink | undefined
    const cut = (): void => link?.abort(systemError('EBUSY', 'it yielded to others, having said nothing'))
    if (!this.#options.unproven.enter(socket, remoteAddress, cut)) return sendAway(socket)
    link = new TcpLink(socket, remoteAddress, this.#options, this)
    this.#greeting.set(link, socket)
  }

  #leave(link: TcpLink): void {
    const socket = this.#greeting.get(link)
    if (socket === undefined) return
    this.#greeting.delete(link)
    this.#options.unproven.leave(socket)
  }
}

/** Ends a connection at once. A peer sees it closed in order. */
function sendAway(socket: Socket): void {
  socket.on('error', () => {})
  socket.write(Buffer.concat([PREAMBLE, GOODBYE]))
  socket.destroy()
}
