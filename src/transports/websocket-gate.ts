/** Keeps one thing true: who speaks our sub-protocol becomes a link, and everybody else is refused before. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { WebSocketServer } from 'ws'
import type { Link, ListenOptions } from './transport.ts'
import { type Answer, Answers, askOf, isThenable } from './websocket-answers.ts'
import { remoteWebSocketAddressOf, schemeOf, toldAddress } from './websocket-address.ts'
import type { Door } from './websocket-door.ts'
import { statusOf, wordsOf } from './websocket-verdict.ts'
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
  readonly #onError: ListenOptions['onError']
  readonly #answers: Answers
  readonly #admits: ListenOptions['admits']
  readonly #door: Door | undefined

  /** @param options its `admits` is left out where it was asked before */
  constructor(Sockets: typeof WebSocketServer, settings: WebSocketSettings, { onLink, onError, admits }: ListenOptions, door?: Door) {
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
    this.#onError = onError
    this.#answers = new Answers(settings.clock, settings.handshakeTimeoutMs)
    this.#admits = admits
    this.#door = door
  }

  enter(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!offersSubprotocol(request)) {
      return refuse(socket, 400, `not a peer of this protocol: offer the WebSocket sub-protocol ${SUBPROTOCOL}`)
    }
    const answer = this.#addressOf(request)
    if (isThenable(answer)) this.#answers.wait(answer, socket, (remoteAddress) => this.#answered(remoteAddress, request, socket, head))
    else this.#answered(answer, request, socket, head)
  }

  /** Nobody comes in any more. */
  left(): void {
    this.#answers.stop()
  }

  #answered(remoteAddress: string | undefined, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (remoteAddress === undefined) return refuse(socket, 403, 'this peer may not come in')
    const verdict = this.#admits?.(remoteAddress)
    if (verdict !== undefined) return refuse(socket, statusOf(verdict), wordsOf(verdict))
    this.#sockets.handleUpgrade(request, socket, head, (opened) => {
      this.#door?.entered(request.socket)
      const link = new NodeWebSocketLink(opened, request.socket, remoteAddress, this.#settings, false)
      // Under TLS our answer has not left yet: a link that is aborted at once would take it along.
      if (request.socket.writableLength > 0) request.socket.write('', () => this.#onLink(link))
      else this.#onLink(link)
    })
  }

  /** Where the peer is; undefined: it may not come in. */
  #addressOf(request: IncomingMessage): Answer<string | undefined> {
    const { allow } = this.#settings
    if (allow === undefined) return this.#toldAddressOf(request)
    const allowed = askOf(allow, request, readAllowed, (thrown) => this.#onError?.(thrown, 'allow'))
    const then = (isAllowed: boolean | undefined): Answer<string | undefined> =>
      isAllowed === true ? this.#toldAddressOf(request) : undefined
    return isThenable(allowed) ? allowed.then(then) : then(allowed)
  }

  #toldAddressOf(request: IncomingMessage): Answer<string | undefined> {
    const { remoteAddress } = this.#settings
    const scheme = schemeOf(request.socket instanceof TLSSocket)
    const read = (told: unknown): string => {
      if (told === undefined) return remoteWebSocketAddressOf(request.socket, scheme)
      if (typeof told === 'string' && told !== '') return toldAddress(told, scheme)
      throw new TypeError(`remoteAddress must return an address as text, or undefined, got ${told === null ? 'null' : typeof told}`)
    }
    return askOf(remoteAddress ?? nothing, request, read, (thrown) => this.#onError?.(thrown, 'remoteAddress'))
  }
}

const nothing = (): undefined => undefined

/** Only `true` lets anybody in. */
function readAllowed(allowed: unknown): boolean {
  if (typeof allowed !== 'boolean')
    throw new TypeError(`allow must return true or false, got ${allowed === null ? 'null' : typeof allowed}`)
  return allowed
}

function offersSubprotocol({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((name) => name.trim() === SUBPROTOCOL)
}
