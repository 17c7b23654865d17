/** A TLS handshake that fails is told in words of this field: what the other side is, and what to do about it. */
import { type SystemError, systemError } from './link-error.ts'
import { rejectedByPeer } from './refusal.ts'
import type { Refusal } from './transport.ts'

const Alert = { HandshakeFailure: 40, AccessDenied: 49, UserCanceled: 90 } as const

/**
 * What a connection is told that is turned away before its first byte: a fatal alert, which TLS allows in the clear.
 * There is no word in it but its number.
 */
export function alertFor({ code }: Refusal): Uint8Array {
  const alert = code === 'ERR_DENIED' ? Alert.AccessDenied : Alert.UserCanceled
  return Uint8Array.of(0x15, 0x03, 0x03, 0, 2, 2, alert)
}

/** Where each alert of the other side leads. */
const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [
    /WRONG_VERSION_NUMBER|UNEXPECTED_MESSAGE|PACKET_LENGTH_TOO_LONG|RECORD_/,
    'it does not speak TLS: is it a tcp: listener, or another server?',
  ],
  [/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/, 'it does not speak TLS 1.3'],
  [/NO_APPLICATION_PROTOCOL/, 'it speaks TLS, but is not a peer of this version of the protocol'],
  [
    /HANDSHAKE_FAILURE|NO_SUITABLE|NO_SHARED|ILLEGAL_PARAMETER|INSUFFICIENT_SECURITY|UNSUPPORTED_CERTIFICATE|SIGNATURE_ALGORITHM|WRONG_SIGNATURE_TYPE/,
    'both sides have no algorithm in common: it may require post-quantum ones, or have an ml-dsa-65 identity; both need Node 24.7 or newer at both ends',
  ],
  [/CERTIFICATE|ASN1|BAD_SIGNATURE|DECRYPT_ERROR/, 'a certificate, or what was signed by it, is malformed or does not fit'],
]

/** What a dial fails with whose TLS handshake has failed. What is no error of TLS stays as it is. */
export function handshakeFailure(error: Error, address: string): Error {
  const { code = '' } = error as Partial<SystemError>
  if (/ACCESS_DENIED/.test(code)) return rejectedByPeer({ code: 'ERR_DENIED', reason: 'denied' }, address)
  if (/USER_CANCELL?ED/.test(code)) return rejectedByPeer({ code: 'ERR_RATE_LIMITED', reason: 'busy' }, address)
  if (code === 'ECONNRESET')
    return caused(systemError('ECONNRESET', `${address} ended the connection during the TLS handshake: is a peer listening there?`), error)
  const found = /^ERR_(?:SSL|OSSL)_/.test(code) ? WORDS.find(([pattern]) => pattern.test(code)) : undefined
  if (found === undefined) return error
  return caused(systemError('EPROTO', `the TLS handshake with ${address} failed: ${found[1]}`), error)
}

function caused(error: Error, cause: Error): Error {
  return Object.assign(error, { cause })
}
