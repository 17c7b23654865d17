/** The protocol beside the messages is said one way, and every end of a socket is told one way. */
import { ConnectionError } from '../errors.ts'
import { systemError } from './link-error.ts'
import type { CloseReason, EndReason, Refusal } from './transport.ts'
import { MAX_GREETING_BYTES, MAX_REASON_BYTES, readRefusal, refusalText, wordFrom } from './refusal.ts'

/** What both sides must name in the handshake: this package's way to use a WebSocket, and its version. */
export const SUBPROTOCOL = 'qudag-connections.v2'

/** The sub-protocol of version 1, whose listeners say no hello. */
export const OLD_SUBPROTOCOL = 'qudag-connections.v1'

/** The first text of a listener, when it has admitted the other side: the word, a space, and a JSON object whose unknown fields are ignored. */
export const HELLO = 'hello {}'

/** The longest first text of a listener, in bytes: a word, a space, and 4 KiB of JSON. */
export const MAX_GREETING_LENGTH = 8 + MAX_GREETING_BYTES

/**
 * The last text of a side that closes in order, alone or with a reason. WebSocket's own close would not do: a browser drops every message that
 * arrives after it has called `close()`, and what it has queued when the other side's close frame arrives.
 */
const GOODBYE = 'goodbye'

/** A side that closes in order, and why. */
export const goodbyeText = (reason: EndReason | undefined): string => (reason === undefined ? GOODBYE : `${GOODBYE} ${reason}`)

/** The longest text after the first that means something, in bytes: a goodbye with the longest reason. */
export const MAX_CONTROL_LENGTH = GOODBYE.length + 1 + MAX_REASON_BYTES

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
  /** A page that was not admitted. */
  Refused: 4003,
} as const
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode]

/** A browser may send 1000 and the codes from 3000 to 4999: what we mean by another, it sends as that plus this. */
const BROWSER_OFFSET = 3000

/** What asks for a pong, and what answers. Text, so that a message needs no byte that says that it is one. */
export const pingText = (id: number): string => `ping ${id}`
export const pongText = (id: number): string => `pong ${id}`

/** A text that was understood. */
export type Control = { readonly kind: 'ping' | 'pong'; readonly id: number } | { readonly kind: 'goodbye'; readonly reason?: string }

/** What the first text of a listener says; undefined: nothing that this protocol knows. */
export function parseGreeting(text: string): 'hello' | Refusal | undefined {
  if (text.length > MAX_GREETING_LENGTH) return undefined
  const space = text.indexOf(' ')
  const [word, json] = space < 0 ? [text, '{}'] : [text.slice(0, space), text.slice(space + 1)]
  if (word === 'refused') return readRefusal(json)
  return word === 'hello' && isObject(json) ? 'hello' : undefined
}

/** What a dial fails with that was answered and not admitted. */
export function saidNothing(where: string, ms: number): Error {
  return systemError('ETIMEDOUT', `${where} opened a WebSocket and said no hello in ${ms} ms`)
}

/** What a page is told that is not admitted. */
export const refusedText = (refusal: Refusal): string => `refused ${refusalText(refusal)}`

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

/** The reason that the other side gave; what is no word is not told on. */
function toldReason(words: string): { readonly reason?: string } {
  const reason = wordFrom(words)
  return reason === undefined ? {} : { reason }
}

/** What a text frame says; undefined: nothing that this protocol knows. */
export function parseControl(text: string): Control | undefined {
  if (text.length > MAX_CONTROL_LENGTH) return undefined
  if (text === GOODBYE) return { kind: 'goodbye' }
  if (text.startsWith(`${GOODBYE} `)) return { kind: 'goodbye', ...toldReason(text.slice(GOODBYE.length + 1)) }
  const [, kind, digits] = /^(ping|pong) (\d{1,10})$/.exec(text) ?? []
  const id = Number(digits)
  return id <= 0xffff_ffff ? { kind: kind as 'ping' | 'pong', id } : undefined
}

/** The code as a browser may send it. */
export function browserCode(code: CloseCode): number {
  return code === CloseCode.Normal || code === CloseCode.Refused ? code : code + BROWSER_OFFSET
}

/**
 * How a link ended whose socket closed with this code.
 *
 * @param words what the other side said to it
 * @param cause what the platform says of a break, where it says anything
 */
export function endOf(code: number, words: string, cause?: Error): CloseReason {
  if (code > 4000 && code < 4100 && code !== CloseCode.Refused) code -= BROWSER_OFFSET
  const said = words === '' ? '' : `: ${JSON.stringify(words)}`
  switch (code) {
    case CloseCode.Normal:
    case CloseCode.GoingAway:
    case CloseCode.None:
      return { kind: 'remote', ...toldReason(words) }
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
