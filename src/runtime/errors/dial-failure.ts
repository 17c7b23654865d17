/** The words for a dial that failed name every cause, and ask only what is the question. */
import { ConnectionError } from '../../errors.ts'

/** What is behind an address did not answer, or nothing is there. */
const UNREACHED = new Set<unknown>(['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENOENT'])
const NAMELESS = new Set<unknown>(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME'])

/** What an error says. One that stands for several says what each of them says, once. */
export function wordsOf(error: Error): string {
  if (error instanceof AggregateError && textOf(error, 'message') === undefined && error.errors.length > 0) {
    return [...new Set(error.errors.map((one: unknown) => (one instanceof Error ? wordsOf(one) : String(one))))].join('; ')
  }
  return textOf(error, 'message') ?? textOf(error, 'name') ?? 'unknown error'
}

/** What to ask or to do after errors like these, to stand behind them; empty: they say it themselves. */
export function hintOf(errors: readonly Error[]): string {
  const all = errors.flatMap((error) => (error instanceof AggregateError ? (error.errors as unknown[]) : [error]))
  const has = (codes: ReadonlySet<unknown>): boolean => all.some((error) => codes.has(fieldOf(error, 'code')))
  // What answers with an HTTP status is running and reachable.
  const unreached = all.filter((error) => typeof fieldOf(error, 'status') !== 'number')
  if (unreached.some((error) => UNREACHED.has(fieldOf(error, 'code')))) return '; is it running and reachable?'
  return has(NAMELESS) ? '; is that name right, and can it be looked up here?' : ''
}

/** Whether the other side has turned a link away. */
export function isRejection(error: Error): error is ConnectionError {
  return ConnectionError.is(error) && error.code === 'ERR_REJECTED_BY_PEER'
}

/** Of several addresses that turned us away, the one that asks for the longest pause; undefined: none did. */
export function longestRejection(errors: readonly Error[]): ConnectionError | undefined {
  let longest: ConnectionError | undefined
  for (const error of errors) {
    if (isRejection(error) && (longest === undefined || (error.retryAfterMs ?? 0) > (longest.retryAfterMs ?? 0))) longest = error
  }
  return longest
}

/** What the other side said of why. */
export function saidIn({
  remoteCode,
  reason,
  retryAfterMs,
}: ConnectionError): Pick<ConnectionError, 'remoteCode' | 'reason' | 'retryAfterMs'> {
  return {
    ...(remoteCode === undefined ? {} : { remoteCode }),
    ...(reason === undefined ? {} : { reason }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  }
}

/** A field of what a transport threw, which may be a getter that throws. */
function fieldOf(error: unknown, name: string): unknown {
  try {
    return (error as Readonly<Record<string, unknown>> | null)?.[name]
  } catch {
    return undefined
  }
}

function textOf(error: Error, name: string): string | undefined {
  const text = fieldOf(error, name)
  return typeof text === 'string' && text !== '' ? text : undefined
}
