/** The same failure of a link has the same code and words, whatever the transport. */
import { ConnectionError } from '../errors.ts'

/** An error with the code that the platform itself uses for such a failure (`ECONNRESET`, `EPROTO`, …). */
export interface SystemError extends Error {
  readonly code: string
}

/** Makes a {@link SystemError}. */
export function systemError(code: string, message: string): SystemError {
  return Object.assign(new Error(message), { code })
}

/** What `send` and `ping` fail with once the link is over, or closing. */
export function notConnected(remoteAddress: string): ConnectionError {
  return new ConnectionError('ERR_NOT_CONNECTED', `the link to ${remoteAddress} is over; connect again to go on`, {
    address: remoteAddress,
  })
}

/** What a message beyond the largest frame fails with, on either side. */
export function frameTooLarge(what: string, length: number, limit: number): ConnectionError {
  return new ConnectionError(
    'ERR_FRAME_TOO_LARGE',
    `${what} of ${length} bytes is larger than the largest frame, ${limit} bytes; send smaller messages, or raise maxFrameBytes on both sides`,
  )
}
