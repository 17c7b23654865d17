/** A dial over TLS: nothing is said to the other side before it has proven to be who was called. */
import { connect, type TLSSocket } from 'node:tls'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Clock } from '../clock.ts'
import { ConnectionError } from '../errors.ts'
import { lookupFor } from './dial-lookup.ts'
import { isIdentityId } from './identity-algorithm.ts'
import { systemError } from './link-error.ts'
import type { StreamProof } from './stream-proof.ts'
import { addressText, remoteAddressOf } from './tcp-address.ts'
import { socketOptions } from './tcp-options.ts'
import { handshakeFailure } from './tls-failure.ts'
import type { IdentitySettings } from './tls-options.ts'
import { provenBy, TlsFault } from './tls-proof.ts'
import type { DialOptions } from './transport.ts'

/** How a connection is made, and how long its handshake may take. */
export interface SecuredOptions extends IdentitySettings {
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  readonly handshakeTimeoutMs: number
  readonly noDelay?: boolean
  readonly keepAliveMs: number
}

/** Whom a dial is for. */
export interface Called {
  readonly peerId: PeerId
  /** Who must answer; undefined: whoever can prove any id. */
  readonly expected: PeerId | undefined
  /** The protocol inside TLS (ALPN), where what comes inside does not tell it. */
  readonly protocol?: string
}

/** Who must answer at an address; undefined: whoever can prove any id. @throws TypeError where its user is no id */
export function expectedAt({ protocol, username, password }: URL, peerId: PeerId): PeerId | undefined {
  if (username === '' && password === '') return isIdentityId(peerId) ? peerId : undefined
  if (password === '' && isIdentityId(username)) return username
  throw new TypeError(
    `what stands before the @ of a ${protocol.slice(0, -1)} address must be an id as identity.peerId has it, 52 characters of base32`,
  )
}

/** Who has answered, where it is somebody that this side wants to speak with. */
function judge(socket: TLSSocket, settings: IdentitySettings, { peerId, expected, protocol }: Called, address: string): StreamProof {
  let proof: StreamProof
  try {
    proof = provenBy(socket, settings, true, protocol)
  } catch (error) {
    if (!(error instanceof TlsFault)) throw error
    if (error.reason === 'post-quantum')
      throw new ConnectionError('ERR_DENIED', `${address} is refused: ${error.message}`, {
        peerId,
        address,
        reason: error.reason,
        cause: error,
      })
    throw Object.assign(systemError('EPROTO', `${address} is not a peer: ${error.message}`), { cause: error })
  }
  const found = proof.peerId
  if (expected !== undefined && found !== expected)
    throw new ConnectionError('ERR_IDENTITY_MISMATCH', `${address} is '${found}', not '${expected}'`, { peerId, address })
  if (settings.isAllowed(found)) return proof
  throw new ConnectionError('ERR_DENIED', `the option allow of this side does not name '${found}', which answered at ${address}`, {
    peerId,
    address,
  })
}

/** Connects, and shakes hands as TLS does, whoever may be there. @param then makes something of it, or throws; is called at once */
export function secured<T>(
  { host, port }: { readonly host: string; readonly port: number },
  scheme: 'tls' | 'wss',
  options: DialOptions,
  settings: SecuredOptions,
  called: Called,
  then: (socket: TLSSocket, proof: StreamProof) => Promise<T> | T,
): Promise<T> {
  const { signal } = options
  const { clock, handshakeTimeoutMs, noDelay = true, keepAliveMs } = settings
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      lookup: lookupFor(options),
      ...socketOptions({ noDelay, keepAliveMs }, scheme === 'tls'),
      secureContext: settings.context,
      ...(called.protocol !== undefined && { ALPNProtocols: [called.protocol] }),
      // No name is told in the clear, and a certificate is judged here.
      servername: '',
      rejectUnauthorized: false,
    })
    let deadline: unknown
    const leave = (): void => {
      clock.clearTimeout(deadline)
      signal.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect).off('secureConnect', onSecure).off('error', onError).off('end', onEnd)
    }
    const fail = (error: unknown): void => {
      leave()
      socket.on('error', () => {}).destroy()
      reject(error)
    }
    const onConnect = (): void => {
      deadline = clock.setTimeout(onLate, handshakeTimeoutMs)
    }
    const onSecure = (): void => {
      leave()
      try {
        resolve(then(socket, judge(socket, settings, called, remoteAddressOf(socket, scheme))))
      } catch (error) {
        fail(error)
      }
    }
    const address = addressText(host, port, scheme)
    const onLate = (): void =>
      fail(systemError('ETIMEDOUT', `${address} did not end the TLS handshake within ${handshakeTimeoutMs} ms; is it a peer?`))
    const onError = (error: Error): void => fail(handshakeFailure(error, address))
    const onEnd = (): void => fail(handshakeFailure(systemError('ECONNRESET', 'ended'), address))
    const onAbort = (): void => fail(signal.reason)
    signal.addEventListener('abort', onAbort)
    socket.on('connect', onConnect).on('secureConnect', onSecure).on('error', onError).on('end', onEnd)
  })
}
