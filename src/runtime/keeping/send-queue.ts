/** A queue to send: its messages go out in order and once, and never take more than they may. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import type { KeepQueueOptions } from './kept-peer.ts'

/** Messages that wait for a link. Each is a copy: its owner may use its buffer again. */
export class SendQueue {
  readonly bounds: Required<KeepQueueOptions>
  #messages: (Uint8Array | undefined)[] = []
  #head = 0
  #bytes = 0

  constructor(bounds: Required<KeepQueueOptions>) {
    this.bounds = bounds
  }

  /** How many messages wait. */
  get size(): number {
    return this.#messages.length - this.#head
  }

  /** How many bytes they have together. */
  get bytes(): number {
    return this.#bytes
  }

  /** The message that goes out next. */
  get first(): Uint8Array | undefined {
    return this.#messages[this.#head]
  }

  /** Has a message wait; false: there is no room for it. */
  push(data: Uint8Array): boolean {
    const { maxMessages, maxBytes } = this.bounds
    if (this.size >= maxMessages || this.#bytes + data.byteLength > maxBytes) return false
    this.#messages.push(data.slice())
    this.#bytes += data.byteLength
    return true
  }

  /** Takes the first message out. */
  shift(): void {
    const data = this.first
    if (data === undefined) return
    this.#messages[this.#head++] = undefined
    this.#bytes -= data.byteLength
    if (this.#head * 2 <= this.#messages.length) return
    this.#messages = this.#messages.slice(this.#head)
    this.#head = 0
  }

  clear(): void {
    this.#messages = []
    this.#head = this.#bytes = 0
  }
}

/** Says that there is no room for one more. */
export function queueFullError(peerId: PeerId, { size, bytes, bounds }: SendQueue): ConnectionError {
  return new ConnectionError(
    'ERR_BUFFER_FULL',
    `${size} messages of ${bytes} bytes wait for a link to '${shownPeerId(peerId)}', of at most ${bounds.maxMessages} and ${bounds.maxBytes}: when send returns false wait for drained(), or raise queue`,
    { peerId, limit: bounds.maxBytes, current: bytes },
  )
}
