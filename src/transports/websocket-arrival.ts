/** A peer that waits to be admitted is admitted, refused or gone, once, and the other side is told which. */
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { FENCE_HEADER, fenceInHeader } from './link-fence.ts'
import { notConnected } from './link-error.ts'
import type { Arrival, Link, LinkFence, Refusal } from './transport.ts'
import { acceptInBun, refuseInBun } from './websocket-bun.ts'
import { NodeWebSocketLink } from './websocket-node-link.ts'
import { isBun, type WebSocketSettings } from './websocket-options.ts'
import type { Proven } from './websocket-platform.ts'
import { CloseCode, HELLO, refusedText } from './websocket-protocol.ts'
import { turnAway } from './websocket-refusal.ts'
import { closeWordsOf, REFUSAL_HEADER } from './websocket-verdict.ts'
import { frameOf, Opcode } from './websocket-writer.ts'

/** A request for an upgrade that is in order, and whose socket waits, unread. */
export interface Knocker {
  readonly request: IncomingMessage
  readonly socket: Duplex
  readonly remoteAddress: string
  /** Who the other side has proven to be, by its key or to the app. */
  readonly proven: Proven | undefined
  /** Completes the upgrade; undefined: the other side has left. */
  upgrade(): WebSocket | undefined
}

const HELLO_FRAME = frameOf(Opcode.Text, Buffer.from(HELLO))

/** A peer that waits at a listener. */
export class WebSocketArrival implements Arrival {
  readonly remoteAddress: string
  declare readonly remotePeerId?: PeerId
  declare readonly fence?: LinkFence
  readonly #knocker: Knocker
  readonly #settings: WebSocketSettings
  readonly #onSettled: (arrival: WebSocketArrival) => void
  #isWaiting = true
  #isGone = false
  #onGone: (() => void) | undefined

  /** @param onSettled is called once, when it waits no more */
  constructor(knocker: Knocker, settings: WebSocketSettings, onSettled: (arrival: WebSocketArrival) => void) {
    this.remoteAddress = knocker.remoteAddress
    if (knocker.proven !== undefined) this.remotePeerId = knocker.proven.peerId
    const fence = fenceInHeader(knocker.request.headers[FENCE_HEADER])
    if (fence !== undefined) this.fence = fence
    this.#knocker = knocker
    this.#settings = settings
    this.#onSettled = onSettled
    knocker.socket.on('close', this.#gone).on('end', this.#gone).on('error', this.#gone).on('readable', this.#look)
  }

  /** @throws ConnectionError `ERR_NOT_CONNECTED` where it is over already */
  admit(): Link {
    if (!this.#settle()) throw notConnected(this.remoteAddress)
    return admitted(this.#knocker, this.#settings, this.fence)
  }

  refuse(refusal: Refusal): void {
    if (!this.#settle()) return
    refused(this.#knocker, refusal)
  }

  onGone(f: () => void): void {
    if (this.#isGone) queueMicrotask(f)
    else if (this.#isWaiting) this.#onGone = f
  }

  /** The listener is closed. */
  stop(): void {
    const onGone = this.#onGone
    this.refuse({ code: 'ERR_STOPPED', reason: 'stopped' })
    this.#isGone = true
    onGone?.()
  }

  readonly #gone = (): void => {
    const onGone = this.#onGone
    if (!this.#settle()) return
    this.#isGone = true
    this.#knocker.socket.destroy()
    onGone?.()
  }

  /** A peer says nothing before it is let in. That it leaves is only seen by looking. */
  readonly #look = (): void => {
    const { socket } = this.#knocker
    if (socket.readableLength === 0) socket.read(0)
  }

  /** False: it waits no more already. */
  #settle(): boolean {
    if (!this.#isWaiting) return false
    this.#isWaiting = false
    this.#onGone = undefined
    this.#knocker.socket.off('close', this.#gone).off('end', this.#gone).off('error', this.#gone).off('readable', this.#look)
    this.#onSettled(this)
    return true
  }
}

/**
 * The link of a peer that is let in: the answer to its request and the hello leave together.
 *
 * @throws ConnectionError `ERR_NOT_CONNECTED` where the other side has left
 */
export function admitted(knocker: Knocker, settings: WebSocketSettings, fence?: LinkFence): Link {
  const { request, socket, remoteAddress, proven } = knocker
  socket.cork()
  const opened = knocker.upgrade()
  if (opened === undefined) {
    socket.destroy()
    throw notConnected(remoteAddress)
  }
  if (isBun) {
    socket.uncork()
    const link = acceptInBun(opened, remoteAddress, settings, proven)
    if (fence !== undefined) link.fence = fence
    return link
  }
  const link = new NodeWebSocketLink(opened, request.socket, remoteAddress, settings, false, proven)
  if (fence !== undefined) link.fence = fence
  socket.write(HELLO_FRAME)
  socket.uncork()
  return link
}

/** Tells a peer by HTTP that it is not let in; a page, which is not told of an HTTP status, by WebSocket. */
export function refused(knocker: Knocker, refusal: Refusal): void {
  const { request, socket } = knocker
  if (request.headers.origin === undefined && request.headers[REFUSAL_HEADER] === undefined) return turnAway(socket, refusal)
  const opened = knocker.upgrade()
  if (opened === undefined) return void socket.destroy()
  opened.on('error', ignore)
  if (isBun) return refuseInBun(opened, refusal)
  // Whatever comes is dropped.
  for (const read of socket.listeners('data')) socket.off('data', read as () => void)
  socket.on('error', ignore).resume()
  socket.write(frameOf(Opcode.Text, Buffer.from(refusedText(refusal))))
  socket.end(frameOf(Opcode.Close, closePayload(closeWordsOf(refusal))), () => socket.destroy())
}

function ignore(): void {}

/** A close frame's code and words. */
function closePayload(words: string): Uint8Array {
  const text = Buffer.from(words)
  const payload = Buffer.allocUnsafe(2 + text.length)
  payload.writeUInt16BE(CloseCode.Refused)
  payload.set(text, 2)
  return payload
}
