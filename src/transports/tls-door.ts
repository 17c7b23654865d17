/** The door of a TLS listener: an arriving connection proves who it is in time, or it is told why not and is gone. */
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { refusalBytes } from './frames.ts'
import { refusalText } from './refusal.ts'
import { NOT_A_PEER } from './stream-handshake.ts'
import type { Securing, SecuringOwner } from './stream-listener.ts'
import type { StreamProof } from './stream-proof.ts'
import { ALPN, type TlsSettings } from './tls-options.ts'
import { provenBy, TlsFault } from './tls-proof.ts'

/** So long one that is refused may take to read why, in milliseconds. */
const FAREWELL_MS = 1_000
/** Ours ends a handshake first, and by the given clock. */
const NEVER_MS = 2_147_483_647

/** Has the connections of one listener prove who they are. */
export class TlsDoor {
  readonly #server: Server
  readonly #settings: TlsSettings
  readonly #onError: (thrown: unknown) => void
  /** By both ends of the connection: that is all that the platform says of one once it is secured. */
  readonly #accepting = new Map<string, Accepting>()

  /** @param onError takes what the app's `allow` throws */
  constructor(settings: TlsSettings, onError: (thrown: unknown) => void) {
    this.#settings = settings
    this.#onError = onError
    // It never listens: what has been accepted is handed to it. What a certificate is worth is judged here, not by OpenSSL.
    this.#server = createServer({
      ...settings.secure,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: [ALPN],
      handshakeTimeout: NEVER_MS,
    })
    this.#server.on('secureConnection', (socket) => this.#secured(socket))
    // Its connection is closed by that, which tells it.
    this.#server.on('tlsClientError', () => {})
  }

  /** Begins with a connection that nothing has been read of. */
  accept(raw: Socket, owner: SecuringOwner): Securing {
    const ends = endsOf(raw)
    const accepting = new Accepting(raw, owner, this.#settings, () => void this.#accepting.delete(ends))
    this.#accepting.set(ends, accepting)
    this.#server.emit('connection', raw)
    return accepting
  }

  #secured(socket: TLSSocket): void {
    socket.on('error', () => {})
    const accepting = this.#accepting.get(endsOf(socket))
    if (accepting === undefined) return void socket.destroy()
    const proof = this.#judge(socket)
    if (proof instanceof TlsFault) accepting.refuse(socket, proof)
    else accepting.done(socket, proof)
  }

  #judge(socket: TLSSocket): StreamProof | TlsFault {
    try {
      const proof = provenBy(socket, this.#settings, false, ALPN)
      return this.#isAllowed(proof) ? proof : new TlsFault('not-allowed', 'the option allow does not name it')
    } catch (error) {
      if (error instanceof TlsFault) return error
      throw error
    }
  }

  #isAllowed({ peerId }: StreamProof): boolean {
    try {
      return this.#settings.isAllowed(peerId)
    } catch (thrown) {
      this.#onError(thrown)
      return false
    }
  }
}

/** One connection, until it has proven who it is. */
class Accepting implements Securing {
  readonly #raw: Socket
  readonly #owner: SecuringOwner
  readonly #settings: TlsSettings
  readonly #left: () => void
  #deadline: unknown
  #socket: TLSSocket | undefined
  #isOver = false

  constructor(raw: Socket, owner: SecuringOwner, settings: TlsSettings, left: () => void) {
    this.#raw = raw
    this.#owner = owner
    this.#settings = settings
    this.#left = left
    this.#deadline = settings.clock.setTimeout(() => this.cut(), settings.handshakeTimeoutMs)
    raw.on('error', () => {}).on('close', () => this.cut())
  }

  cut(): void {
    if (this.#isOver) return
    this.#leave()
    this.#socket?.destroy()
    this.#raw.destroy()
    this.#owner.failed()
  }

  done(socket: TLSSocket, proof: StreamProof): void {
    if (this.#isOver) return void socket.destroy()
    this.#leave()
    // As the sockets of tcp() are; until here an end was an end.
    socket.allowHalfOpen = true
    this.#owner.secured(socket, proof)
  }

  /** What it says is dropped, and it hears why: closed at once, with that unread, it might not. */
  refuse(socket: TLSSocket, { reason, isPeer }: TlsFault): void {
    if (this.#isOver) return void socket.destroy()
    this.#settings.clock.clearTimeout(this.#deadline)
    this.#deadline = this.#settings.clock.setTimeout(() => this.cut(), Math.min(FAREWELL_MS, this.#settings.handshakeTimeoutMs))
    this.#socket = socket
    socket.resume()
    socket.end(isPeer ? refusalBytes(refusalText({ code: 'ERR_DENIED', reason })) : NOT_A_PEER)
  }

  #leave(): void {
    this.#isOver = true
    this.#left()
    this.#settings.clock.clearTimeout(this.#deadline)
  }
}

function endsOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`
}
