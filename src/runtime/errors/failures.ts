/** An error becomes a failure in one way: same code, same words, as plain data, whatever was thrown. */
import type { Failure } from '../../../machines/domain/failure.ts'
import { isError } from '../../../machines/domain/realm.ts'
import { shownAddress, shownWords } from '../../../machines/domain/shown.ts'
import { ConnectionError } from '../../errors.ts'
import { isRejection, saidIn } from './dial-failure.ts'

/** What a failure with no code of its own is called. */
const UNKNOWN_CODE = 'ERR_LINK_FAILED'

/** The failure that an error stands for. Never throws, be the error's fields getters that do. */
export function failureFrom(error: Error, at: number, address?: string): Failure {
  const known = ConnectionError.is(error) ? error : undefined
  const where = textOf(known, 'address') ?? address
  const attempts: unknown = known?.attempts
  return {
    code: textOf(error, 'code') ?? UNKNOWN_CODE,
    message: shownWords(textOf(error, 'message') ?? textOf(error, 'name') ?? 'unknown error'),
    at,
    attempts: typeof attempts === 'number' ? attempts : 0,
    ...(where === undefined || where === '' ? {} : { address: shownAddress(where) }),
    ...(known !== undefined && isRejection(known) ? saidIn(known) : undefined),
  }
}

/** What an app may say of why its own link failed. @since 0.1.0 */
export type ReportedFailure = Partial<Failure> | Error

/**
 * The failure that an app reports, copied, with what it left out.
 *
 * @throws TypeError or RangeError that names the field, and what a getter of the app's throws
 */
export function failureReported(reported: ReportedFailure | undefined, at: number): Failure {
  if (isError(reported)) return failureFrom(reported, at)
  const { code, message, at: when, attempts, address } = reported ?? {}
  assertText('failure.code', code)
  assertText('failure.message', message)
  assertText('failure.address', address)
  assertCount('failure.at', when)
  assertCount('failure.attempts', attempts)
  return {
    code: code ?? 'ERR_REPORTED',
    message: message === undefined ? 'reported by the application' : shownWords(message),
    at: when ?? at,
    attempts: attempts ?? 0,
    ...(address === undefined ? {} : { address: shownAddress(address) }),
  }
}

/** What was thrown, as an Error. Never throws itself. */
export function asError(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(spelled(thrown), { cause: thrown })
}

/** A value of somebody else's as text, for a message; one that cannot be told is named by its type. */
export function spelled(value: unknown): string {
  try {
    return String(value)
  } catch {
    return `[${typeof value}]`
  }
}

/** A field of a foreign object, where it is a text with something in it. */
function textOf(from: object | undefined, field: string): string | undefined {
  try {
    const value: unknown = (from as Record<string, unknown> | undefined)?.[field]
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}

function assertText(name: string, value: unknown): void {
  if (value !== undefined && typeof value !== 'string') throw new TypeError(`${name} must be a string, got ${spelled(value)}`)
}

function assertCount(name: string, value: unknown): void {
  if (value === undefined) return
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${spelled(value)}`)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be a finite number >= 0, got ${value}`)
}

/** The same error where its words hold no secret of an address; else one like it whose words do not. */
export function shownError(error: Error, addresses: readonly string[]): Error {
  try {
    return withoutSecrets(error, addresses)
  } catch {
    // A getter of somebody's: what it cannot say, nobody is shown.
    return new Error('unknown error')
  }
}

function withoutSecrets(error: Error, addresses: readonly string[]): Error {
  const inside: readonly unknown[] = error.name === 'AggregateError' && 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const shown = inside.map((one) => (isError(one) ? shownError(one, addresses) : one))
  const message = shownWords(error.message, addresses)
  const cause = isError(error.cause) && error.cause !== error ? shownError(error.cause, addresses) : error.cause
  if (message === error.message && cause === error.cause && shown.every((one, i) => one === inside[i])) return error
  if (ConnectionError.is(error)) {
    const { code, name: _, message: __, stack: ___, ...details } = error
    return new ConnectionError(code, message, {
      ...details,
      cause,
      ...(error.address === undefined ? {} : { address: shownAddress(error.address) }),
    })
  }
  const copy = inside.length > 0 ? new AggregateError(shown, message) : new Error(message)
  const { code } = error as { code?: unknown }
  return Object.assign(copy, { name: error.name }, code === undefined ? {} : { code }, cause === undefined ? {} : { cause })
}
