/** An error is known by its code, however many others are wrapped around it. */
import { ConnectionError, type ConnectionErrorCode } from '../errors.ts'

/** Whether an error, or what caused it, is a ConnectionError with one of these codes. */
export function isBecauseOf(error: unknown, codes: ReadonlySet<ConnectionErrorCode>): boolean {
  return ConnectionError.is(error) && (codes.has(error.code) || isBecauseOf(error.cause, codes))
}
