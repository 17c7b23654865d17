/** A connection to a port of ours becomes a link in time, or is refused, cut or made to yield before that. */
import type { Socket } from 'node:net'
import { refusalOf } from './refusal.ts'
import type { ListenOptions, Refusal } from './transport.ts'
import { remoteWebSocketAddressOf, schemeOf } from './websocket-address.ts'
import type { WebSocketSettings } from './websocket-options.ts'
import { refuse } from './websocket-refusal.ts'
import { responseOf } from './websocket-verdict.ts'

interface Knock {
  readonly socket: Socket
  readonly onClose: () => void
  readonly deadline: unknown
}

/** What a stranger is told for whom there is no descriptor. */
const NO_ROOM: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'no-descriptor' }

/** The connections to one port that are no links yet. */
export class Door {
  readonly #knocks = new Map<string, Knock>()
  readonly #settings: WebSocketSettings
  readonly #isSecure: boolean
  readonly #admits: ListenOptions['admits']
  readonly #handshakes: ListenOptions['handshakes']

  /** @param admits who may come in; left out where the request alone can tell */
  constructor(settings: WebSocketSettings, isSecure: boolean, admits: ListenOptions['admits'], handshakes?: ListenOptions['handshakes']) {
    this.#settings = settings
    this.#isSecure = isSecure
    this.#admits = admits
    this.#handshakes = handshakes
  }

  /** A connection came, before any encryption. */
  knocked(socket: Socket): void {
    const { clock, handshakeTimeoutMs, unproven } = this.#settings
    const remoteAddress = remoteWebSocketAddressOf(socket, schemeOf(this.#isSecure))
    const verdict = this.#admits?.(remoteAddress)
    if (verdict !== undefined) return this.#sendAway(socket, refusalOf(verdict))
    if (!unproven.enter(socket, remoteAddress, { cut: () => socket.destroy() }, this.#handshakes)) return this.#sendAway(socket, NO_ROOM)
    const name = nameOf(socket)
    const onClose = (): void => this.#forget(name, socket)
    const deadline = clock.setTimeout(() => this.#late(socket), handshakeTimeoutMs)
    this.#knocks.set(name, { socket, onClose, deadline })
    socket.once('close', onClose)
  }

  /** It has asked for a link, and waits for the app: from here on that is bounded by `authorizeTimeoutMs`, and it has its place until then. */
  asked(socket: Socket): void {
    this.#settings.clock.clearTimeout(this.#knocks.get(nameOf(socket))?.deadline)
  }

  /** It waits to be admitted, for as long as whoever admits it lets it. Under TLS `socket` is another object than the one that knocked, with the same addresses. */
  entered(socket: Socket): void {
    this.#forget(nameOf(socket))
  }

  /** Nobody comes in any more. */
  shut(): void {
    for (const { socket } of this.#knocks.values()) socket.destroy()
  }

  #late(socket: Socket): void {
    // Under TLS the bare socket is not ours to write to.
    if (!this.#isSecure) refuse(socket, 408, `no WebSocket in ${this.#settings.handshakeTimeoutMs} ms`)
    socket.destroy()
  }

  /** At once, so that no request of it is parsed any more. */
  #sendAway(socket: Socket, refusal: Refusal): void {
    socket.on('error', () => {})
    if (!this.#isSecure) socket.write(responseOf(refusal))
    socket.destroy()
  }

  #forget(name: string, socket?: Socket): void {
    const knock = this.#knocks.get(name)
    // The same addresses may be another connection by now.
    if (knock === undefined || (socket !== undefined && knock.socket !== socket)) return
    this.#settings.clock.clearTimeout(knock.deadline)
    this.#settings.unproven.leave(knock.socket)
    knock.socket.off('close', knock.onClose)
    this.#knocks.delete(name)
  }
}

function nameOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`
}
