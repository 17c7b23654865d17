/** The WebSocket transport of browsers: a dial ends in a link over the platform's own `WebSocket`, or in nothing. */
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import { shownAddress } from '../../machines/domain/shown.ts'
import { ConnectionError } from '../errors.ts'
import { systemError } from './link-error.ts'
import type { DialOptions, Link, Transport } from './transport.ts'
import { BrowserWebSocketLink, type BrowserWebSocketLinkOptions } from './websocket-browser-link.ts'
import { CloseCode, saidNothing, SUBPROTOCOL } from './websocket-protocol.ts'
import { assertProtocols, protocolsFor, type ToldToPeer } from './websocket-told.ts'

export type { ToldToPeer } from './websocket-told.ts'

/** Options of {@link websocket} in a browser. @since 0.1.0 */
export interface WebSocketOptions {
  /**
   * The largest message, in bytes, either way. Both sides should agree.
   * @default 16 MiB
   */
  readonly maxFrameBytes?: number
  /**
   * Above so many buffered bytes `send` returns false.
   * @default 1 MiB
   */
  readonly highWaterMark?: number
  /**
   * How much may wait in a paused link, in bytes. A browser cannot stop what arrives: past this the link ends with `ENOBUFS`.
   * @default 1 MiB
   */
  readonly maxBufferedBytes?: number
  /**
   * How long the other side of a dial may take to say hello once the WebSocket is open, in milliseconds.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number
  /**
   * Times the handshake, and the looks at what the browser still has to send, while it is more than `highWaterMark`.
   * @default the platform's timers
   */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  /**
   * Sub-protocols that are offered beside ours, or a function of the peer id and the address, asked at each dial: a page cannot set headers, and shows a
   * token here without having it in a URL, which is logged. It may answer later; where it throws, the dial fails with that.
   * @default none
   */
  readonly protocols?: ToldToPeer<readonly string[]>
  /**
   * The class of the sockets.
   * @default globalThis.WebSocket
   */
  readonly WebSocket?: typeof WebSocket
}

const KNOWN = {
  maxFrameBytes: true,
  highWaterMark: true,
  maxBufferedBytes: true,
  handshakeTimeoutMs: true,
  clock: true,
  protocols: true,
  WebSocket: true,
} as const satisfies Known<WebSocketOptions>

/** Checked options, with every default filled in. @since 0.1.0 */
export interface BrowserSettings extends BrowserWebSocketLinkOptions {
  readonly WebSocket: (new (address: string, protocols: string[]) => WebSocket) | undefined
  readonly protocols: ToldToPeer<readonly string[]> | undefined
  readonly handshakeTimeoutMs: number
}

const MIB = 1024 * 1024

const PLATFORM_TIMERS = steppedTimers<BrowserSettings['clock']>({
  setTimeout: (f, ms) => setTimeout(f, ms),
  clearTimeout: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
})

/**
 * Links over WebSocket: `wss://peer.example/peers`, `ws://127.0.0.1:7000`. A browser dials, and cannot listen. It proves
 * no peer id; `wss:` encrypts, and proves which host was reached.
 *
 * Both sides name the sub-protocol `qudag-connections.v2`. A dial resolves when the listener has admitted it and said so,
 * and fails with `ERR_REJECTED_BY_PEER` where it turns it away, and with `ETIMEDOUT` where no hello comes. A browser does
 * not say why another dial failed: each fails with `ECONNREFUSED`, and the reason is in the browser's console. It cannot
 * pause a socket: see `maxBufferedBytes`.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.1.0
 * @example
 * const manager = new ConnectionManager(100, { transport: websocket() })
 * const connection = await manager.connect('wss://peer.example/peers')
 */
export function websocket(options: WebSocketOptions = {}): Transport {
  assertKnown('', options, KNOWN)
  const settings: BrowserSettings = {
    maxFrameBytes: options.maxFrameBytes ?? 16 * MIB,
    highWaterMark: options.highWaterMark ?? MIB,
    maxBufferedBytes: options.maxBufferedBytes ?? MIB,
    handshakeTimeoutMs: options.handshakeTimeoutMs ?? 10_000,
    clock: options.clock ?? PLATFORM_TIMERS,
    WebSocket: options.WebSocket,
    protocols: options.protocols,
  }
  for (const name of ['maxFrameBytes', 'highWaterMark', 'maxBufferedBytes'] as const) assertInteger(name, settings[name], 1)
  assertDuration('handshakeTimeoutMs', settings.handshakeTimeoutMs, 1)
  if (settings.protocols !== undefined && typeof settings.protocols !== 'function') assertProtocols(settings.protocols)
  return { schemes: ['ws', 'wss'], dial: (address, dialOptions) => dial(address, dialOptions, settings) }
}

/** Dials through a `WebSocket` of the platform's. @since 0.1.0 */
export async function dial(address: URL, options: DialOptions, settings: BrowserSettings): Promise<Link> {
  const { signal } = options
  signal.throwIfAborted()
  const Socket = settings.WebSocket ?? (globalThis as { WebSocket?: typeof WebSocket }).WebSocket
  if (Socket === undefined) throw new ConnectionError('ERR_NO_TRANSPORT', 'this platform has no WebSocket; set the option WebSocket')
  const target = new URL(address)
  target.hash = ''
  const where = shownAddress(target.href)
  const protocols = await protocolsFor(settings.protocols, target, options)
  signal.throwIfAborted()
  const socket = new Socket(target.href, [...protocols])
  // Now, because a message may come right after the opening.
  socket.binaryType = 'arraybuffer'
  return new Promise((resolve, reject) => {
    let link: BrowserWebSocketLink | undefined
    let deadline: unknown
    const leave = (): void => {
      settings.clock.clearTimeout(deadline)
      signal.removeEventListener('abort', onAbort)
      socket.removeEventListener('open', onOpen)
      socket.removeEventListener('close', onClose)
    }
    const fail = (error: unknown): void => {
      leave()
      reject(error)
      if (link === undefined) socket.close()
      else link.abort()
    }
    const onOpen = (): void => {
      if (socket.protocol !== SUBPROTOCOL) {
        return fail(systemError('EPROTO', `${where} is no peer of this protocol: it did not choose ${SUBPROTOCOL}`))
      }
      socket.removeEventListener('close', onClose)
      const opened = new BrowserWebSocketLink(socket, where, settings)
      link = opened
      deadline = settings.clock.setTimeout(() => fail(saidNothing(where, settings.handshakeTimeoutMs)), settings.handshakeTimeoutMs)
      opened.awaitHello((failure) => {
        leave()
        if (failure === undefined) resolve(opened)
        else reject(failure)
      })
    }
    const onClose = ({ code }: CloseEvent): void => {
      const why = code === CloseCode.Broken ? 'the browser does not say why' : `it closed with code ${code}`
      fail(systemError('ECONNREFUSED', `could not open a WebSocket to ${where}: ${why}; is it running, and does it speak ${SUBPROTOCOL}?`))
    }
    const onAbort = (): void => fail(signal.reason)
    signal.addEventListener('abort', onAbort)
    socket.addEventListener('open', onOpen)
    socket.addEventListener('close', onClose)
    // A close follows each error, and says more; the listener is for sockets that do not bear an error without one.
    socket.addEventListener('error', () => {})
  })
}
