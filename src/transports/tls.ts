/** Links over TLS: both ends have proven who they are, by keys that nobody else vouches for, before either says a word. */
import { createServer, isIP, type Socket } from 'node:net'
import { shownAddress } from '../../machines/domain/shown.ts'
import { withDescriptors } from './descriptors.ts'
import { assertNotDenied } from './dial-lookup.ts'
import { linkOver } from './stream-dial.ts'
import { type SecuringOwner, StreamListener } from './stream-listener.ts'
import { addressText, boundAddressOf, hostOf, remoteAddressOf } from './tcp-address.ts'
import { socketOptions } from './tcp-options.ts'
import { type Called, expectedAt, secured } from './tls-dial.ts'
import { TlsDoor } from './tls-door.ts'
import { alertFor } from './tls-failure.ts'
import { ALPN, checkTls, type TlsOptions, type TlsSettings } from './tls-options.ts'
import type { DialOptions, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { yieldDescriptor } from './unproven-connections.ts'

export type { HandshakeLimits } from './handshake-limits.ts'
export { createIdentity, identityFromPem, identityToPem, type CreateIdentityOptions, type Identity } from './identity.ts'
export type { IdentityAlgorithm } from './identity-algorithm.ts'
export { loadIdentity, saveIdentity } from './identity-file.ts'
export type { TcpOptions } from './tcp-options.ts'
export type { IdentityOptions, TlsOptions } from './tls-options.ts'

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
  options.signal.throwIfAborted()
  const host = hostOf(address)
  const port = Number(address.port)
  if (host === '' || port === 0)
    throw new TypeError(`a tls address to dial needs a host and a port, as tls://127.0.0.1:7000; got ${shownAddress(address.href)}`)
  const called: Called = { peerId: options.peerId, expected: expectedAt(address, options.peerId), protocol: ALPN }
  assertNotDenied(host, options)
  const isSaid = isIP(host) === 4 && host !== '0.0.0.0'
  const named = isSaid ? addressText(host, port, 'tls') : undefined
  return secured({ host, port }, 'tls', options, settings, called, (socket, proof) =>
    linkOver(socket, named ?? remoteAddressOf(socket, 'tls'), settings, options, proof),
  )
}

async function listen(address: URL, options: ListenOptions, settings: TlsSettings): Promise<Listener> {
  // Until it has proven who it is, a connection that ends is over.
  const server = createServer(socketOptions(settings, false))
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
