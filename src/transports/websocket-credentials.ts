/** The credentials of a request for a link: what its key proves, what it shows to the app, and what the app makes of that. */
import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import { assertPeerId, isUnproven } from '../../machines/domain/peer-id.ts'
import type { StreamProof } from './stream-proof.ts'
import type { IdentitySettings } from './tls-options.ts'
import { provenBy, TlsFault } from './tls-proof.ts'
import type { Refusal } from './transport.ts'
import type { Proven } from './websocket-platform.ts'
import { SUBPROTOCOL } from './websocket-protocol.ts'

/** What one is told that may not come in, and nothing more. */
export const DENIED: Refusal = { code: 'ERR_DENIED', reason: 'denied' }
/** Who shows no credentials may have forgotten them. */
const UNAUTHORIZED: Refusal = { code: 'ERR_DENIED', reason: 'unauthorized' }

/** The header in which a dialer says of the connection what a listener is not told by its platform; the hello of `tls:`. */
export const HELLO_HEADER = 'qudag-hello'

/** What the app has said of a request. */
export interface Authorized {
  /** Who comes, undefined: nobody in particular; or why it may not come in. */
  readonly verdict: Proven | Refusal | undefined
}

/**
 * What the key of the other side proves; undefined: no key was asked for.
 *
 * @param failed takes what the app's `allow` throws
 */
export function proofIn(
  { socket, headers }: IncomingMessage,
  identity: IdentitySettings | undefined,
  failed: (thrown: unknown) => void,
): StreamProof | Refusal | undefined {
  if (identity === undefined || !(socket instanceof TLSSocket)) return undefined
  let proof: StreamProof
  try {
    proof = provenBy(socket, identity, false)
  } catch (error) {
    if (!(error instanceof TlsFault)) throw error
    return { code: 'ERR_DENIED', reason: error.reason }
  }
  try {
    if (!identity.isAllowed(proof.peerId)) return { code: 'ERR_DENIED', reason: 'not-allowed' }
  } catch (thrown) {
    failed(thrown)
    return DENIED
  }
  const hello = headers[HELLO_HEADER]
  if (typeof hello === 'string') proof.heard(hello)
  return proof
}

/** Reads an answer of `authorize`. @throws TypeError or RangeError where it is none */
export function readAuthorization(said: unknown, request: IncomingMessage, proof: Proven | undefined): Authorized {
  if (said === false) return { verdict: showsCredentials(request) ? DENIED : UNAUTHORIZED }
  if (said === true) return { verdict: proof }
  if (typeof said !== 'object' || said === null || !('peerId' in said))
    throw new TypeError(`authorize must return { peerId }, true or false, got ${said === null ? 'null' : typeof said}`)
  const { peerId } = said
  assertPeerId(peerId)
  if (isUnproven(peerId)) throw new RangeError('authorize must not give the name of peers that prove no id (inbound+…)')
  if (proof !== undefined && proof.peerId !== peerId) throw new RangeError('authorize must not give another id than the key proves')
  return { verdict: proof ?? { peerId } }
}

/** Whether a request offers a sub-protocol. */
export function offers(request: IncomingMessage, subprotocol: string): boolean {
  return offered(request).includes(subprotocol)
}

/** Whether a request shows anything that may say who comes. */
function showsCredentials(request: IncomingMessage): boolean {
  const { headers, socket } = request
  if (headers.authorization !== undefined || headers.cookie !== undefined) return true
  if (offered(request).some((name) => name !== SUBPROTOCOL)) return true
  return socket instanceof TLSSocket && socket.getPeerX509Certificate() !== undefined
}

function offered({ headers }: IncomingMessage): readonly string[] {
  return (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
}
