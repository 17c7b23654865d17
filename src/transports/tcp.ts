/** A dial ends in a link or in nothing, and whoever knocks at our port is a peer, or gone in bounded time. */
import { connect, createServer, isIP, type Socket } from 'node:net'
import { assertKnown } from '../../machines/domain/options.ts'
import { shownAddress } from '../../machines/domain/shown.ts'
import { withDescriptors } from './descriptors.ts'
import { assertNotDenied, lookupFor } from './dial-lookup.ts'
import { dialOver } from './stream-dial.ts'
import { StreamListener } from './stream-listener.ts'
import { addressText, boundAddressOf, hostOf, remoteAddressOf } from './tcp-address.ts'
import { checkTcp, socketOptions, TCP_OPTIONS, type TcpOptions, type TcpSettings } from './tcp-options.ts'
import type { DialOptions, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { yieldDescriptor } from './unproven-connections.ts'

export type { HandshakeLimits } from './handshake-limits.ts'
export type { TcpOptions } from './tcp-options.ts'

/**
 * Links over TCP: `tcp://127.0.0.1:7000`, `tcp://[::1]:7000`, `tcp://peer.example:7000`. Not encrypted, and it proves
 * no peer id: for the machine itself, for networks that are trusted, and below something that encrypts.
 *
 * A dial succeeds when the other side has admitted it. It fails with `ERR_REJECTED_BY_PEER` where that turns it away, with
 * the platform's own error where nothing is reached (`ECONNREFUSED`, `ENOTFOUND`, an `AggregateError` of several), and
 * where the other side is no such peer with `EPROTO` as soon as it sends something, or with `ETIMEDOUT` after `handshakeTimeoutMs` of silence.
 * A delivered message may be kept. It may be a view on a larger buffer: mind `byteOffset`, and do not transfer its
 * `buffer`. What waits to be read the manager copies where it is small; copy a small one yourself
 * where you keep it for long, because with it up to 64 KiB are kept.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 * @example
 * const manager = new ConnectionManager(100, { transport: tcp() })
 * const connection = await manager.connect('tcp://127.0.0.1:7000')
 */
export function tcp(options: TcpOptions = {}): Transport {
  assertKnown('', options, TCP_OPTIONS)
  const settings = checkTcp(options)
  return {
    schemes: ['tcp'],
    dial: (address, dialOptions) => withDescriptors(() => dial(address, dialOptions, settings), yieldDescriptor),
    listen: (address, listenOptions) => listen(address, listenOptions, settings),
  }
}

function dial(address: URL, options: DialOptions, settings: TcpSettings): Promise<Link> {
  const host = hostOf(address)
  const port = Number(address.port)
  try {
    if (host === '' || port === 0)
      throw new TypeError(`a tcp address to dial needs a host and a port, as tcp://127.0.0.1:7000; got ${shownAddress(address.href)}`)
    assertNotDenied(host, options)
  } catch (error) {
    return Promise.reject(error)
  }
  const family = isIP(host)
  const asked = { host, port, ...socketOptions(settings) }
  const open = (): Socket => connect(family === 0 ? { ...asked, lookup: lookupFor(options) } : asked)
  // The system is asked who the other side is only where the address does not say it: `0.0.0.0` is this machine.
  const isSaid = family === 4 && host !== '0.0.0.0'
  return dialOver(open, isSaid ? addressText(host, port) : remoteAddressOf, settings, options)
}

async function listen(address: URL, options: ListenOptions, settings: TcpSettings): Promise<Listener> {
  const server = createServer(socketOptions(settings))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: hostOf(address) || settings.host, port: Number(address.port) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return new StreamListener(
    server,
    { address: boundAddressOf(server), remoteAddressOf: (socket) => remoteAddressOf(socket) },
    options,
    settings,
  )
}
