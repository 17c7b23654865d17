/** A refusal by HTTP tells a peer why it is not let in, in the one language that it speaks, and ends its socket. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Refusal } from './transport.ts'
import { headersOf, statusOf, wordsOf } from './websocket-verdict.ts'
import { SUBPROTOCOL } from './websocket-protocol.ts'

const HEADERS = { connection: 'close', 'content-type': 'text/plain; charset=utf-8' } as const

/** A socket of an HTTP server, as Node has it. */
interface Parsed {
  readonly parser?: { onIncoming: unknown } | null
}

/** What Node's parser takes for "this is an upgrade": the rest of the bytes is no HTTP. */
const NO_MORE_HTTP = (): number => 2

/**
 * Ends the parsing of a connection that is refused: pipelined requests cost far more than their bytes, and Node parses
 * all of a chunk, even of a socket that is destroyed.
 */
function stopParsing(socket: Duplex & Parsed): void {
  if (socket.parser != null) socket.parser.onIncoming = NO_MORE_HTTP
}

/** Refuses on a bare socket: says why, and ends it once that is written. */
export function refuse(socket: Duplex, status: number, words: string, more: Readonly<Record<string, string>> = {}): void {
  stopParsing(socket)
  socket.on('error', () => socket.destroy())
  if (!socket.writable) return void socket.destroy()
  const text = bodyOf(words)
  const headers = { ...HEADERS, 'content-length': Buffer.byteLength(text), ...more }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`, () => socket.destroy())
}

/** Refuses a peer that waits on a bare socket. */
export function turnAway(socket: Duplex, refusal: Refusal): void {
  refuse(socket, statusOf(refusal), wordsOf(refusal), headersOf(refusal))
}

/** Answers a request that asks for no upgrade, at a port that has nothing else. */
export function refuseRequest({ socket }: IncomingMessage, response: ServerResponse): void {
  stopParsing(socket)
  response.writeHead(426, { ...HEADERS, upgrade: 'websocket' })
  response.end(bodyOf(`peers connect here by WebSocket, with the sub-protocol ${SUBPROTOCOL}`))
}

/** Answers what is no HTTP at all. */
export function refuseGarbage(_error: Error, socket: Duplex): void {
  refuse(socket, 400, `not a peer of this protocol: connect by WebSocket, with the sub-protocol ${SUBPROTOCOL}`)
}

function bodyOf(words: string): string {
  return `qudag-connections: ${words}\n`
}
