/** The pings of a link: each settles once, by its pong, its signal or the end of its link, and leaves no listener behind. */
import type { PongListener } from './transport.ts'

/** The most pings of one link that may be under way. */
const MAX_PINGS = 64

/** What writes pings. */
export interface PingWriter {
  putPing(id: number): void
}

/** A ping that waits for its pong. */
interface Ping {
  readonly id: number
  readonly sentAt: number
  readonly listener: PongListener
  next: Ping | undefined
}

/** Who has called `ping`, and waits for what became of it. */
class Caller implements PongListener {
  readonly #pings: Pings
  readonly #signal: AbortSignal
  readonly #resolve: (ms: number) => void
  readonly #reject: (reason: unknown) => void

  constructor(pings: Pings, signal: AbortSignal, resolve: (ms: number) => void, reject: (reason: unknown) => void) {
    this.#pings = pings
    this.#signal = signal
    this.#resolve = resolve
    this.#reject = reject
    signal.addEventListener('abort', this)
  }

  /** The signal was aborted. */
  handleEvent(): void {
    this.#pings.forget(this)
    this.fail(this.#signal.reason)
  }

  pong(ms: number): void {
    this.#signal.removeEventListener('abort', this)
    this.#resolve(ms)
  }

  fail(reason: unknown): void {
    this.#signal.removeEventListener('abort', this)
    this.#reject(reason)
  }
}

/** The pings of one link that wait for their pongs. */
export class Pings {
  readonly #writer: PingWriter
  /** The oldest: they are few. */
  #first: Ping | undefined = undefined
  #lastId = 0

  constructor(writer: PingWriter) {
    this.#writer = writer
  }

  /**
   * Sends a ping and waits for its pong.
   *
   * @returns the round trip in milliseconds
   * @throws the signal's reason; RangeError beyond {@link MAX_PINGS}
   */
  send(signal: AbortSignal): Promise<number> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted()
      this.#assertFew()
      this.#send(new Caller(this, signal, resolve, reject))
    })
  }

  /** Sends a ping whose pong `listener` hears of, and none of an earlier one does. @throws RangeError beyond {@link MAX_PINGS} */
  measure(listener: PongListener): void {
    if (this.#first !== undefined) this.#drop((other) => other !== listener && !(other instanceof Caller))
    this.#assertFew()
    this.#send(listener)
  }

  /** Waits for a caller's pong no longer. */
  forget(caller: Caller): void {
    this.#drop((other) => other === caller)
  }

  /** A pong came: it answers the ping `id` and all before it, so that a busy side may answer only the latest. */
  answered(id: number): void {
    const now = performance.now()
    for (let ping = this.#first; ping !== undefined && ((id - ping.id) | 0) >= 0; ping = this.#first) {
      this.#first = ping.next
      ping.listener.pong(now - ping.sentAt)
    }
  }

  /** The link is over: nothing will be answered any more. @param error made where somebody is to be told */
  fail(error: () => Error): void {
    let ping = this.#first
    this.#first = undefined
    let reason: Error | undefined
    for (; ping !== undefined; ping = ping.next) if (ping.listener instanceof Caller) ping.listener.fail((reason ??= error()))
  }

  #drop(isDropped: (listener: PongListener) => boolean): void {
    let previous: Ping | undefined
    for (let ping = this.#first; ping !== undefined; ping = ping.next) {
      if (!isDropped(ping.listener)) previous = ping
      else if (previous === undefined) this.#first = ping.next
      else previous.next = ping.next
    }
  }

  #assertFew(): void {
    let count = 0
    for (let ping = this.#first; ping !== undefined; ping = ping.next) count++
    if (count >= MAX_PINGS) throw new RangeError(`${MAX_PINGS} pings of this link are under way already`)
  }

  #send(listener: PongListener): void {
    const id = (this.#lastId = (this.#lastId + 1) >>> 0)
    const ping: Ping = { id, sentAt: performance.now(), listener, next: undefined }
    let last = this.#first
    while (last?.next !== undefined) last = last.next
    if (last === undefined) this.#first = ping
    else last.next = ping
    this.#writer.putPing(id)
  }
}
