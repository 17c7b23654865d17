/** A connection is a hold on a link, not the link: it ends with the link, or when it is given back. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import type { CloseReason, LinkSecurity } from '../../transports/transport.ts'

/** A hold on a peer's link. The link stays Connected at least as long as somebody has a hold on it, or until the other side ends it. @since 0.1.0 */
export interface Connection extends AsyncDisposable {
  readonly peerId: PeerId
  /** Who opened the link that is in use now. */
  readonly direction: Direction
  /** Where the other side is, as text. */
  readonly remoteAddress: string
  /** How the link that is in use now is secured, and by what the other side has proven who it is; undefined: it is not, or this is over. */
  readonly security: LinkSecurity | undefined
  /**
   * The fencing number of the claim that a node of a fleet holds this link under: this manager's own, or what the other
   * side showed in its hello. Of two links of one fleet to the same peer, the one with the lower number has been lost to
   * another node. Undefined: neither side is a node of a fleet, or this is over.
   */
  readonly fence: number | undefined
  /**
   * Sends one message. False: accepted, but above the link's high-water mark; wait for {@link drained}.
   *
   * @throws ConnectionError `ERR_NOT_CONNECTED` once it is over; `ERR_FRAME_TOO_LARGE` past the transport's largest frame;
   * `ERR_BUFFER_FULL` where more than `maxSendBufferBytes` would wait: nothing is sent then
   * @throws TypeError when `data` is not a Uint8Array
   */
  send(data: Uint8Array): boolean
  /** Resolves when `send` may go on, at once where it may already; rejects with `ERR_NOT_CONNECTED` when this hold ends first. */
  drained(): Promise<void>
  /** The messages that arrive; completes when this hold ends. What nobody has read yet goes to the first reader. */
  readonly messages$: Observable<Uint8Array>
  /** The same, one at a time: a reader that falls behind by `maxBufferedBytes` pauses the link. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>
  /** The last measured round trip, in milliseconds; null: none yet. */
  readonly latency: number | null
  /** Resolves when the link ends, or this hold is given back. Never rejects. */
  readonly closed: Promise<CloseReason>
  /**
   * Gives this hold back; twice is once. With the last hold a link that we opened goes into the pool, or is closed;
   * one that the other side opened is closed. Resolves when that is done.
   */
  release(): Promise<void>
  /**
   * Hangs up for everybody: closes the link in order, whoever else holds it, and pools nothing; a peer that was kept is
   * kept no longer. Resolves when the link is closed. Does nothing once this hold is over.
   */
  close(): Promise<void>
}
