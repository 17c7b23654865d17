/** A refusal that crosses a wire is bounded and checked, and the same error whatever the transport. */
import { ConnectionError } from '../errors.ts'
import type { AcceptVerdict, CloseReason, Refusal } from './transport.ts'

/** The most that a refusal, or a hello, takes on a wire, in bytes. */
export const MAX_GREETING_BYTES = 4 * 1024

/** The longest reason of an end, in bytes. */
export const MAX_REASON_BYTES = 64

/** A word of the wire: a code or a reason. What is none is not shown: it may be anything. */
const WORD = /^[\w.:-]{1,64}$/

/** No pause that another side asks for is longer: a day, in milliseconds. */
const MOST_RETRY_MS = 24 * 3_600_000

/** What a refusal at accept tells the other side. */
export function refusalOf({ code = 'ERR_DENIED', reason, retryAfterMs }: NonNullable<AcceptVerdict>): Refusal {
  return retryAfterMs === undefined ? { code, reason } : { code, reason, retryAfterMs }
}

/** A refusal as text, for a wire. */
export function refusalText({ code, reason, retryAfterMs }: Refusal): string {
  return JSON.stringify({ code, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs: Math.ceil(retryAfterMs) }) })
}

/** What the other side said of why; whatever it is, a refusal comes of it. */
export function readRefusal(text: string): Refusal {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    said = undefined
  }
  const { code, reason, retryAfterMs } = (said ?? {}) as { readonly [field in keyof Refusal]?: unknown }
  const isNumber = typeof retryAfterMs === 'number' && retryAfterMs >= 0
  return {
    code: wordFrom(code) ?? 'ERR_DENIED',
    reason: wordFrom(reason) ?? 'unknown',
    ...(isNumber ? { retryAfterMs: Math.min(retryAfterMs, MOST_RETRY_MS) } : {}),
  }
}

/** A word that the other side said; undefined: it is none. */
export function wordFrom(said: unknown): string | undefined {
  return typeof said === 'string' && WORD.test(said) ? said : undefined
}

/** How a link ended that the other side closed in order. @param said what it gave as its reason; empty: nothing */
export function endOfGoodbye(said: string): CloseReason {
  const reason = wordFrom(said)
  return reason === undefined ? { kind: 'remote' } : { kind: 'remote', reason }
}

/** A reason in an app's own words as a word of the wire; empty: nothing is left of it. */
export function wordOf(text: string): string {
  const word = text.slice(0, 256).replace(/[^\w.:-]+/g, '-')
  return word.slice(0, 64).replace(/^-+|-+$/g, '')
}

/** What a dial fails with that the other side has turned away. */
export function rejectedByPeer({ code, reason, retryAfterMs }: Refusal, address: string): ConnectionError {
  const when = retryAfterMs === undefined ? '' : `; it may be tried again in ${Math.ceil(retryAfterMs)} ms`
  return new ConnectionError('ERR_REJECTED_BY_PEER', `${address} turned the link away: ${reason} (${code})${when}`, {
    address,
    remoteCode: code,
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
}
