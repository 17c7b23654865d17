/** A listening socket: what connects to it becomes a link in time, and is refused, cut or made to yield before that. */
import type { Server, Socket } from 'node:net'
import { refusalBytes } from './frames.ts'
import { refusalOf, refusalText } from './refusal.ts'
import { type HandshakeOwner, StreamHandshake } from './stream-handshake.ts'
import type { StreamProof } from './stream-proof.ts'
import type { TcpLinkOptions } from './tcp-options.ts'
import type { Listener, ListenOptions, Refusal } from './transport.ts'
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
  /**
   * Has a connection prove who it is, before it says hello. Exactly one of `owner`'s functions is called, once, and not
   * before this has returned.
   */
  secure?(socket: Socket, owner: SecuringOwner): Securing
  /** Tells the other side of a connection that nothing was heard of yet why it is turned away. @default a refusal, in plain frames */
  farewellFor?(refusal: Refusal): Uint8Array
  /** The place is given up: no more connections arrive. */
  closed?(): void
}

/** A connection that is being secured. */
export interface Securing {
  /** Ends it; its owner is told that it has failed. */
  cut(): void
}

/** Who waits until a connection is secured. */
export interface SecuringOwner {
  /** It is, and what is said on it now is secret. */
  secured(socket: Socket, proof: StreamProof): void
  /** It is over. */
  failed(): void
}

/** One listening socket and the connections at its door. */
export class StreamListener implements Listener, HandshakeOwner {
  readonly address: URL
  readonly #server: Server
  readonly #place: StreamPlace
  readonly #owner: Pick<ListenOptions, 'onLink' | 'onArrival' | 'admits' | 'handshakes'>
  readonly #options: StreamListenerOptions
  readonly #greeting = new Map<StreamHandshake, Socket>()
  readonly #securing = new Set<Securing>()

  constructor(server: Server, place: StreamPlace, owner: ListenOptions, options: StreamListenerOptions) {
    this.address = place.address
    this.#server = server
    this.#place = place
    this.#owner = owner
    this.#options = options
    server.on('connection', (socket: Socket) => this.#accept(socket))
    // An accept that fails, for want of file descriptors say, concerns one stranger: without a listener it would end the process.
    server.on('error', acceptFailed)
  }

  greeted(handshake: StreamHandshake): void {
    this.#leave(handshake)
    if (this.#owner.onArrival === undefined) return this.#owner.onLink(handshake.admit())
    this.#owner.onArrival(handshake)
    handshake.putOff()
  }

  handshakeFailed(handshake: StreamHandshake): void {
    this.#leave(handshake)
  }

  close(): Promise<void> {
    // The callback of server.close waits for every link to end; the place itself is free when the call returns.
    this.#server.close()
    this.#place.closed?.()
    for (const handshake of this.#greeting.keys()) {
      handshake.refuse(STOPPED)
      this.#leave(handshake)
    }
    for (const securing of this.#securing) securing.cut()
    return Promise.resolve()
  }

  #accept(socket: Socket): void {
    const remoteAddress = this.#place.remoteAddressOf(socket)
    const verdict = this.#owner.admits?.(remoteAddress)
    if (verdict !== undefined) return this.#sendAway(socket, refusalOf(verdict))
    if (this.#place.secure !== undefined) return this.#secure(socket, remoteAddress, this.#place.secure)
    const handshake = new StreamHandshake(socket, remoteAddress, this.#options, false, this)
    if (!this.#options.unproven.enter(socket, remoteAddress, handshake, this.#owner.handshakes)) return handshake.refuse(BUSY)
    this.#greeting.set(handshake, socket)
  }

  #secure(socket: Socket, remoteAddress: string, secure: NonNullable<StreamPlace['secure']>): void {
    const { unproven } = this.#options
    let handshake: StreamHandshake | undefined
    let securing: Securing | undefined
    const cut = (): void => {
      securing?.cut()
      handshake?.cut()
    }
    if (!unproven.enter(socket, remoteAddress, { cut }, this.#owner.handshakes)) return this.#sendAway(socket, BUSY)
    const leave = (): void => {
      if (securing !== undefined) this.#securing.delete(securing)
      securing = undefined
    }
    securing = secure(socket, {
      secured: (stream, proof) => {
        leave()
        handshake = new StreamHandshake(stream, remoteAddress, this.#options, false, this, proof)
        this.#greeting.set(handshake, socket)
      },
      failed: () => {
        leave()
        unproven.leave(socket)
      },
    })
    this.#securing.add(securing)
  }

  /** Tells the other side why, and ends the connection at once. */
  #sendAway(socket: Socket, refusal: Refusal): void {
    socket.on('error', () => {})
    socket.write(this.#place.farewellFor?.(refusal) ?? refusalBytes(refusalText(refusal)))
    socket.destroy()
  }

  #leave(handshake: StreamHandshake): void {
    const socket = this.#greeting.get(handshake)
    if (socket === undefined) return
    this.#greeting.delete(handshake)
    this.#options.unproven.leave(socket)
  }
}

const STOPPED: Refusal = { code: 'ERR_STOPPED', reason: 'stopped' }
const BUSY: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'no-descriptor' }
