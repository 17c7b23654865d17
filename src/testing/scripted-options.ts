/** Options of a scripted transport, and of a link that arrives at it. */
import type { Known } from '../../machines/domain/options.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Watcher } from './link-ledger.ts'
import type { LinkScript } from './link-script.ts'

/** How a scripted transport behaves as a whole. @since 0.1.0 */
export interface ScriptedOptions extends Partial<LinkScript> {
  /** @default ['scripted'] */
  readonly schemes?: readonly string[]
  /** What the other side will have proven of us. @default none */
  readonly localPeerId?: PeerId
  /** Whether links can measure round trips. @default false */
  readonly ping?: boolean
  /** Whether the other side of a dial proves to be who was dialled. @default false */
  readonly proveIds?: boolean
  /** Opens every dial by itself, in a promise job. @default false: the test opens or fails each */
  readonly autoOpen?: boolean
  /** What an aborted dial does: `'reject'` as a transport should, or `'ignore'`: the test may still open it, too late. @default 'reject' */
  readonly onAbort?: 'reject' | 'ignore'
  /** Is told of every change at our own end, as it happens. @default nobody */
  readonly watch?: Watcher
  /**
   * Whether dials, links, messages and counts per peer are kept. Without, a link costs about 100 bytes and
   * nothing is kept but totals: for crowds and benchmarks, with `autoOpen` and `autoClose`.
   * @default true
   */
  readonly record?: boolean
}

/** The options that there are. */
export const KNOWN = {
  schemes: true,
  localPeerId: true,
  ping: true,
  proveIds: true,
  autoOpen: true,
  onAbort: true,
  watch: true,
  record: true,
  autoClose: true,
  tellLocalEnd: true,
  autoPing: true,
  highWaterMark: true,
  maxFrameBytes: true,
} as const satisfies Known<ScriptedOptions>

/** The peer that arrives. @since 0.1.0 */
export interface ArriveOptions {
  /** Who the other side has proven to be. @default nobody */
  readonly remotePeerId?: PeerId | undefined
  /** @default one of its own for each */
  readonly remoteAddress?: string
}
