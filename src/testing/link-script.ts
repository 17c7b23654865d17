/** A link script: how the links of a scripted transport behave, and what their transport hears of them. */
import type { LinkLedger } from './link-ledger.ts'

/** How the links of one transport behave. Each may be changed while the test runs. @since 0.1.0 */
export interface LinkScript {
  /** How a graceful close ends: `false`: when the test calls `finishClose`; `'sync'`: within `close()`; `'microtask'`: in a promise job after it. @default false */
  autoClose: false | 'sync' | 'microtask'
  /** When the handler hears of an end that our own side made: within `close` or `abort`, or in a promise job after it. @default 'sync' */
  tellLocalEnd: 'sync' | 'microtask'
  /** Answers each ping at once with this round trip, in milliseconds; undefined: the test answers. @default undefined */
  autoPing: number | undefined
  /** `send` returns false while more than this many bytes are buffered. @default 65_536 */
  highWaterMark: number
  /** The largest message that `send` takes, in bytes. @default Infinity */
  maxFrameBytes: number
  /** Whether what was sent is kept. @default true */
  readonly record: boolean
}

/** The transport that made a link, and hears of its end and of its attachment. */
export interface LinkOwner<L> {
  readonly script: LinkScript
  readonly ledger: LinkLedger
  linkAttached(link: L): void
  linkOver(link: L): void
  messageSent(bytes: number): void
  pingSent(): void
}
