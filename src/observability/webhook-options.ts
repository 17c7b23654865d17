/** Options of a webhook for alerts, and what they mean where they are left out. */
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import type { Alert } from '../metrics/alerts.ts'
import { isSecret } from './signature.ts'

/** How a webhook is told. @since 0.2.0 */
export interface WebhookOptions {
  /** Where it is: `https:`, or `http:` within a machine or a network of your own. */
  readonly url: string | URL
  /** What the body is signed with, as "Standard Webhooks" has it: `whsec_` and at least 16 random bytes in base64. */
  readonly secret: string
  /** The field `manager` of each body, which tells managers apart. @default 'default' */
  readonly name?: string
  /** How often each is tried, the first time included. @default 10 */
  readonly attempts?: number
  /** The first pause before another try is drawn from 0 to this, in milliseconds, each further one from twice as much. @default 1_000 */
  readonly baseMs?: number
  /** No pause is drawn from more, in milliseconds; `retry-after` of an answer is waited for up to as long. @default 60_000 */
  readonly maxMs?: number
  /** How long one try may take, in milliseconds. @default 10_000 */
  readonly timeoutMs?: number
  /** The most alerts that wait to be told; the oldest of them goes when there is one more. @default 100 */
  readonly maxQueued?: number
  /** Ends it when it is aborted. @default none */
  readonly signal?: AbortSignal
  /** Called with each alert that was given up, and why. What it throws is thrown at the process, as by an event handler. @default none */
  readonly onDropped?: (alert: Alert, error: Error) => void
  /** What calls it. @default the platform's `fetch` */
  readonly fetch?: typeof fetch
  /** Where time comes from. @default the platform's, whose timers keep no process alive */
  readonly clock?: Clock
}

/** Options with everything filled in. */
export type WebhookSettings = Required<Omit<WebhookOptions, 'url' | 'signal' | 'onDropped'>> &
  Pick<WebhookOptions, 'signal' | 'onDropped'> & { readonly url: URL }

const KNOWN = {
  url: true,
  secret: true,
  name: true,
  attempts: true,
  baseMs: true,
  maxMs: true,
  timeoutMs: true,
  maxQueued: true,
  signal: true,
  onDropped: true,
  fetch: true,
  clock: true,
} as const satisfies Known<WebhookOptions>

const CLOCK: Clock = steppedTimers({
  now: () => Date.now(),
  setTimeout: (f: () => void, ms: number) => {
    const timer: number | { unref?(): void } = setTimeout(f, ms)
    if (typeof timer === 'object') timer.unref?.()
    return timer
  },
  clearTimeout: (id: unknown) => clearTimeout(id as ReturnType<typeof setTimeout>),
})

/** Checks options and fills in what is left out. @throws TypeError or RangeError that names the option, and never says the secret */
export function checkWebhook(options: WebhookOptions): WebhookSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { secret, name = 'default', attempts = 10, baseMs = 1_000, maxMs = 60_000, timeoutMs = 10_000, maxQueued = 100 } = options
  const url = urlOf(options.url)
  if (typeof secret !== 'string') throw new TypeError('secret must be a string')
  if (!isSecret(secret)) throw new RangeError('secret must be whsec_ and at least 16 bytes in base64')
  if (typeof name !== 'string') throw new TypeError('name must be a string')
  assertInteger('attempts', attempts, 1)
  assertDuration('baseMs', baseMs, 0)
  assertDuration('maxMs', maxMs, 0)
  assertDuration('timeoutMs', timeoutMs, 1)
  assertInteger('maxQueued', maxQueued, 1)
  const { signal, onDropped, fetch = globalThis.fetch, clock = CLOCK } = options
  if (onDropped !== undefined && typeof onDropped !== 'function') throw new TypeError('onDropped must be a function')
  if (typeof fetch !== 'function') throw new TypeError('fetch must be a function')
  if (typeof clock?.setTimeout !== 'function') throw new TypeError('clock must be a Clock')
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') throw new TypeError('signal must be an AbortSignal')
  return {
    url,
    secret,
    name,
    attempts,
    baseMs,
    maxMs,
    timeoutMs,
    maxQueued,
    fetch,
    clock,
    ...(signal === undefined ? {} : { signal }),
    ...(onDropped === undefined ? {} : { onDropped }),
  }
}

function urlOf(given: unknown): URL {
  const text = given instanceof URL ? given.href : given
  if (typeof text !== 'string') throw new TypeError('url must be a string or a URL')
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new RangeError('url must be an http: or https: URL')
  // `fetch` refuses these, and its error would say them.
  if (url.username !== '' || url.password !== '') throw new RangeError('url must not have a user or a password: the body is signed')
  return url
}
