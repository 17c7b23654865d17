/** A connection that is turned away learns the same by HTTP, whenever it was decided. */
import { STATUS_CODES } from 'node:http'
import { refusalText } from './refusal.ts'
import type { Refusal } from './transport.ts'

/** The header that says to a program what the body says to a person. In a request: the dialer is not told of an HTTP status, as a page is not. */
export const REFUSAL_HEADER = 'qudag-refusal'

/** What is refused for good, as far as this side can tell. */
const FORBIDDEN: ReadonlySet<string> = new Set(['ERR_DENIED', 'ERR_IDENTITY_MISMATCH', 'ERR_SELF_DIAL', 'ERR_INVALID_TRANSITION'])
/** What the other side can mend by coming less often, or with fewer links. */
const CROWDED: ReadonlySet<string> = new Set(['host-limit', 'subnet-limit', 'host-rate', 'total-rate'])

/** The HTTP status of a refusal: whether it is worth while to come again. */
export function statusOf({ code, reason, retryAfterMs }: Refusal): number {
  if (reason === 'unauthorized') return 401
  if (retryAfterMs !== undefined || code === 'ERR_RATE_LIMITED' || CROWDED.has(reason)) return 429
  return FORBIDDEN.has(code) ? 403 : 503
}

/** What a refusal says. */
export function wordsOf({ reason, retryAfterMs }: Refusal): string {
  const again = retryAfterMs === undefined ? '' : `; try again in ${Math.ceil(retryAfterMs)} ms`
  return `this peer may not come in (${reason})${again}`
}

/** What a close frame says of a refusal: it has room for 123 bytes. */
export function closeWordsOf(refusal: Refusal): string {
  return wordsOf(refusal)
    .replace(/[^ -~]/g, '?')
    .slice(0, 123)
}

/** The headers of a refusal. */
export function headersOf(refusal: Refusal): Readonly<Record<string, string>> {
  const { retryAfterMs } = refusal
  return {
    // Nothing that a header cannot bear.
    [REFUSAL_HEADER]: refusalText(refusal).replace(/[^ -~]/g, '?'),
    // A 401 must say how to come in (RFC 9110, 11.6.1); no browser asks its user for that one.
    ...(statusOf(refusal) === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  }
}

/** A refusal as a whole response, for a connection of which nothing is read. */
export function responseOf(refusal: Refusal): string {
  const status = statusOf(refusal)
  const body = `qudag-connections: ${wordsOf(refusal)}\n`
  const headers = {
    connection: 'close',
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    ...headersOf(refusal),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`
}
