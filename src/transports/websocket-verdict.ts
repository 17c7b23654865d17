/** Keeps one thing true: who may not come in learns the same by HTTP, whenever it was decided. */
import { STATUS_CODES } from 'node:http'
import type { AcceptVerdict } from './transport.ts'

type Refusal = NonNullable<AcceptVerdict>

/** The HTTP status of a refusal: whether it is worth while to come again. */
export function statusOf({ reason, retryAfterMs }: Refusal): number {
  if (retryAfterMs !== undefined) return 429
  return reason === 'denied' ? 403 : 503
}

/** What a refusal says. */
export function wordsOf({ reason, retryAfterMs }: Refusal): string {
  const again = retryAfterMs === undefined ? '' : `; try again in ${Math.ceil(retryAfterMs)} ms`
  return `this peer may not come in (${reason})${again}`
}

/** A refusal as a whole response, for a connection of which nothing is read. */
export function responseOf(refusal: Refusal): string {
  const status = statusOf(refusal)
  const { retryAfterMs } = refusal
  const again = retryAfterMs === undefined ? '' : `retry-after: ${Math.ceil(retryAfterMs / 1_000)}\r\n`
  const body = `qudag-connections: ${wordsOf(refusal)}\n`
  const head = `connection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n${again}`
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head}\r\n${body}`
}
