/** The end of a link that waits is known at once, and what it says meanwhile is lost to nobody. */
import type { CloseReason, Link, LinkHandler } from '../../transports/transport.ts'

/** A link that waits is paused once it has said so much, in bytes; a message counts for no less than {@link LEAST_BYTES}. */
const MOST_BYTES = 65_536
const LEAST_BYTES = 256

/** Handles a link until its peer does. A link takes one handler only: this one stays, and hands on what it is told. */
class WaitingLink implements LinkHandler {
  readonly #link: Link
  #onOver: (() => void) | undefined
  #handler: LinkHandler | undefined = undefined
  #messages: Uint8Array[] = []
  #bytes = 0
  #isPaused = false
  #end: CloseReason | undefined = undefined

  constructor(link: Link, onOver: () => void) {
    this.#link = link
    this.#onOver = onOver
  }

  message(data: Uint8Array): void {
    if (this.#handler !== undefined) return this.#handler.message(data)
    // What is small does not keep the chunk that it came in.
    this.#messages.push(data.byteLength * 2 < data.buffer.byteLength ? data.slice() : data)
    this.#bytes += Math.max(LEAST_BYTES, data.byteLength)
    if (this.#bytes < MOST_BYTES || this.#isPaused) return
    this.#isPaused = true
    this.#link.pause()
  }

  drain(): void {
    this.#handler?.drain()
  }

  closed(reason: CloseReason): void {
    if (this.#handler !== undefined) return this.#handler.closed(reason)
    this.#end = reason
    this.#onOver?.()
  }

  /** The link has its peer: it hears what was said, and what is said from here on. */
  handTo(handler: LinkHandler): void {
    this.#onOver = undefined
    for (const data of this.#messages) handler.message(data)
    this.#messages = []
    this.#handler = handler
    if (this.#end !== undefined) return handler.closed(this.#end)
    if (this.#isPaused) this.#link.resume()
  }
}

const waiting = new WeakMap<Link, WaitingLink>()

/** Has the end of a link told that has no peer yet. @param onOver called at most once, and not once it has its peer */
export function watchOver(link: Link, onOver: () => void): void {
  const handler = new WaitingLink(link, onOver)
  waiting.set(link, handler)
  try {
    link.attach(handler)
  } catch {
    onOver()
  }
}

/** Sets the handler of a link, whether or not it had to wait. */
export function attachTo(link: Link, handler: LinkHandler): void {
  const waited = waiting.get(link)
  if (waited === undefined) return link.attach(handler)
  waiting.delete(link)
  waited.handTo(handler)
}
