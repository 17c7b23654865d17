/** The gate of a WebSocket listener: a peer that speaks our sub-protocol becomes a link, and everybody else is refused before. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { WebSocket, WebSocketServer } from 'ws'
import { assertPeerId, isUnproven, type PeerId } from '../../machines/domain/peer-id.ts'
import { refusalOf } from './refusal.ts'
import type { ListenOptions, Refusal } from './transport.ts'
import { type Answer, Answers, askOf, isThenable } from './websocket-answers.ts'
import { admitted, type Knocker, refused, WebSocketArrival } from './websocket-arrival.ts'
import { remoteWebSocketAddressOf, schemeOf, toldAddress } from './websocket-address.ts'
import type { Door } from './websocket-door.ts'
import { isBun, type WebSocketSettings } from './websocket-options.ts'
import { OLD_SUBPROTOCOL, SUBPROTOCOL } from './websocket-protocol.ts'
import { refuse, turnAway } from './websocket-refusal.ts'
import type { Entrance } from './websocket-upgrades.ts'

const DENIED: Refusal = { code: 'ERR_DENIED', reason: 'denied' }

/** Who comes, as far as the app says. */
interface Visitor {
  readonly remoteAddress: string
  readonly remotePeerId: PeerId | undefined
}

/** Completes an upgrade that is in order. */
type Accept = (isAccepted: boolean) => void

/** Lets in to one listener. */
export class Gate implements Entrance {
  readonly #sockets: WebSocketServer
  readonly #settings: WebSocketSettings
  readonly #options: ListenOptions
  readonly #answers: Answers
  readonly #door: Door | undefined
  /** Those that wait to be admitted. */
  readonly #arrivals = new Set<WebSocketArrival>()
  /** Takes the request that is being checked. */
  #onValid: ((accept: Accept) => void) | undefined

  /** @param options its `admits` is left out where it was asked before */
  constructor(Sockets: typeof WebSocketServer, settings: WebSocketSettings, options: ListenOptions, door?: Door) {
    this.#sockets = new Sockets({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: settings.maxFrameBytes,
      autoPong: isBun,
      handleProtocols: () => SUBPROTOCOL,
      // `ws` asks this once it has found nothing wrong, and waits for the answer.
      verifyClient: (_request: unknown, accept: Accept) => this.#onValid?.(accept),
    })
    this.#settings = settings
    this.#options = options
    this.#answers = new Answers(settings.clock, settings.handshakeTimeoutMs)
    this.#door = door
  }

  enter(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!offers(request, SUBPROTOCOL)) {
      if (offers(request, OLD_SUBPROTOCOL)) return refuse(socket, 426, OLD_VERSION, { upgrade: 'websocket' })
      return refuse(socket, 400, `not a peer of this protocol: offer the WebSocket sub-protocol ${SUBPROTOCOL}`)
    }
    const answer = this.#visitorOf(request)
    if (isThenable(answer)) this.#answers.wait(answer, socket, (visitor) => this.#answered(visitor, request, socket, head))
    else this.#answered(answer, request, socket, head)
  }

  /** Nobody comes in any more. */
  left(): void {
    this.#answers.stop()
    for (const arrival of this.#arrivals) arrival.stop()
  }

  #answered(visitor: Visitor | undefined, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (visitor === undefined) return turnAway(socket, DENIED)
    const { remoteAddress, remotePeerId } = visitor
    const verdict = this.#options.admits?.(remoteAddress)
    let opened: WebSocket | undefined
    this.#onValid = (accept) => {
      const upgrade = (): WebSocket | undefined => {
        accept(true)
        return opened
      }
      const knocker: Knocker = { request, socket, remoteAddress, remotePeerId, upgrade }
      if (verdict === undefined) this.#arrived(knocker)
      else refused(knocker, refusalOf(verdict))
    }
    this.#sockets.handleUpgrade(request, socket, head, (socketOfWs) => (opened = socketOfWs))
    this.#onValid = undefined
  }

  #arrived(knocker: Knocker): void {
    const { onLink, onArrival } = this.#options
    const { socket } = knocker.request
    this.#door?.entered(socket)
    if (onArrival !== undefined) {
      const arrival = new WebSocketArrival(knocker, this.#settings, this.#settled)
      this.#arrivals.add(arrival)
      return onArrival(arrival)
    }
    if (!knocker.socket.readable || !knocker.socket.writable) return void knocker.socket.destroy()
    const link = admitted(knocker, this.#settings)
    // Under TLS our answer has not left yet: a link that is aborted at once would take it along.
    if (socket.writableLength > 0) socket.write('', () => onLink(link))
    else onLink(link)
  }

  readonly #settled = (arrival: WebSocketArrival): void => void this.#arrivals.delete(arrival)

  /** Who the peer is; undefined: it may not come in. */
  #visitorOf(request: IncomingMessage): Answer<Visitor | undefined> {
    return after(this.#isAllowed(request), (isAllowed) => {
      if (isAllowed !== true) return undefined
      return after(this.#provenBy(request), (proven) => {
        if (proven === undefined) return undefined
        return after(this.#toldAddressOf(request), (remoteAddress) =>
          remoteAddress === undefined ? undefined : { remoteAddress, remotePeerId: proven.peerId },
        )
      })
    })
  }

  #isAllowed(request: IncomingMessage): Answer<boolean | undefined> {
    const { allow } = this.#settings
    if (allow === undefined) return true
    return askOf(allow, request, readAllowed, (thrown) => this.#options.onError?.(thrown, 'allow'))
  }

  /** The id that the request proves, if any; undefined: the app was at fault. */
  #provenBy(request: IncomingMessage): Answer<{ readonly peerId: PeerId | undefined } | undefined> {
    const { identify } = this.#settings
    if (identify === undefined) return UNPROVEN
    return askOf(identify, request, readProven, (thrown) => this.#options.onError?.(thrown, 'identify'))
  }

  #toldAddressOf(request: IncomingMessage): Answer<string | undefined> {
    const { remoteAddress } = this.#settings
    const scheme = schemeOf(request.socket instanceof TLSSocket)
    const read = (told: unknown): string => {
      if (told === undefined) return remoteWebSocketAddressOf(request.socket, scheme)
      if (typeof told === 'string' && told !== '') return toldAddress(told, scheme)
      throw new TypeError(`remoteAddress must return an address as text, or undefined, got ${told === null ? 'null' : typeof told}`)
    }
    return askOf(remoteAddress ?? nothing, request, read, (thrown) => this.#options.onError?.(thrown, 'remoteAddress'))
  }
}

const OLD_VERSION = `the other side speaks version 1 of this protocol (${OLD_SUBPROTOCOL}), this side speaks version 2 (${SUBPROTOCOL}): update the other side`

const UNPROVEN = { peerId: undefined }

function readProven(peerId: unknown): { readonly peerId: PeerId | undefined } {
  if (peerId === undefined) return UNPROVEN
  assertPeerId(peerId)
  if (isUnproven(peerId)) throw new RangeError('identify must not return a name of peers that prove no id (inbound+…)')
  return { peerId }
}

/** Goes on with an answer, at once where it is there. */
function after<A, B>(answer: Answer<A>, then: (answer: A) => Answer<B>): Answer<B> {
  return isThenable(answer) ? answer.then(then) : then(answer)
}

const nothing = (): undefined => undefined

/** Only `true` lets anybody in. */
function readAllowed(allowed: unknown): boolean {
  if (typeof allowed !== 'boolean')
    throw new TypeError(`allow must return true or false, got ${allowed === null ? 'null' : typeof allowed}`)
  return allowed
}

function offers({ headers }: IncomingMessage, subprotocol: string): boolean {
  const offered = headers['sec-websocket-protocol'] ?? ''
  return offered.split(',').some((name) => name.trim() === subprotocol)
}
