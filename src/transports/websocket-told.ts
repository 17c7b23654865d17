/** What a dial tells a listener of itself beside the address: the same to everybody, or what the app says for that peer. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { SUBPROTOCOL } from './websocket-protocol.ts'

/** A value, or a function of the peer that is dialled and the address, asked at each dial. @since 0.2.0 */
export type ToldToPeer<T> = T | ((peerId: PeerId, address: URL) => T | Promise<T>)

/** Whom a dial is for, and how long anybody waits for it. */
interface Dialled {
  readonly peerId: PeerId
  readonly signal: AbortSignal
}

/** What a token of HTTP is made of (RFC 9110, 5.6.2), and so a sub-protocol. */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** The headers of a dial. Rejects with what the app's function throws, with a TypeError for what are no headers, and with the signal's reason. */
export async function headersFor(
  told: ToldToPeer<Readonly<Record<string, string>>> | undefined,
  address: URL,
  dialled: Dialled,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (typeof told !== 'function') return told
  const headers: unknown = await inTime(told(dialled.peerId, new URL(address)), dialled.signal)
  if (!isRecordOfText(headers)) throw new TypeError('headers must return an object of texts')
  return headers
}

/** The sub-protocols that a dial offers: ours, and those of the app. Rejects as {@link headersFor} does. */
export async function protocolsFor(
  told: ToldToPeer<readonly string[]> | undefined,
  address: URL,
  dialled: Dialled,
): Promise<readonly string[]> {
  if (told === undefined) return [SUBPROTOCOL]
  const more = typeof told === 'function' ? await inTime(told(dialled.peerId, new URL(address)), dialled.signal) : told
  assertProtocols(more)
  return [SUBPROTOCOL, ...more]
}

/** Checks sub-protocols of the app. What they say may be a secret, and is not shown. @throws TypeError */
export function assertProtocols(told: unknown): asserts told is readonly string[] {
  const isGood =
    Array.isArray(told) &&
    told.every((protocol: unknown) => typeof protocol === 'string' && TOKEN.test(protocol) && protocol !== SUBPROTOCOL) &&
    new Set(told).size === told.length
  if (!isGood)
    throw new TypeError(
      `protocols must be a list of sub-protocols beside ${SUBPROTOCOL}, each once, of letters, digits and -._~ (as base64url has them)`,
    )
}

/** Waits for the app no longer than anybody waits for the dial. */
function inTime<T>(answer: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason)
    signal.addEventListener('abort', stop)
    const leave = (): void => signal.removeEventListener('abort', stop)
    void Promise.resolve(answer).then(resolve, reject).finally(leave)
  })
}

function isRecordOfText(headers: unknown): headers is Readonly<Record<string, string>> {
  return typeof headers === 'object' && headers !== null && Object.values(headers).every((value) => typeof value === 'string')
}
