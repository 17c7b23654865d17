/** Keeps one thing true: what travels beside the messages is said one way, and every end of a socket is told one way. */
import { ConnectionError } from '../errors.ts'
import { systemError } from './link-error.ts'
import type { CloseReason } from './transport.ts'

/** What both sides must name in the handshake: this package's way to use a WebSocket, and its version. */
export const SUBPROTOCOL = 'qudag-connections.v1'

/**
 * The last text of a side that closes in order. WebSocket's own close would not do: a browser drops every message that
 * arrives after it has called `close()`, and what it has queued when the other side's close frame arrives.
 */
export const GOODBYE = 'goodbye'

/** The longest text that means something, in characters: `pong 4294967295`. */
export const MAX_CONTROL_LENGTH = 15

/** Why a socket is closed: the codes of RFC 6455 §7.4 that are told apart here. */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  /** The close frame had no code. */
  None: 1005,
  /** There was no close frame. Never sent as such. */
  Broken: 1006,
  TooLarge: 1009,
} as const
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** A browser may send 1000 and the codes from 3000 to 4999: what we mean by another, it sends as that plus this. */
const BROWSER_OFFSET = 3000

/** What asks for a pong, and what answers. Text, so that a message needs no byte that says that it is one. */
export const pingText = (id: number): string => `ping ${id}`
export const pongText = (id: number): string => `pong ${id}`

/** A text that was understood. */
export type Control = { readonly kind: 'ping' | 'pong'; readonly id: number } | { readonly kind: 'goodbye' }

/** What a text frame says; undefined: nothing that this protocol knows. */
export function parseControl(text: string): Control | undefined {
  if (text === GOODBYE) return { kind: 'goodbye' }
  if (text.length > MAX_CONTROL_LENGTH) return undefined
  const [, kind, digits] = /^(ping|pong) (\d+)$/.exec(text) ?? []
  const id = Number(digits)
  return id <= 0xffff_ffff ? { kind: kind as 'ping' | 'pong', id } : undefined
}

/** The code as a browser may send it. */
export function browserCode(code: CloseCode): number {
  return code === CloseCode.Normal ? code : code + BROWSER_OFFSET
}

/**
 * How a link ended whose socket closed with this code.
 *
 * @param words what the other side said to it
 * @param cause what the platform says of a break, where it says anything
 */
export function endOf(code: number, words: string, cause?: Error): CloseReason {
  if (code > 4000 && code < 4100) code -= BROWSER_OFFSET
  const said = words === '' ? '' : `: ${JSON.stringify(words)}`
  switch (code) {
    case CloseCode.Normal:
    case CloseCode.GoingAway:
    case CloseCode.None:
      return { kind: 'remote' }
    case CloseCode.Broken:
      return {
        kind: 'error',
        error: cause ?? systemError('ECONNRESET', 'the other side ended the link without a close: it crashed, was killed, or aborted it'),
      }
    case CloseCode.TooLarge:
      return {
        kind: 'error',
        error: new ConnectionError(
          'ERR_FRAME_TOO_LARGE',
          `the other side refused a message as larger than its largest frame${said}; send smaller messages, or raise maxFrameBytes there`,
        ),
      }
    case CloseCode.ProtocolError:
      return { kind: 'error', error: systemError('EPROTO', `the other side refused what we sent${said}`) }
    default:
      return { kind: 'error', error: systemError('ECONNRESET', `the other side ended the link with code ${code}${said}`) }
  }
}
