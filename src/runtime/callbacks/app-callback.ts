/** A callback of the app: what it throws, or answers against its contract, is reported once by name, and a safe answer stands in for it. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { asError, spelled } from '../errors/failures.ts'
import type { AsyncContexts } from './async-context.ts'

/** Which function of the app was at fault. @since 0.1.0 */
export interface CallbackPlace {
  /** Its name: an option (`gate`, `reconnect.shouldRetry`, `clock.now`), or `subscriber`, `listener`, `inspect`, `transport`. */
  readonly callback: string
  /** Whom it was asked about, where it was asked about one peer. */
  readonly peerId?: PeerId
  /** How often that function was at fault so far, this time included. */
  readonly count: number
}

/** Is told of errors in the app's own functions. @since 0.1.0 */
export type ErrorHandler = (error: Error, where: CallbackPlace) => void

/** So many errors of each function are told one by one, then one in as many. */
const EACH_UP_TO = 100

/** Where the errors of the app's own functions go. They never come back to whoever asked, and never end the process. */
export class AppErrors {
  /** The contexts that subscribers are told in; undefined: there are none. */
  readonly contexts: AsyncContexts | undefined
  readonly #onError: ErrorHandler | undefined
  readonly #warn: (message: string, error: Error) => void
  readonly #counts = new Map<string, number>()
  /** The function being asked just now that is asked in the middle of everything, where no command can be taken; undefined: none. */
  asking: 'clock.now' | 'random' | undefined = undefined

  /** @param warn where there is no handler of the app, or where that one is at fault itself */
  constructor(onError: ErrorHandler | undefined, warn: (message: string, error: Error) => void, contexts?: AsyncContexts) {
    this.contexts = contexts
    this.#onError = onError
    this.#warn = warn
  }

  /** @throws Error while a function is asked that must not command the manager */
  assertMayCommand(): void {
    if (this.asking !== undefined) throw new Error(`${this.asking} must not command the manager`)
  }

  /** Notes an error; it is told when the stack is clean, as whoever is told may command the manager. */
  report(thrown: unknown, callback: string, peerId?: PeerId): void {
    const error = asError(thrown)
    const count = (this.#counts.get(callback) ?? 0) + 1
    this.#counts.set(callback, count)
    if (this.#onError === undefined) {
      if (isPowerOfTen(count)) queueMicrotask(() => this.#warnOf(error, { callback, count, ...(peerId === undefined ? {} : { peerId }) }))
    } else if (count <= EACH_UP_TO || count % EACH_UP_TO === 0) {
      queueMicrotask(() => this.#tell(error, { callback, count, ...(peerId === undefined ? {} : { peerId }) }))
    }
  }

  /**
   * Asks a function of the app.
   *
   * @param read reads its answer, and throws where it is none; a promise is none
   * @param safe what stands in for the answer then
   */
  ask<A, T>(callback: string, f: (argument: A) => unknown, argument: A, read: (answer: unknown) => T, safe: T, peerId?: PeerId): T {
    try {
      const answer = f(argument)
      if (isThenable(answer)) {
        ignoreRejection(answer)
        throw new TypeError(`${callback} must answer at once, and not with a promise`)
      }
      return read(answer)
    } catch (error) {
      this.report(error, callback, peerId)
      return safe
    }
  }

  #tell(reported: Error, where: CallbackPlace): void {
    const told = (thrown: unknown): void => this.#warnOf(asError(thrown), { callback: 'onError', count: 1 })
    try {
      const answer: unknown = this.#onError?.(reported, where)
      if (isThenable(answer)) answer.then(undefined, told)
    } catch (thrown) {
      told(thrown)
    }
  }

  #warnOf(error: Error, { callback, count, peerId }: CallbackPlace): void {
    const whom = peerId === undefined ? '' : ` (asked about '${shownPeerId(peerId)}')`
    const often = count > 1 ? `, for the ${count}th time` : ''
    try {
      this.#warn(`${callback} failed${whom}${often}: ${spelled(error.message)}; set the option onError to hear of each`, error)
    } catch {
      // There is nobody left to tell.
    }
  }
}

/** Reads a boolean. @throws TypeError that names the callback */
export function booleanFrom(callback: string): (answer: unknown) => boolean {
  return (answer) => {
    if (typeof answer !== 'boolean') throw new TypeError(`${callback} must return true or false, got ${spelled(answer)}`)
    return answer
  }
}

/** Whether a value is a promise, of whatever make. A getter of it may throw. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Has a promise that nobody waits for not end the process when it rejects. */
export function ignoreRejection(promise: PromiseLike<unknown>): void {
  Promise.resolve(promise).then(undefined, () => {})
}

function isPowerOfTen(count: number): boolean {
  let rest = count
  while (rest >= 10 && rest % 10 === 0) rest /= 10
  return rest === 1
}
