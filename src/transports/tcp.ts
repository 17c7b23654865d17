/** A dial ends in a link or in nothing, and whoever knocks at our port is a peer, or gone in bounded time. */
import { connect, createServer, isIP } from 'node:net'
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { shownAddress } from '../../machines/domain/shown.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import { withDescriptors } from './descriptors.ts'
import { assertNotDenied, lookupFor } from './dial-lookup.ts'
import { DEFAULT_MAX_FRAME_BYTES, MAX_FRAME_BYTES } from './frames.ts'
import { addressText, boundAddressOf, hostOf, remoteAddressOf } from './tcp-address.ts'
import { checkHandshakeLimits, type HandshakeLimits } from './handshake-limits.ts'
import { linkOver } from './stream-handshake.ts'
import { StreamListener } from './stream-listener.ts'
import type { DialOptions, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { UnprovenConnections, yieldDescriptor } from './unproven-connections.ts'

export type { HandshakeLimits } from './handshake-limits.ts'

/** Options of {@link tcp}. @since 0.1.0 */
export interface TcpOptions extends HandshakeLimits {
  /**
   * The largest message, in bytes, either way; at most 512 MiB less one. Both sides should agree.
   * @default 16 MiB
   */
  readonly maxFrameBytes?: number
  /**
   * Above so many buffered bytes `send` returns false. Less than Node's own mark (16 or 64 KiB) counts as that.
   * @default 1 MiB
   */
  readonly highWaterMark?: number
  /**
   * The host to listen on where the address names none. Everybody else is kept out unless the address says otherwise.
   * @default '127.0.0.1'
   */
  readonly host?: string
  /**
   * Sends small messages at once, without Nagle's algorithm.
   * @default true
   */
  readonly noDelay?: boolean
  /**
   * After so many milliseconds of silence the system probes whether the other side is still there, so that a link whose
   * path has vanished ends with `ETIMEDOUT`; 0: never.
   * @default 30_000
   */
  readonly keepAliveMs?: number
  /**
   * How long the other side of a connection may take to show that it is a peer, in milliseconds, before it is cut.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number
  /**
   * Times the handshake.
   * @default the platform's timers, which do not keep the process alive
   */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>
}

const KNOWN = {
  maxFrameBytes: true,
  highWaterMark: true,
  host: true,
  noDelay: true,
  keepAliveMs: true,
  handshakeTimeoutMs: true,
  maxHandshakes: true,
  maxHandshakesPerHost: true,
  clock: true,
} as const satisfies Known<TcpOptions>

interface Settings extends Required<TcpOptions> {
  readonly unproven: UnprovenConnections
}

const PLATFORM_TIMERS = steppedTimers<Settings['clock']>({
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
})

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
  const settings = check(options)
  return {
    schemes: ['tcp'],
    dial: (address, dialOptions) => withDescriptors(() => dial(address, dialOptions, settings), yieldDescriptor),
    listen: (address, listenOptions) => listen(address, listenOptions, settings),
  }
}

function check(options: TcpOptions): Settings {
  assertKnown('', options, KNOWN)
  const limits = checkHandshakeLimits(options)
  const settings: Settings = {
    ...limits,
    unproven: new UnprovenConnections(limits),
    maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    highWaterMark: options.highWaterMark ?? 1024 * 1024,
    host: options.host ?? '127.0.0.1',
    noDelay: options.noDelay ?? true,
    keepAliveMs: options.keepAliveMs ?? 30_000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    clock: options.clock ?? PLATFORM_TIMERS,
  }
  assertInteger('maxFrameBytes', settings.maxFrameBytes, 1)
  if (settings.maxFrameBytes > MAX_FRAME_BYTES) {
    throw new RangeError(`maxFrameBytes must be at most ${MAX_FRAME_BYTES}, got ${settings.maxFrameBytes}`)
  }
  assertInteger('highWaterMark', settings.highWaterMark, 1)
  assertDuration('keepAliveMs', settings.keepAliveMs, 0)
  assertDuration('handshakeTimeoutMs', settings.handshakeTimeoutMs, 1)
  return settings
}

/** What both ends ask of their sockets. Half-open is allowed so that an end without a goodbye is seen before it is answered. */
function socketOptions(settings: Settings) {
  return {
    allowHalfOpen: true,
    noDelay: settings.noDelay,
    keepAlive: settings.keepAliveMs > 0,
    keepAliveInitialDelay: settings.keepAliveMs,
  }
}

async function dial(address: URL, options: DialOptions, settings: Settings): Promise<Link> {
  const { signal } = options
  signal.throwIfAborted()
  const host = hostOf(address)
  const port = Number(address.port)
  if (host === '' || port === 0)
    throw new TypeError(`a tcp address to dial needs a host and a port, as tcp://127.0.0.1:7000; got ${shownAddress(address.href)}`)
  assertNotDenied(host, options)
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: lookupFor(options), ...socketOptions(settings) })
    // The system is asked who the other side is only where the address does not say it: `0.0.0.0` is this machine.
    const isSaid = isIP(host) === 4 && host !== '0.0.0.0'
    const remoteAddress = (): string => (isSaid ? addressText(host, port) : remoteAddressOf(socket))
    const leave = (): void => {
      signal.removeEventListener('abort', onAbort)
      socket.off('connect', onConnect).off('error', onError)
    }
    const onConnect = (): void => {
      leave()
      linkOver(socket, remoteAddress(), settings, signal).then(resolve, reject)
    }
    const onError = (error: Error): void => {
      leave()
      reject(error)
    }
    const onAbort = (): void => {
      leave()
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort)
    socket.on('connect', onConnect).on('error', onError)
  })
}

async function listen(address: URL, options: ListenOptions, settings: Settings): Promise<Listener> {
  const server = createServer(socketOptions(settings))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: hostOf(address) || settings.host, port: Number(address.port) }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  return new StreamListener(server, { address: boundAddressOf(server), remoteAddressOf }, options, settings)
}
