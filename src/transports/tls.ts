/** Links over TLS: both ends have proven who they are, by keys that nobody else vouches for, before either says a word. */
import { createServer, isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { shownAddress } from '../../machines/domain/shown.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { ConnectionError } from '../errors.ts'
import { withDescriptors } from './descriptors.ts'
import { assertNotDenied, lookupFor } from './dial-lookup.ts'
import { isIdentityId } from './identity-algorithm.ts'
import { systemError } from './link-error.ts'
import { linkOver } from './stream-handshake.ts'
import { type SecuringOwner, StreamListener } from './stream-listener.ts'
import type { StreamProof } from './stream-proof.ts'
import { addressText, boundAddressOf, hostOf, remoteAddressOf } from './tcp-address.ts'
import { socketOptions } from './tcp-options.ts'
import { TlsDoor } from './tls-door.ts'
import { alertFor, handshakeFailure } from './tls-failure.ts'
import { ALPN, checkTls, type TlsOptions, type TlsSettings } from './tls-options.ts'
import { provenBy, TlsFault } from './tls-proof.ts'
import type { DialOptions, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { yieldDescriptor } from './unproven-connections.ts'

export type { HandshakeLimits } from './handshake-limits.ts'
export { createIdentity, identityFromPem, identityToPem, type CreateIdentityOptions, type Identity } from './identity.ts'
export type { IdentityAlgorithm } from './identity-algorithm.ts'
export { loadIdentity, saveIdentity } from './identity-file.ts'
export type { TcpOptions } from './tcp-options.ts'
export type { TlsOptions } from './tls-options.ts'

/**
 * Links over TLS 1.3, encrypted, both of whose ends have proven their ids: `tls://127.0.0.1:7000`, or with the id that is
 * expected there, `tls://ID@peer.example:7000`. An id is the SHA-256 of a public key; no authority vouches for it, and
 * whoever has the key is the peer. Certificates, sessions and `NODE_EXTRA_CA_CERTS` of the platform play no part.
 *
 * A dial fails with `ERR_IDENTITY_MISMATCH` where another id answers than that in the URL, or than the peer id where that is
 * one; with `ERR_DENIED` where `allow` or `requirePostQuantum` forbids who answers; with `ERR_REJECTED_BY_PEER` where the
 * other side turns it away; with `EPROTO` at what is no peer, which says what it seems to be; else as one of `tcp()` does.
 * The handshake of TLS and the hello behind it may take `handshakeTimeoutMs` each.
 *
 * @throws TypeError or RangeError that names the option, or says what this version of Node cannot do
 * @since 0.2.0
 */
export function tls(options: TlsOptions): Transport {
  const settings = checkTls(options)
  return {
    schemes: ['tls'],
    localPeerId: settings.identity.peerId,
    dial: (address, dialOptions) => withDescriptors(() => dial(address, dialOptions, settings), yieldDescriptor),
    listen: (address, listenOptions) => listen(address, listenOptions, settings),
  }
}

async function dial(address: URL, options: DialOptions, settings: TlsSettings): Promise<Link> {
  const { signal } = options
  signal.throwIfAborted()
  const host = hostOf(address)
  const port = Number(address.port)
  if (host === '' || port === 0)
    throw new TypeError(`a tls address to dial needs a host and a port, as tls://127.0.0.1:7000; got ${shownAddress(address.href)}`)
  const expected = expectedAt(address, options.peerId)
  assertNotDenied(host, options)
  const isSaid = isIP(host) === 4 && host !== '0.0.0.0'
  return secured(host, port, options, settings, (socket) => {
    const remoteAddress = isSaid ? addressText(host, port, 'tls') : remoteAddressOf(socket, 'tls')
    return linkOver(
      socket,
      remoteAddress,
      settings,
      options,
      judge(socket, settings, { peerId: options.peerId, expected, address: remoteAddress }),
    )
  })
}

/** Who must answer; undefined: whoever can prove any id. */
function expectedAt(address: URL, peerId: PeerId): PeerId | undefined {
  const { username, password } = address
  if (username === '' && password === '') return isIdentityId(peerId) ? peerId : undefined
  if (password === '' && isIdentityId(username)) return username
  throw new TypeError('what stands before the @ of a tls address must be an id as identity.peerId has it, 52 characters of base32')
}

/** Whom a dial is for. */
interface Called {
  readonly peerId: PeerId
  readonly expected: PeerId | undefined
  readonly address: string
}

/** Who has answered, where it is somebody that this side wants to speak with. */
function judge(socket: TLSSocket, settings: TlsSettings, { peerId, expected, address }: Called): StreamProof {
  let proof: StreamProof
  try {
    proof = provenBy(socket, settings, true)
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
  throw new ConnectionError('ERR_DENIED', `the option allow of tls() does not name '${found}', which answered at ${address}`, {
    peerId,
    address,
  })
}

/** Connects, and shakes hands as TLS does, whoever may be there. @param then makes the link of it, or throws */
function secured(
  host: string,
  port: number,
  options: DialOptions,
  settings: TlsSettings,
  then: (socket: TLSSocket) => Promise<Link>,
): Promise<Link> {
  const { signal } = options
  const { clock, handshakeTimeoutMs } = settings
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port,
      lookup: lookupFor(options),
      ...socketOptions(settings),
      secureContext: settings.context,
      ALPNProtocols: [ALPN],
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
        resolve(then(socket))
      } catch (error) {
        fail(error)
      }
    }
    const address = addressText(host, port, 'tls')
    const onLate = (): void =>
      fail(systemError('ETIMEDOUT', `${address} did not end the TLS handshake within ${handshakeTimeoutMs} ms; is it a peer?`))
    const onError = (error: Error): void => fail(handshakeFailure(error, address))
    const onEnd = (): void => fail(handshakeFailure(systemError('ECONNRESET', 'ended'), address))
    const onAbort = (): void => fail(signal.reason)
    signal.addEventListener('abort', onAbort)
    socket.on('connect', onConnect).on('secureConnect', onSecure).on('error', onError).on('end', onEnd)
  })
}

async function listen(address: URL, options: ListenOptions, settings: TlsSettings): Promise<Listener> {
  // Until it has proven who it is, a connection that ends is over.
  const server = createServer({ ...socketOptions(settings), allowHalfOpen: false })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: hostOf(address) || settings.host, port: Number(address.port) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const door = new TlsDoor(settings, (thrown) => options.onError?.(thrown, 'allow'))
  const place = {
    address: boundAddressOf(server, 'tls'),
    remoteAddressOf: (socket: Socket) => remoteAddressOf(socket, 'tls'),
    secure: (socket: Socket, owner: SecuringOwner) => door.accept(socket, owner),
    farewellFor: alertFor,
  }
  return new StreamListener(server, place, options, settings)
}
