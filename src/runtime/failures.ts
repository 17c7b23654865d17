/** Keeps one thing true: an error becomes a failure in one way: same code, same words, as plain data. */
import type { Failure } from '../../machines/domain/failure.ts'
import { ConnectionError } from '../errors.ts'

/** What a failure with no code of its own is called. */
const UNKNOWN_CODE = 'ERR_LINK_FAILED'

/** The failure that an error stands for. */
export function failureFrom(error: Error, at: number, address?: string): Failure {
  const known = ConnectionError.is(error) ? error : undefined
  const { code } = error as { code?: unknown }
  const where = known?.address ?? address
  return {
    code: typeof code === 'string' && code !== '' ? code : UNKNOWN_CODE,
    message: error.message || error.name,
    at,
    attempts: known?.attempts ?? 0,
    ...(where === undefined || where === '' ? {} : { address: where }),
  }
}

/** What an app may say of why its own link failed. */
export type ReportedFailure = Partial<Failure> | Error

/** The failure that an app reports, with what it left out. */
export function failureReported(reported: ReportedFailure | undefined, at: number): Failure {
  if (reported instanceof Error) return failureFrom(reported, at)
  return { code: 'ERR_REPORTED', message: 'reported by the application', at, attempts: 0, ...reported }
}

/** What was thrown, as an Error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })
}
