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
import { checkIdentity, IDENTITY_OPTIONS, type IdentityOptions, type IdentitySettings } from './tls-options.ts'
import { UnprovenConnections } from './unproven-connections.ts'
import { assertProtocols, type ToldToPeer } from './websocket-told.ts'

/** Who an arriving peer is: the one of that id, nobody in particular (true), or one that may not come in (false). @since 0.2.0 */
export type WebSocketAuthorization = boolean | { readonly peerId: PeerId }

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
   * Says who an arriving peer is, by what the application has proven of its request (a session cookie, a bearer token, a client
   * certificate): `{ peerId }` lets it in as that peer, of whose links one stays, and `true` lets it in unproven, named by where it came from.
   * `false` refuses it: with the HTTP status 401 where the request shows no credentials at all (no `authorization`, no `cookie`, no
   * sub-protocol beside ours, no client certificate), else with 403. An error, or any other answer, refuses it with 403.
   * It may answer later, within `authorizeTimeoutMs`; at most 256 peers of a listener wait so, they count among `maxHandshakes`, and a
   * socket that ends meanwhile is forgotten. A page of any web site may dial a listener that its
   * browser can reach, on loopback too, with the cookies of whoever looks at it: check `request.headers.origin` where that matters.
   * @default everybody may come in, and no request proves an id
   */
  readonly authorize?: (request: IncomingMessage) => WebSocketAuthorization | Promise<WebSocketAuthorization>
  /**
   * How long `authorize` and `remoteAddress` may take to answer, together, in milliseconds; who waits longer is refused with the HTTP status 408.
   * @default 5_000
   */
  readonly authorizeTimeoutMs?: number
  /**
   * The peer id that our `headers` or `protocols` prove to a listener which asks `authorize`: of two peers that dial each other both then keep the same link.
   * @default that of `tls.identity`, else none: the newer link stays
   */
  readonly localPeerId?: PeerId
  /**
   * Says who an arriving peer is, where a trusted proxy stands before the listener: an IP address, or an address as
   * text. What it cannot tell (undefined) is the socket's. One that throws, or returns what is no text, refuses the request
   * with the HTTP status 403. It may answer later, as `authorize` may, and is asked after it.
   * @default the address of the socket
   */
  readonly remoteAddress?: (request: IncomingMessage) => string | undefined | Promise<string | undefined>
  /**
   * Headers of the request with which a peer is dialled, such as `authorization`; or a function of the peer id and the address, asked
   * at each dial, so that each peer gets its own token. It may answer later; where it throws, the dial fails with that.
   * @default none
   */
  readonly headers?: ToldToPeer<Readonly<Record<string, string>>>
  /**
   * Sub-protocols that are offered beside ours, or a function of the peer id and the address, as for `headers`: how a page, which cannot set headers, shows
   * a token without having it in a URL. The listener reads it in `request.headers['sec-websocket-protocol']`, and never chooses it.
   * @default none
   */
  readonly protocols?: ToldToPeer<readonly string[]>
  /**
   * How `wss:` is encrypted, as for `node:tls`: `ca`, `rejectUnauthorized` and the like for a dial, `cert` and `key` to listen. Or, instead of
   * all that, `{ identity }`, with `requirePostQuantum` and `allow`, as in `tls()`: both ends then prove their ids by their keys, and
   * a URL may carry the id that is expected, `wss://ID@host:port/`.
   * @default Node's own for a dial; a listener needs a certificate or an identity
   */
  readonly tls?: (ConnectionOptions & TlsOptions) | IdentityOptions
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
  authorize: true,
  authorizeTimeoutMs: true,
  localPeerId: true,
  remoteAddress: true,
  headers: true,
  protocols: true,
  tls: true,
  keepAliveMs: true,
  handshakeTimeoutMs: true,
  maxHandshakes: true,
  maxHandshakesPerHost: true,
  clock: true,
} as const satisfies Known<WebSocketOptions>

type Optional = 'server' | 'authorize' | 'localPeerId' | 'remoteAddress' | 'headers' | 'protocols'

/** Checked options, with every default filled in. */
export interface WebSocketSettings extends Required<Omit<WebSocketOptions, Optional | 'tls'>>, Pick<WebSocketOptions, Optional> {
  /** A link in Node is paused instead; one that Bun has dialled cannot be. */
  readonly maxBufferedBytes: number
  readonly unproven: UnprovenConnections
  /** How `wss:` is encrypted, where its ends prove no ids. */
  readonly tls: (ConnectionOptions & TlsOptions) | undefined
  /** By what the ends of `wss:` prove their ids. */
  readonly identity: IdentitySettings | undefined
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
  const secured = checkTlsOption(options.tls)
  const localPeerId = options.localPeerId ?? secured.identity?.identity.peerId
  const settings: WebSocketSettings = {
    ...options,
    ...secured,
    ...(localPeerId === undefined ? {} : { localPeerId }),
    ...limits,
    unproven: new UnprovenConnections(limits),
    maxFrameBytes: options.maxFrameBytes ?? DEFAULT_MAX_FRAME_BYTES,
    highWaterMark: options.highWaterMark ?? 1024 * 1024,
    path: options.path ?? '/',
    keepAliveMs: options.keepAliveMs ?? 30_000,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    authorizeTimeoutMs: options.authorizeTimeoutMs ?? 5_000,
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
  assertDuration('authorizeTimeoutMs', settings.authorizeTimeoutMs, 1)
  const path: unknown = settings.path
  if (typeof path !== 'string' || !path.startsWith('/'))
    throw new TypeError(`path must be a string that begins with '/', got ${String(path)}`)
  if (settings.server !== undefined && typeof settings.server?.address !== 'function') throw new TypeError('server must be an HTTP server')
  if (settings.localPeerId !== undefined) assertPeerId(settings.localPeerId)
  if (settings.protocols !== undefined && typeof settings.protocols !== 'function') assertProtocols(settings.protocols)
  for (const name of ['authorize', 'remoteAddress'] as const) {
    if (settings[name] !== undefined && typeof settings[name] !== 'function') throw new TypeError(`${name} must be a function`)
  }
  return settings
}

/** How `wss:` is encrypted: by certificates of the platform, or by an identity. */
function checkTlsOption(tls: WebSocketOptions['tls']): Pick<WebSocketSettings, 'tls' | 'identity'> {
  if (tls === undefined) return { tls, identity: undefined }
  if (!('identity' in tls)) {
    for (const name of ['requirePostQuantum', 'allow']) if (name in tls) throw new TypeError(`tls.${name} needs tls.identity`)
    return { tls, identity: undefined }
  }
  if (isBun) throw new TypeError('tls.identity needs Node: the TLS of Bun does not show the certificate of an id')
  assertKnown('tls', tls, IDENTITY_OPTIONS)
  return { tls: undefined, identity: checkIdentity(tls) }
}
