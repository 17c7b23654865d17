/** A webhook for alerts: told of one after the other, again where it does not answer, and of never more than it keeps. */
import type { Observable, Subscription } from 'rxjs'
import { backoffPause } from '../../machines/policy/backoff.ts'
import type { Alert } from '../metrics/alerts.ts'
import { Signer } from './signature.ts'
import { checkWebhook, type WebhookOptions, type WebhookSettings } from './webhook-options.ts'

/** Alerts on their way to a webhook. @since 0.2.0 */
export interface AlertWebhook extends AsyncDisposable {
  /** How many wait to be told, the one that is being told included. */
  readonly queued: number
  /** How many it was told of. */
  readonly delivered: number
  /** How many were given up: it refused them, did not answer, or there were too many. */
  readonly dropped: number
  /** Resolves when nothing waits any more, told or given up. Never rejects. */
  settled(): Promise<void>
  /** Ends it: what waits is given up. Idempotent. */
  end(): void
}

/**
 * Tells a webhook of each alert by a POST of JSON, until it is ended or the alerts end; those that wait then are still told.
 *
 * The body is `{ type: 'alert.raised' | 'alert.cleared', timestamp, data: { manager, name, state, at, since, value, threshold, cause,
 * dropped } }`, signed as "Standard Webhooks" has it by the headers `webhook-id`, `webhook-timestamp` and `webhook-signature`; the
 * id stays the same when it is tried again. They are told in order. What is not answered by 2xx is tried again with growing
 * pauses; 4xx other than 408, 425 and 429 is given up at once. A redirect is not followed.
 *
 * Whoever made it ends it, by `end()`, by `await using` (which waits for `settled()` first), or by `signal`.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.2.0
 * @example
 * const webhook = alertWebhook(alerts(manager.metrics$, []), { url: 'https://example.org/hook', secret: `whsec_${btoa('0123456789abcdef')}` })
 * webhook.end()
 */
export function alertWebhook(alerts$: Observable<Alert>, options: WebhookOptions): AlertWebhook {
  return new Delivery(alerts$, checkWebhook(options))
}

/** What is to be told. */
interface Letter {
  readonly alert: Alert
  readonly id: string
}

/** A try that came to nothing. */
class Refused extends Error {
  readonly isFinal: boolean
  readonly retryAfterMs: number | undefined

  constructor(message: string, isFinal: boolean, retryAfterMs?: number) {
    super(message)
    this.isFinal = isFinal
    this.retryAfterMs = retryAfterMs
  }
}

class Delivery implements AlertWebhook {
  delivered = 0
  dropped = 0
  readonly #settings: WebhookSettings
  readonly #signer: Signer
  readonly #queue: Letter[] = []
  readonly #subscription: Subscription
  readonly #ending = new AbortController()
  /** Resolves when nothing waits any more; undefined: nothing does. */
  #working: Promise<void> | undefined = undefined

  constructor(alerts$: Observable<Alert>, settings: WebhookSettings) {
    this.#settings = settings
    this.#signer = new Signer(settings.secret)
    const { signal } = settings
    this.#subscription = alerts$.subscribe((alert) => this.#take(alert))
    if (signal?.aborted === true) this.end()
    else signal?.addEventListener('abort', this.#onAbort)
  }

  get queued(): number {
    return this.#queue.length
  }

  async settled(): Promise<void> {
    while (this.#working !== undefined) await this.#working
  }

  end(): void {
    if (this.#ending.signal.aborted) return
    this.#settings.signal?.removeEventListener('abort', this.#onAbort)
    this.#subscription.unsubscribe()
    const error = new Error('the webhook was ended')
    this.#ending.abort(error)
    while (this.#queue.length > 0) this.#giveUp(0, error)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription.unsubscribe()
    await this.settled()
    this.end()
  }

  readonly #onAbort = (): void => this.end()

  #take(alert: Alert): void {
    const { maxQueued } = this.#settings
    // The first one may be under way.
    if (this.#queue.length >= maxQueued) this.#giveUp(this.#queue.length > 1 ? 1 : 0, new Error(`more than ${maxQueued} waited`))
    this.#queue.push({ alert, id: `msg_${crypto.randomUUID()}` })
    this.#working ??= this.#work()
  }

  async #work(): Promise<void> {
    // What is taken within the call that takes it is told after that.
    await Promise.resolve()
    for (let letter = this.#queue[0]; letter !== undefined; letter = this.#queue[0]) {
      const error = await this.#deliver(letter)
      // Others may have pushed it out meanwhile.
      if (this.#queue[0] !== letter) continue
      if (error !== undefined) this.#giveUp(0, error)
      else {
        this.#queue.shift()
        this.delivered++
      }
    }
    this.#working = undefined
  }

  /** Tells one, as often as it takes; the error that it was given up for. */
  async #deliver(letter: Letter): Promise<Error | undefined> {
    const { attempts, baseMs, maxMs } = this.#settings
    const body = this.#bodyOf(letter.alert)
    for (let attempt = 0; ; attempt++) {
      const error = await this.#post(letter.id, body).catch((thrown: unknown) =>
        thrown instanceof Error ? thrown : new Error(String(thrown)),
      )
      if (error === undefined) return undefined
      const pause = backoffPause(attempt, Math.random(), { baseMs, maxMs, attempts: attempts - 1 })
      const isFinal = error instanceof Refused && error.isFinal
      // It may have been given up meanwhile.
      if (isFinal || pause === undefined || this.#queue[0] !== letter) return error
      const asked = error instanceof Refused ? (error.retryAfterMs ?? 0) : 0
      await this.#sleep(Math.max(pause, Math.min(maxMs, asked)))
      if (this.#queue[0] !== letter) return error
    }
  }

  async #post(id: string, body: string): Promise<undefined> {
    const { url, clock, timeoutMs, fetch } = this.#settings
    const second = Math.floor(clock.now() / 1_000)
    const controller = new AbortController()
    const late = clock.setTimeout(() => controller.abort(new Error(`it did not answer within ${timeoutMs} ms`)), timeoutMs)
    const onEnd = (): void => controller.abort(this.#ending.signal.reason)
    this.#ending.signal.addEventListener('abort', onEnd)
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(second),
          'webhook-signature': await this.#signer.sign(id, second, body),
        },
        body,
        redirect: 'manual',
        signal: controller.signal,
      })
      const { status, headers } = response
      // Nobody reads it, and a connection is free again when it is gone.
      await response.body?.cancel()
      if (status >= 200 && status < 300) return undefined
      const isFinal = (status >= 300 && status < 500 && ![408, 425, 429].includes(status)) || response.type === 'opaqueredirect'
      throw new Refused(`it answered ${status}`, isFinal, secondsIn(headers.get('retry-after')))
    } finally {
      clock.clearTimeout(late)
      this.#ending.signal.removeEventListener('abort', onEnd)
    }
  }

  #bodyOf({ name, state, at, since, value, threshold, cause }: Alert): string {
    const { name: manager } = this.#settings
    const data = { manager, name, state, at, since, value, threshold, cause, dropped: this.dropped }
    return JSON.stringify({ type: `alert.${state}`, timestamp: new Date(at).toISOString(), data })
  }

  #giveUp(index: number, error: Error): void {
    const [letter] = this.#queue.splice(index, 1)
    if (letter === undefined) return
    this.dropped++
    const { onDropped } = this.#settings
    if (onDropped === undefined) return
    try {
      onDropped(letter.alert, error)
    } catch (thrown) {
      queueMicrotask(() => {
        throw thrown
      })
    }
  }

  /** A pause that the end cuts short. */
  #sleep(ms: number): Promise<void> {
    const { clock } = this.#settings
    return new Promise((resolve) => {
      const done = (): void => {
        clock.clearTimeout(timer)
        this.#ending.signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = clock.setTimeout(done, ms)
      this.#ending.signal.addEventListener('abort', done)
      if (this.#ending.signal.aborted) done()
    })
  }
}

/** What `retry-after` says, in milliseconds, where it is a number of seconds. */
function secondsIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1_000 : undefined
}
