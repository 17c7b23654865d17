/** Peers on one machine reach each other by a path, and its mode says who may. */
import { connect, createServer } from 'node:net'
import { assertDuration, assertInteger } from '../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { steppedTimers, type Clock } from '../clock.ts'
import { withDescriptors } from './descriptors.ts'
import { DEFAULT_MAX_FRAME_BYTES, MAX_FRAME_BYTES } from './frames.ts'
import { dialOver } from './stream-dial.ts'
import { StreamListener } from './stream-listener.ts'
import type { DialOptions, Link, Listener, ListenOptions, Transport } from './transport.ts'
import { pathOf, placeOf, unixAddressText } from './unix-address.ts'
import { listenAtPath } from './unix-place.ts'
import { UnprovenConnections, yieldDescriptor } from './unproven-connections.ts'

/** Options of {@link unix}. @since 0.2.0 */
export interface UnixOptions {
  /**
   * Who may connect, as the mode of the socket file: whoever may write to it. On Windows a bit for the group or for others
   * opens the pipe to all.
   * @default 0o600: this user alone
   */
  readonly mode?: number
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
   * How long the other side of a connection may take to show that it is a peer, in milliseconds, before it is cut.
   * @default 10_000
   */
  readonly handshakeTimeoutMs?: number
  /**
   * The most arriving connections that have not shown yet that they are peers. One more: the oldest that has said nothing yields.
   * @default 1_024
   */
  readonly maxHandshakes?: number
  /**
   * Times the handshake.
   * @default the platform's timers, which do not keep the process alive
   */
  readonly clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>
}

const KNOWN = {
  mode: true,
  maxFrameBytes: true,
  highWaterMark: true,
  handshakeTimeoutMs: true,
  maxHandshakes: true,
  clock: true,
} as const satisfies Known<UnixOptions>

interface Settings extends Required<UnixOptions> {
  readonly unproven: UnprovenConnections
}

/** How long a dial leaves a listener alone that has too many to accept, in milliseconds: twice as long each time, up to the second. */
const BUSY_MS = 5
const MOST_BUSY_MS = 80

const PLATFORM_TIMERS: Settings['clock'] = steppedTimers({
  setTimeout: (f, ms) => setTimeout(f, ms).unref(),
  clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
})

/**
 * Links over a socket file, between processes of one machine: `unix:///run/app/peers.sock`; on Windows, over a named
 * pipe: `unix:///name` is `\\.\pipe\name`. Its links behave as those of `tcp()`. It proves no peer id: any process that may
 * write to the file may connect, and no limit or rate per host counts such peers.
 *
 * An address to listen at that ends with a slash, `unix:///run/app/`, stands for a free name in that folder.
 * The file appears with its mode, and goes when the listener is closed. One that a crashed process has left is replaced
 * where nobody answers at it; anything else at that path is left alone, and `listen` fails with `EADDRINUSE`.
 *
 * @throws TypeError or RangeError that names the option
 * @since 0.2.0
 * @example
 * const manager = new ConnectionManager(100, { transport: unix() })
 * const connection = await manager.connect('unix:///run/app/peers.sock')
 */
export function unix(options: UnixOptions = {}): Transport {
  const settings = check(options)
  return {
    schemes: ['unix'],
    dial: (address, dialOptions) => withDescriptors(() => dial(address, dialOptions, settings), yieldDescriptor),
    listen: (address, listenOptions) => listen(address, listenOptions, settings),
  }
}

function check(options: UnixOptions): Settings {
  assertKnown('', options, KNOWN)
  const { mode = 0o600, maxFrameBytes = DEFAULT_MAX_FRAME_BYTES, highWaterMark = 1024 * 1024, handshakeTimeoutMs = 10_000 } = options
  const { maxHandshakes = 1_024, clock = PLATFORM_TIMERS } = options
  assertInteger('mode', mode, 0)
  if (mode > 0o777) throw new RangeError(`mode must be at most 0o777, got 0o${mode.toString(8)}`)
  assertInteger('maxFrameBytes', maxFrameBytes, 1)
  if (maxFrameBytes > MAX_FRAME_BYTES) throw new RangeError(`maxFrameBytes must be at most ${MAX_FRAME_BYTES}, got ${maxFrameBytes}`)
  assertInteger('highWaterMark', highWaterMark, 1)
  assertDuration('handshakeTimeoutMs', handshakeTimeoutMs, 1)
  assertInteger('maxHandshakes', maxHandshakes, 1)
  const unproven = new UnprovenConnections({ maxHandshakes, maxHandshakesPerHost: Infinity })
  return { mode, maxFrameBytes, highWaterMark, handshakeTimeoutMs, maxHandshakes, clock, unproven }
}

async function dial(address: URL, options: DialOptions, settings: Settings): Promise<Link> {
  const path = pathOf(address)
  for (let busyMs = BUSY_MS; ; busyMs = Math.min(2 * busyMs, MOST_BUSY_MS)) {
    try {
      return await dialOver(() => connect({ path, allowHalfOpen: true }), unixAddressText(address), settings, options)
    } catch (error) {
      // So many wait to be accepted that the system takes no more just now. It says so at once, and never makes a dial wait.
      if ((error as { code?: unknown }).code !== 'EAGAIN') throw error
      await pause(settings.clock, busyMs, options.signal)
    }
  }
}

/** Ends when the time is over, or nobody wants the link any more. */
function pause(clock: Settings['clock'], ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

async function listen(address: URL, options: ListenOptions, settings: Settings): Promise<Listener> {
  const given = placeOf(address)
  const text = unixAddressText(given)
  const server = createServer({ allowHalfOpen: true })
  const closed = await listenAtPath(server, pathOf(given), settings.mode)
  let arrivals = 0
  // The other side of a socket file has no name of its own.
  const place = { address: new URL(text), remoteAddressOf: () => `${text}#${++arrivals}`, closed }
  return new StreamListener(server, place, options, settings)
}
