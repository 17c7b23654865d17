/** The closing handshake of a WebSocket in Node: what a close frame says, and how long its answer is waited for (RFC 6455 §5.5.1, §7). */
import { isUtf8 } from 'node:buffer'
import type { Socket } from 'node:net'
import { CloseCode } from './websocket-protocol.ts'
import { WebSocketFault } from './websocket-reader.ts'

/** How long the other side may take to answer our close frame while the link still reads, in milliseconds. */
const ANSWER_MS = 30_000

/** How long it may take to hang up when the link is over, in milliseconds. */
const LINGER_MS = 1_000

/** How much it may send meanwhile, in bytes: what was under way. */
export const MAX_LINGERING_BYTES = 64 * 1024

/** The payload of a close frame. */
export function closePayload(code: number, words: string): Uint8Array {
  if (code === CloseCode.None) return new Uint8Array(0)
  return Buffer.concat([Uint8Array.of(code >>> 8, code), Buffer.from(words)])
}

/** @throws {@link WebSocketFault} for what is no payload of a close frame */
export function parseClose(payload: Uint8Array): { readonly code: number; readonly words: string } {
  if (payload.length === 0) return { code: CloseCode.None, words: '' }
  if (payload.length === 1) throw broken('a close frame has half a code')
  const code = (payload[0]! << 8) | payload[1]!
  const isRegistered = code >= 1000 && code <= 1014 && code !== 1004 && code !== CloseCode.None && code !== CloseCode.Broken
  if (!isRegistered && !(code >= 3000 && code <= 4999)) throw broken(`a close frame has the invalid code ${code}`)
  const words = payload.subarray(2)
  if (!isUtf8(words)) throw broken('a close frame has words that are no UTF-8')
  return { code, words: Buffer.from(words).toString() }
}

/** Destroys the stream when the answer to our close frame does not come. */
export function awaitAnswer(stream: Socket): NodeJS.Timeout {
  return setTimeout(destroyStream, ANSWER_MS, stream).unref()
}

/**
 * Ends the stream and waits a second for the other side to hang up: it answers our close frame, and the system would
 * answer that with a reset, for which Chromium forgets what the frame said (RFC 6455 §7.1.1 has the server wait so).
 */
export function linger(stream: Socket): NodeJS.Timeout {
  stream.end()
  stream.resume()
  return setTimeout(destroyStream, LINGER_MS, stream).unref()
}

function destroyStream(stream: Socket): void {
  stream.destroy()
}

function broken(words: string): WebSocketFault {
  return new WebSocketFault(CloseCode.ProtocolError, words)
}
