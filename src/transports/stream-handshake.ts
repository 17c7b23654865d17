/** A socket becomes a link when both sides have said hello, and until then it is refused, cut or given up without a trace. */
import type { Socket } from 'node:net'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { FrameKind, FrameReader, GREETING, greetingOf, PREAMBLE, refusalBytes, textFrame, textOf } from './frames.ts'
import { notConnected, systemError } from './link-error.ts'
import { fenceInHello, helloWith } from './link-fence.ts'
import { MAX_GREETING_BYTES, readRefusal, refusalText, rejectedByPeer } from './refusal.ts'
import { endSoon } from './socket-end.ts'
import { listenTo, type SocketListener } from './socket-events.ts'
import type { StreamProof } from './stream-proof.ts'
import { TcpLink } from './tcp-link.ts'
import type { TcpLinkOptions } from './tcp-options.ts'
import type { Arrival, LinkFence, Refusal } from './transport.ts'

/** Who watches over a handshake. */
export interface HandshakeOwner {
  /** The other side has said hello. */
  greeted(handshake: StreamHandshake): void
  /** It ended before it was a link. */
  handshakeFailed(handshake: StreamHandshake, error: Error): void
}

/** What a stranger at our port is told, in the only language that it may share with us: text. */
export const NOT_A_PEER = 'qudag-connections: not a peer of this protocol\r\n'

/** So much may arrive behind the hello before the socket is stopped; what is there is not looked at. */
const MOST_BEHIND_BYTES = 64 * 1024

/** One socket, from the moment when it is connected until it is a link. */
export class StreamHandshake implements Arrival, SocketListener {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare fence?: LinkFence
  readonly #socket: Socket
  readonly #options: TcpLinkOptions
  readonly #reader = new FrameReader(MAX_GREETING_BYTES)
  readonly #isDialed: boolean
  readonly #owner: HandshakeOwner
  readonly #proof: StreamProof | undefined
  #deadline: unknown
  #stage: 'greeting' | 'greeted' | 'over' = 'greeting'
  #hasSpoken = false
  #isGone = false
  #behind = 0
  #onGone: (() => void) | undefined

  /**
   * @param isDialed whether this side dialled: then it speaks first, and waits for the other side's hello
   * @param proof who the other side is, where the socket has proven it
   * @param shown the claim that the other side of a dial is shown
   */
  constructor(
    socket: Socket,
    remoteAddress: string,
    options: TcpLinkOptions,
    isDialed: boolean,
    owner: HandshakeOwner,
    proof?: StreamProof,
    shown?: LinkFence,
  ) {
    this.remoteAddress = remoteAddress
    this.#socket = socket
    this.#options = options
    this.#isDialed = isDialed
    this.#owner = owner
    this.#proof = proof
    if (proof !== undefined) this.remotePeerId = proof.peerId
    this.#deadline = options.clock.setTimeout(() => this.#late(), options.handshakeTimeoutMs)
    listenTo(socket, this)
    if (isDialed) this.#say(proof === undefined && shown === undefined ? GREETING : greetingOf(helloWith(shown, proof?.hello)))
  }

  get isOver(): boolean {
    return this.#stage === 'over'
  }

  /** Gives the link; of an arriving one, the other side is told first. */
  admit(): TcpLink {
    if (this.#stage !== 'greeted') throw notConnected(this.remoteAddress)
    this.#stage = 'over'
    this.#onGone = undefined
    if (!this.#isDialed) this.#say(this.#hasSpoken ? textFrame(FrameKind.Hello, '{}') : GREETING)
    this.#reader.admit(this.#options.maxFrameBytes)
    const link = new TcpLink(this.#socket, this.remoteAddress, this.#options, this.#reader, this.#proof)
    if (this.fence !== undefined) link.fence = this.fence
    return link
  }

  refuse(refusal: Refusal): void {
    if (this.#stage === 'over') return
    this.#onGone = undefined
    this.#say(refusalBytes(refusalText(refusal)).subarray(this.#hasSpoken ? PREAMBLE.length : 0))
    this.#end()
  }

  onGone(f: () => void): void {
    if (this.#isGone) queueMicrotask(f)
    else if (!this.isOver) this.#onGone = f
  }

  /** Shows that this side is a peer, and that its answer comes later. */
  putOff(): void {
    if (this.#stage === 'greeted' && !this.#hasSpoken) this.#say(PREAMBLE)
  }

  /** Ends it: nobody is told but the other side, which sees the socket end. */
  abort(): void {
    if (this.#stage !== 'over') this.#end()
  }

  /** It yields to others: its descriptor is wanted. */
  cut(): void {
    this.failed(systemError('EBUSY', 'it yielded to others, having said nothing'))
  }

  received(chunk: Uint8Array): void {
    if (this.#stage === 'over') return
    this.#reader.push(chunk)
    if (this.#stage === 'greeted') return this.#bound(chunk.byteLength)
    while (this.#stage === 'greeting' && this.#nextFrame()) this.#take(this.#reader.take())
  }

  #nextFrame(): boolean {
    try {
      return this.#reader.next()
    } catch (error) {
      this.#notAPeer(error as Error)
      return false
    }
  }

  ended(): void {
    this.failed(systemError('ECONNRESET', 'the other side ended the connection before it said hello'))
  }

  failed(error: Error): void {
    if (this.#stage === 'over') return
    const onGone = this.#onGone
    this.#end()
    this.#isGone = true
    this.#owner.handshakeFailed(this, error)
    onGone?.()
  }

  drained(): void {}

  #take(payload: Uint8Array): void {
    const { kind } = this.#reader
    // A side that speaks our version is a peer: how long it takes to admit us is bounded by who dials.
    if (kind === FrameKind.Preamble) return this.#isDialed ? this.#disarm() : undefined
    if (kind === FrameKind.Refusal && this.#isDialed) return this.failed(rejectedByPeer(readRefusal(textOf(payload)), this.remoteAddress))
    if (kind !== FrameKind.Hello) return this.failed(systemError('EPROTO', 'the other side did not begin with a hello'))
    this.#disarm()
    const hello = textOf(payload)
    this.#proof?.heard(hello)
    const fence = this.#isDialed ? undefined : fenceInHello(hello)
    if (fence !== undefined) this.fence = fence
    this.#stage = 'greeted'
    this.#owner.greeted(this)
  }

  /** Nothing is read before it is admitted: so much of it is kept, and the rest stays in the system's hands. */
  #bound(bytes: number): void {
    this.#behind += bytes
    if (this.#behind >= MOST_BEHIND_BYTES) this.#socket.pause()
  }

  #notAPeer(error: Error): void {
    if (!this.#isDialed && !this.isOver) {
      const isOther = 'version' in error
      const refusal = { code: 'ERR_VERSION', reason: 'version' }
      this.#socket.write(isOther ? refusalBytes(refusalText(refusal)) : NOT_A_PEER)
    }
    this.failed(error)
  }

  #late(): void {
    this.#deadline = undefined
    const { handshakeTimeoutMs } = this.#options
    this.failed(systemError('ETIMEDOUT', `the other side did not say within ${handshakeTimeoutMs} ms that it is a peer; is it one?`))
  }

  #say(bytes: Uint8Array): void {
    this.#hasSpoken = true
    this.#socket.write(bytes)
  }

  #disarm(): void {
    if (this.#deadline === undefined) return
    this.#options.clock.clearTimeout(this.#deadline)
    this.#deadline = undefined
  }

  #end(): void {
    this.#stage = 'over'
    this.#onGone = undefined
    this.#disarm()
    if (this.#proof === undefined || this.#isDialed) this.#socket.destroy()
    else endSoon(this.#socket, this.#options.clock)
    this.#reader.clear()
  }
}
