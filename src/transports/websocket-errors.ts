/** Errors of a WebSocket link: what a dial fails with that was closed, a message that is too large, and messages that nobody reads. */
import { ConnectionError } from '../errors.ts'
import { systemError } from './link-error.ts'
import type { CloseReason } from './transport.ts'

/** What a dial fails with whose other side closed in order instead of saying hello. */
export function hungUp(address: string, end: CloseReason): Error {
  const why = end.kind === 'remote' && end.reason !== undefined ? ` (${end.reason})` : ''
  return systemError('ECONNRESET', `${address} closed the connection before it said hello${why}`)
}

/** What a message fails with that the platform refused before it said how large it was. */
export function receivedTooLarge(limit: number): ConnectionError {
  return new ConnectionError(
    'ERR_FRAME_TOO_LARGE',
    `the other side sent a message that is larger than the largest frame, ${limit} bytes; send smaller messages, or raise maxFrameBytes on both sides`,
  )
}

/** What a link breaks with whose messages nobody reads, on a platform that cannot stop them. */
export function unread(maxBufferedBytes: number): Error {
  const words = `nobody read the messages that arrived, and this platform cannot stop them; more than ${maxBufferedBytes} bytes would wait`
  return systemError('ENOBUFS', `${words}: read faster, or raise maxBufferedBytes`)
}
