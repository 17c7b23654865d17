/** The options of WebSockets in Node are checked once, and every default is said here. */
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { IncomingMessage, Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { ConnectionOptions, TlsOptions } from 'node:tls'
import { assertPeerId, type PeerId } from '../../machines/domain/peer-id.ts'
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import { DEFAULT_MAX_FRAME_BYTES, MAX_FRAME_BYTES } from './frames.ts'
import { checkHandshakeLimits, type HandshakeLimits } from './handshake-limits.ts'
import { UnprovenConnections } from './unproven-connections.ts'

/** Options of `websocket()` in Node. @since 0.1.0 */
export interface WebSocketOptions extends HandshakeLimits {
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
   * How much may wait in a paused link of a browser, in bytes, so that one program serves both: in Node a paused link
   * stops reading instead, and this sets nothing. A link that Bun has dialled is as one of a browser.
   * @default 1 MiB in browsers and in Bun
   */
  readonly maxBufferedBytes?: number
  /**
   * Where to listen on a server: the path of the URL, for an address that names none.
   * @default '/'
   */
  readonly path?: string
  /**
   * An HTTP or HTTPS server of the application to listen on, instead of a port of our own: its address is the
   * listener's, whatever address was asked for, and closing the listener leaves it as it was.
   * @default a server of our own for each listener
   */
  readonly server?: HttpServer | HttpsServer
  /**
   * Says whether an arriving peer may come in: only `true` lets it, and anything else, or an error, refuses it with the HTTP
   * status 403. It may answer later, within `handshakeTimeoutMs`; at most 256 peers of a listener wait so. A page of any web site may dial a listener that its browser can reach, on loopback too: check `request.headers.origin` where that matters.
   * @default everybody may
   */
  readonly allow?: (request: IncomingMessage) => boolean | Promise<boolean>
  /**
   * Says which peer id the request of an arriving peer proves, by a session or a token say; undefined: none, and the peer is
   * named by where it came from. Of two links that prove one id one stays. One that throws, or returns what is no text, refuses the request
   * with the HTTP status 403. It is asked after `allow`, and may answer later, as that may.
   * @default no request proves an id
   */
  readonly identify?: (request: IncomingMessage) => PeerId | undefined | Promise<PeerId | undefined>
  /**
   * The peer id that our `headers` prove to a listener which asks `identify`: of two peers that dial each other both then keep the same link.
   * @default none: the newer link stays
   */
  readonly localPeerId?: PeerId
  /**
   * Says who an arriving peer is, where a trusted proxy stands before the listener: an IP address, or an address as
   * text. What it cannot tell (undefined) is the socket's. One that throws, or returns what is no text, refuses the request
   * with the HTTP status 403. It may answer later, as `allow` may.
   * @default the address of the socket
   */
  readonly remoteAddress?: (request: IncomingMessage) => string | undefined | Promise<string | undefined>
  /**
   * Headers of the request with which a peer is dialled, such as `authorization`.
   * @default none
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * How `wss:` is encrypted, as for `node:tls`: `ca`, `rejectUnauthorized` and the like for a dial, `cert` and `key` to listen.
   * @default Node's own for a dial; a listener needs a certificate
   */
  readonly tls?: ConnectionOptions & TlsOptions
  /**
   * After so many milliseconds of silence the system probes whether the other side is still there, so that a link whose
   * path has vanished ends with `ETIMEDOUT`; 0: never.
   * @default 30_000
   */
  readonly keepAliveMs?: number
  /**
   * How long a connection to a listener's own port may take to ask for a link, in milliseconds, and how long the other
   * side of a dial may take to say hello once the WebSocket is open.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number
  /**
   * Times the handshake.
   * @default the platform's timers, which do not keep the process alive
   */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>
}

/** Whether the program runs in Bun, whose `ws` is another than the package. */
export const isBun = process.versions['bun'] !== undefined

const KNOWN = {
  maxFrameBytes: true,
  highWaterMark: true,
  maxBufferedBytes: true,
  path: true,
  server: true,
  allow: true,
  identify: true,
  localPeerId: true,
  remoteAddress: true,
  headers: true,
  tls: true,
  keepAliveMs: true,
  handshakeTimeoutMs: true,
  maxHandshakes: true,
  maxHandshakesPerHost: true,
  clock: true,
} as const satisfies Known<WebSocketOptions>

type Optional = 'server' | 'allow' | 'identify' | 'localPeerId' | 'remoteAddress' | 'headers' | 'tls'

/** Checked options, with every default filled in. */
export interface WebSocketSettings extends Required<Omit<WebSocketOptions, Optional>>, Pick<WebSocketOptions, Optional> {
  /** A link in Node is paused instead; one that Bun has dialled cannot be. */
  readonly maxBufferedBytes: number
  readonly unproven: UnprovenConnections
}

const PLATFORM_TIMERS = steppedTimers<WebSocketSettings['clock']>({
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
})

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError or RangeError that names the option
 */
export function checkOptions(options: WebSocketOptions): WebSocketSettings {
  assertKnown('', options, KNOWN)
  const limits = checkHandshakeLimits(options)
  const settings: WebSocketSettings = {
    ...options,
    ...limits,
    unproven: new UnprovenConnections(limits),
    maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    highWaterMark: options.highWaterMark ?? 1024 * 1024,
    path: options.path ?? '/',
    keepAliveMs: options.keepAliveMs ?? 30_000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    clock: options.clock ?? PLATFORM_TIMERS,
    maxBufferedBytes: isBun ? (options.maxBufferedBytes ?? 1024 * 1024) : Infinity,
  }
  assertInteger('maxFrameBytes', settings.maxFrameBytes, 1)
  if (settings.maxFrameBytes > MAX_FRAME_BYTES) {
    throw new RangeError(`maxFrameBytes must be at most ${MAX_FRAME_BYTES}, got ${settings.maxFrameBytes}`)
  }
  assertInteger('highWaterMark', settings.highWaterMark, 1)
  if (options.maxBufferedBytes !== undefined) assertInteger('maxBufferedBytes', options.maxBufferedBytes, 1)
  assertDuration('keepAliveMs', settings.keepAliveMs, 0)
  assertDuration('handshakeTimeoutMs', settings.handshakeTimeoutMs, 1)
  const path: unknown = settings.path
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError(`path must be a string that begins with '/', got ${String(path)}`)
  if (settings.server !== undefined && typeof settings.server?.address !== 'function') throw new TypeError('server must be an HTTP server')
  if (settings.localPeerId !== undefined) assertPeerId(settings.localPeerId)
  for (const name of ['allow', 'identify', 'remoteAddress'] as const) {
    if (settings[name] !== undefined && typeof settings[name] !== 'function') throw new TypeError(`${name} must be a function`)
  }
  return settings
}
