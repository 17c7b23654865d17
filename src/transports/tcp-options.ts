/** The options of transports over TCP: they are checked once, and every default is said here. */
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import type { Known } from '../../machines/domain/options.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import { DEFAULT_MAX_FRAME_BYTES, MAX_FRAME_BYTES } from './frames.ts'
import { checkHandshakeLimits, type HandshakeLimits } from './handshake-limits.ts'
import { UnprovenConnections } from './unproven-connections.ts'

/** What all links of one `tcp()` share. */
export interface TcpLinkOptions {
  readonly maxFrameBytes: number
  readonly highWaterMark: number
  readonly handshakeTimeoutMs: number
  readonly clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
}

/** What can be set of `tcp()`. @since 0.1.0 */
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

/** Every option of `tcp()`. */
export const TCP_OPTIONS = {
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

/** The options with every default filled in. */
export interface TcpSettings extends Required<TcpOptions> {
  readonly unproven: UnprovenConnections
}

const PLATFORM_TIMERS = steppedTimers<TcpSettings['clock']>({
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
})

/** Checks the options that a transport over TCP has, and fills in the defaults. @throws TypeError or RangeError that names the option */
export function checkTcp(options: TcpOptions): TcpSettings {
  const limits = checkHandshakeLimits(options)
  const settings: TcpSettings = {
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
export function socketOptions({ noDelay, keepAliveMs }: Pick<TcpSettings, 'noDelay' | 'keepAliveMs'>, allowHalfOpen = true) {
  return { allowHalfOpen, noDelay, keepAlive: keepAliveMs > 0, keepAliveInitialDelay: keepAliveMs }
}
