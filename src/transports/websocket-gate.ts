/** Keeps one thing true: who speaks our sub-protocol becomes a link, and everybody else is refused before. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { WebSocketServer } from 'ws'
import type { Link } from './transport.ts'
import { remoteWebSocketAddressOf, schemeOf, toldAddress } from './websocket-address.ts'
import type { Door } from './websocket-door.ts'
import { NodeWebSocketLink } from './websocket-node-link.ts'
import type { WebSocketSettings } from './websocket-options.ts'
import { SUBPROTOCOL } from './websocket-protocol.ts'
import { refuse } from './websocket-refusal.ts'
import type { Entrance } from './websocket-upgrades.ts'

/** Lets in to one listener. */
export class Gate implements Entrance {
  readonly #sockets: WebSocketServer
  readonly #settings: WebSocketSettings
  readonly #onLink: (link: Link) => void
  readonly #door: Door | undefined

  constructor(Sockets: typeof WebSocketServer, settings: WebSocketSettings, onLink: (link: Link) => void, door?: Door) {
    this.#sockets = new Sockets({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.maxFrameBytes,
      autoPong: false,
      handleProtocols: () => SUBPROTOCOL,
    })
    this.#settings = settings
    this.#onLink = onLink
    this.#door = door
  }

  enter(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!offersSubprotocol(request)) {
      return refuse(socket, 400, `not a peer of this protocol: offer the WebSocket sub-protocol ${SUBPROTOCOL}`)
    }
    const remoteAddress = this.#addressOf(request)
    if (remoteAddress === undefined) return refuse(socket, 403, 'this peer may not come in')
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      this.#door?.entered(request.socket)
      const link = new NodeWebSocketLink(opened, request.socket, remoteAddress, this.#settings, false)
      // Under TLS our answer has not left yet: a link that is aborted at once would take it along.
      if (request.socket.writableLength > 0) request.socket.write('', () => this.#onLink(link))
      else this.#onLink(link)
    })
  }

  /** Where the peer is; undefined: it may not come in. */
  #addressOf(request: IncomingMessage): string | undefined {
    const { allow, remoteAddress } = this.#settings
    const scheme = schemeOf(request.socket instanceof TLSSocket)
    try {
      if (allow !== undefined && !allow(request)) return undefined
      const told = remoteAddress?.(request)
      return told === undefined ? remoteWebSocketAddressOf(request.socket, scheme) : toldAddress(told, scheme)
    } catch {
      // Thrown on, a header that a stranger made up would end the process.
      return undefined
    }
  }
}

function offersSubprotocol({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL)
}
