/** The gate of a WebSocket listener: a peer that speaks our sub-protocol becomes a link, and everybody else is refused before. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { WebSocket, WebSocketServer } from 'ws'
import { refusalOf } from './refusal.ts'
import type { AcceptVerdict, ListenOptions, Refusal } from './transport.ts'
import { type Answer, Answers, askOf, isThenable } from './websocket-answers.ts'
import { admitted, type Knocker, refused, WebSocketArrival } from './websocket-arrival.ts'
import { remoteWebSocketAddressOf, schemeOf, toldAddress } from './websocket-address.ts'
import type { Door } from './websocket-door.ts'
import { isBun, type WebSocketSettings } from './websocket-options.ts'
import { OLD_SUBPROTOCOL, SUBPROTOCOL } from './websocket-protocol.ts'
import { refuse, turnAway } from './websocket-refusal.ts'
import { type Authorized, DENIED, offers, proofIn, readAuthorization } from './websocket-credentials.ts'
import type { Proven } from './websocket-platform.ts'
import type { Entrance } from './websocket-upgrades.ts'

/** Who comes, as far as its key and the app say. */
interface Visitor {
  readonly remoteAddress: string
  readonly proven: Proven | undefined
  /** What the manager says of that address. */
  readonly verdict: AcceptVerdict
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
    this.#answers = new Answers(settings, door, options.handshakes)
    this.#door = door
  }

  enter(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!offers(request, SUBPROTOCOL)) {
      if (offers(request, OLD_SUBPROTOCOL)) return refuse(socket, 426, OLD_VERSION, { upgrade: 'websocket' })
      return refuse(socket, 400, `not a peer of this protocol: offer the WebSocket sub-protocol ${SUBPROTOCOL}`)
    }
    const answer = this.#visitorOf(request)
    if (isThenable(answer)) this.#answers.wait(answer, request.socket, socket, (visitor) => this.#answered(visitor, request, socket, head))
    else this.#answered(answer, request, socket, head)
  }

  /** Nobody comes in any more. */
  left(): void {
    this.#answers.stop()
    for (const arrival of this.#arrivals) arrival.stop()
  }

  #answered(visitor: Visitor | Refusal, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if ('code' in visitor) return turnAway(socket, visitor)
    const { remoteAddress, proven, verdict } = visitor
    let opened: WebSocket | undefined
    this.#onValid = (accept) => {
      const upgrade = (): WebSocket | undefined => {
        accept(true)
        return opened
      }
      const knocker: Knocker = { request, socket, remoteAddress, proven, upgrade }
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

  /** Who the peer is, or why it may not come in. */
  #visitorOf(request: IncomingMessage): Answer<Visitor | Refusal> {
    if (this.#settings.remoteAddress !== undefined) return this.#askedOf(request, undefined)
    // The app is not asked about one that may not come in anyway.
    const remoteAddress = remoteWebSocketAddressOf(request.socket, schemeOf(request.socket instanceof TLSSocket))
    const verdict = this.#options.admits?.(remoteAddress)
    return verdict === undefined ? this.#askedOf(request, remoteAddress) : { remoteAddress, proven: undefined, verdict }
  }

  #askedOf(request: IncomingMessage, seen: string | undefined): Answer<Visitor | Refusal> {
    const proof = proofIn(request, this.#settings.identity, (thrown) => this.#options.onError?.(thrown, 'allow'))
    if (proof !== undefined && 'code' in proof) return proof
    return after(this.#authorized(request, proof), (proven) => {
      if (proven !== undefined && 'code' in proven) return proven
      if (seen !== undefined) return { remoteAddress: seen, proven, verdict: undefined }
      return after(this.#toldAddressOf(request), (remoteAddress) =>
        remoteAddress === undefined ? DENIED : { remoteAddress, proven, verdict: this.#options.admits?.(remoteAddress) },
      )
    })
  }

  /** Whom the app takes it for; undefined: for nobody in particular. */
  #authorized(request: IncomingMessage, proof: Proven | undefined): Answer<Proven | Refusal | undefined> {
    const { authorize } = this.#settings
    if (authorize === undefined) return proof
    const read = (said: unknown): Authorized => readAuthorization(said, request, proof)
    const authorized = askOf(authorize, request, read, (thrown) => this.#options.onError?.(thrown, 'authorize'))
    return after(authorized, (answer) => (answer === undefined ? DENIED : answer.verdict))
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

/** Goes on with an answer, at once where it is there. */
function after<A, B>(answer: Answer<A>, then: (answer: A) => Answer<B>): Answer<B> {
  return isThenable(answer) ? answer.then(then) : then(answer)
}

const nothing = (): undefined => undefined
