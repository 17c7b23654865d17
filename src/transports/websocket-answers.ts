/** The answers of the app about an arriving peer are waited for in time, by few, and for no longer than the peer itself is there. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { remoteAddressOf } from './tcp-address.ts'
import type { ListenOptions, Refusal } from './transport.ts'
import type { Door } from './websocket-door.ts'
import type { WebSocketSettings } from './websocket-options.ts'
import { refuse } from './websocket-refusal.ts'
import { headersOf } from './websocket-verdict.ts'

/** The most peers of one listener that wait for the app's answer; who comes while so many wait is refused. */
const MOST_WAITING = 256

const CROWDED: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'pending-limit' }
const STOPPED: Refusal = { code: 'ERR_STOPPED', reason: 'stopped' }
const NO_ROOM: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'no-descriptor' }
const LATE: Refusal = { code: 'ERR_DENIED', reason: 'gate-timeout' }

/** What the app answers, now or later. */
export type Answer<T> = T | Promise<T>

/** What a function of the app's says of a request; undefined: it was at fault, and that was told. A promise of it never rejects. */
export function askOf<T>(
  f: (request: IncomingMessage) => unknown,
  request: IncomingMessage,
  read: (answer: unknown) => T,
  failed: (thrown: unknown) => void,
): Answer<T | undefined> {
  const refused = (thrown: unknown): undefined => failed(thrown) as undefined
  try {
    const answer = f(request)
    return isThenable(answer) ? Promise.resolve(answer).then(read).catch(refused) : read(answer)
  } catch (thrown) {
    // Thrown on, a header that a stranger made up would end the process.
    return refused(thrown)
  }
}

/** Whether the app answers later. */
export function isThenable<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as { then?: unknown } | undefined | null)?.then === 'function'
}

/** How long the app may take, and the room that those who wait for it share with all who have proven nothing. */
type AnswersOptions = Pick<WebSocketSettings, 'clock' | 'authorizeTimeoutMs' | 'unproven'>

/** The peers of one listener whose sockets wait, unread, for the app's answer. */
export class Answers {
  readonly #options: AnswersOptions
  readonly #door: Door | undefined
  readonly #handshakes: ListenOptions['handshakes']
  readonly #waiting = new Set<() => void>()

  /** @param door where they are counted already; left out on a server of the application's */
  constructor(options: AnswersOptions, door: Door | undefined, handshakes: ListenOptions['handshakes']) {
    this.#handshakes = handshakes
    this.#options = options
    this.#door = door
  }

  /** Waits for an answer that never rejects; `then` is called with it unless the peer is gone, or it takes too long. */
  wait<T>(answer: PromiseLike<T>, connection: Socket, socket: Duplex, then: (answer: T) => void): void {
    if (this.#waiting.size >= MOST_WAITING) return refuse(socket, 503, 'too many peers wait to be let in', headersOf(CROWDED))
    const { clock, authorizeTimeoutMs, unproven } = this.#options
    if (this.#door !== undefined) this.#door.asked(connection)
    else if (!unproven.enter(connection, remoteAddressOf(connection), { cut: () => socket.destroy() }, this.#handshakes))
      return refuse(socket, 503, 'no file descriptor is left for it', headersOf(NO_ROOM))
    const settle = (): boolean => {
      clock.clearTimeout(deadline)
      if (this.#door === undefined) unproven.leave(connection)
      socket.off('close', gone).off('end', gone).off('error', gone).off('readable', look)
      return this.#waiting.delete(stop)
    }
    const gone = (): void => {
      if (settle()) socket.destroy()
    }
    const turnAway = (status: number, words: string, refusal: Refusal): void => {
      if (settle()) refuse(socket, status, words, headersOf(refusal))
    }
    const stop = (): void => turnAway(503, 'this listener is closed', STOPPED)
    // A peer says nothing before it is let in. That it leaves is only seen by looking.
    const look = (): void => {
      if (socket.readableLength === 0) socket.read(0)
    }
    const late = (): void => turnAway(408, `the application did not answer in ${authorizeTimeoutMs} ms`, LATE)
    const deadline = clock.setTimeout(late, authorizeTimeoutMs)
    this.#waiting.add(stop)
    socket.on('close', gone).on('end', gone).on('error', gone).on('readable', look)
    const answered = (said: T): void => {
      if (settle()) then(said)
    }
    void answer.then(answered)
  }

  /** Nobody is let in any more. */
  stop(): void {
    for (const stop of this.#waiting) stop()
  }
}
