/** The record of a link: whatever it calls is noted, in order, and can be awaited. */
import type { CloseReason, Link, LinkHandler } from '../../transports/transport.ts'

/** Waits for a promise; where the wait is cut short, `what` says what was waited for. */
export type Wait = <T>(what: string | (() => string), promise: Promise<T>) => Promise<T>

/** A link's handler that writes down what it is told. */
export class LinkRecord implements LinkHandler {
  readonly link: Link
  readonly messages: Uint8Array[] = []
  readonly reasons: CloseReason[] = []
  drains = 0
  /** What was called although the link was over. */
  readonly late: string[] = []
  /** What else to do with a message. */
  onMessage: (data: Uint8Array) => void = () => {}
  readonly #wait: Wait
  #looks: (() => void)[] = []

  constructor(link: Link, wait: Wait) {
    this.link = link
    this.#wait = wait
  }

  message(data: Uint8Array): void {
    if (this.reasons.length > 0) this.late.push('message')
    this.messages.push(data)
    this.onMessage(data)
    this.#look()
  }

  drain(): void {
    if (this.reasons.length > 0) this.late.push('drain')
    this.drains++
    this.#look()
  }

  closed(reason: CloseReason): void {
    if (this.reasons.length > 0) this.late.push('closed')
    this.reasons.push(reason)
    this.#look()
  }

  /** Waits until there are so many messages. */
  async count(n: number): Promise<readonly Uint8Array[]> {
    await this.#until(
      () => this.messages.length >= n,
      () => `message ${n} (${this.messages.length} came${this.reasons.length > 0 ? `, then the end: ${endOf(this.reasons[0])}` : ''})`,
    )
    return this.messages
  }

  /** Waits for a drain beyond the first `after`. */
  drained(after: number): Promise<void> {
    return this.#until(
      () => this.drains > after,
      () => `drain after a send that returned false (${this.link.bufferedBytes} bytes are buffered)`,
    )
  }

  /** Waits for the end, and says which it was: `local`, `remote` or `error`. */
  async end(): Promise<CloseReason['kind']> {
    await this.#until(
      () => this.reasons.length > 0,
      () => `closed to be called (${this.messages.length} messages came)`,
    )
    return this.reasons[0]!.kind
  }

  #until(holds: () => boolean, what: () => string): Promise<void> {
    return this.#wait(
      what,
      new Promise((resolve) => {
        const look = (): void => {
          if (holds()) resolve()
          else this.#looks.push(look)
        }
        look()
      }),
    )
  }

  #look(): void {
    const looks = this.#looks
    this.#looks = []
    for (const look of looks) look()
  }
}

function endOf(reason: CloseReason | undefined): string {
  return reason?.kind === 'error' ? reason.error.message : String(reason?.kind)
}
