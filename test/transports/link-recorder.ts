/** Whatever a link calls is on record, in order, and can be awaited. */
import type { CloseReason, Link, LinkHandler } from '../../src/transports/transport.ts'

/** A handler that writes down what it is told. */
export class LinkRecorder implements LinkHandler {
  readonly messages: Uint8Array[] = []
  readonly reasons: CloseReason[] = []
  drains = 0
  /** What else to do with a message. */
  onMessage: (data: Uint8Array) => void = () => {}
  #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = []

  message(data: Uint8Array): void {
    if (this.reasons.length > 0) throw new Error('a message after closed')
    this.messages.push(data)
    this.onMessage(data)
    this.#look()
  }

  drain(): void {
    if (this.reasons.length > 0) throw new Error('a drain after closed')
    this.drains++
    this.#look()
  }

  closed(reason: CloseReason): void {
    this.reasons.push(reason)
    this.#look()
  }

  /** Resolves as soon as `holds` does; it is asked after every call of the link. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ holds, resolve })
      this.#look()
    })
  }

  async count(n: number): Promise<Uint8Array[]> {
    await this.until(() => this.messages.length >= n)
    return this.messages
  }

  async end(): Promise<CloseReason> {
    await this.until(() => this.reasons.length > 0)
    return this.reasons[0]!
  }

  #look(): void {
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      if (!holds()) return true
      resolve()
      return false
    })
  }
}

/** Attaches a recorder. */
export function record(link: Link): LinkRecorder {
  const recorder = new LinkRecorder()
  link.attach(recorder)
  return recorder
}

/** A message that says its number. */
export function numbered(n: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length)).fill(n & 0xff)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

/** The number that a message says. */
export function numberOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0)
}
