/** A kept peer's handle lives across links: what it reads and sends goes over whichever link the peer has just then. */
/// <reference lib="esnext.disposable" preserve="true" />
import type { Observable } from 'rxjs'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Connection } from '../holds/connection.ts'

/** How much may wait to be sent while a kept peer has no link. @since 0.2.0 */
export interface KeepQueueOptions {
  /** The most messages that wait. @default 1_000 */
  readonly maxMessages?: number
  /** The most bytes that wait. @default 1_048_576 */
  readonly maxBytes?: number
}

/** How a peer is kept. @since 0.2.0 */
export interface KeepOptions {
  /** One more address of the peer, as {@link addresses} has them. @default none */
  readonly address?: string | URL
  /** More addresses of the peer, tried after those that resolve it; they stay with it for as long as it is known. @default none */
  readonly addresses?: readonly (string | URL)[]
  /** How urgent its first dial is: of those that wait, for a slot or for their turn, the higher goes first. @default 0 */
  readonly priority?: number
  /**
   * What is sent while there is no link waits for the next one, within these bounds, and goes out before anything newer.
   * @default false: `send` throws while there is no link
   */
  readonly queue?: false | KeepQueueOptions
  /**
   * Whether the process runs on while this handle keeps the peer, though its link is lost. Without, a process that has
   * nothing else to do ends, with code 0, when the link is lost. @default false, or the manager's option `keepAlive`
   */
  readonly keepAlive?: boolean
  /** Releases the handle when it is aborted. @default none */
  readonly signal?: AbortSignal
}

/**
 * A peer that is kept, whatever becomes of its links. Each call of `keep` gives a handle of its own; all of one peer share
 * its link, and the last one that is released lets it go, unless `connect(peerId, { keep: true })` keeps it too: then
 * `disconnect` does. `disconnect`, `Connection.close()` and another link that replaces ours end the keeping, and so does an
 * address that leads to this manager itself: no link is dialled then, and `send` and `connected` tell so. As soon as the
 * peer has a link again, by `keep` or `connect` or because it dials us, the handle uses it and keeps it.
 *
 * @since 0.2.0
 * @example
 * const kept = manager.keep('tcp://127.0.0.1:7000')
 * await kept.connected()
 * kept.send(new TextEncoder().encode('hello'))
 * await kept.release()
 */
export interface KeptPeer extends AsyncDisposable, Disposable {
  readonly peerId: PeerId
  /** The peer's status; `Disconnected` where it waits for a slot, or is not known. */
  readonly status: ConnectionStatus
  /** The same: the present one at once, then each other one. Completes on release and on shutdown. */
  readonly status$: Observable<ConnectionStatus>
  /**
   * The messages of every link, one link after the other. What nobody has read yet waits for the first reader, within
   * `maxBufferedBytes` of each link; of the links that are over, that of the last one. Completes on release and on shutdown.
   */
  readonly messages$: Observable<Uint8Array>
  /** The same, one at a time: a reader that falls behind by `maxBufferedBytes` pauses the link. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array>
  /** A connection to look at the present link by, as `manager.get` gives it: it keeps nothing open. Undefined: there is no link. */
  readonly connection: Connection | undefined
  /**
   * Resolves with {@link connection} when there is a link, at once where there is. Rejects with the reason of `signal`, or
   * with a ConnectionError: `ERR_DISCONNECTED` where the peer is kept no longer, `ERR_STOPPED` where the manager ends.
   */
  connected(options?: { readonly signal?: AbortSignal }): Promise<Connection>
  /**
   * Sends one message over the present link, or has it wait for the next one where the option `queue` says so. False:
   * accepted, but it waits, or is above the link's high-water mark; wait for {@link drained}. A message is sent at most
   * once: what a link had taken when it was lost may not have arrived.
   *
   * @throws ConnectionError `ERR_NOT_CONNECTED` without a link, where nothing is queued, the peer is kept no longer, or
   * the handle is released; `ERR_BUFFER_FULL` where the queue is full, or more than `maxSendBufferBytes` would wait on the link; `ERR_FRAME_TOO_LARGE` past
   * the transport's largest frame. Nothing is sent then. A queued message that proves too large for its link is dropped, and `onError` told.
   * @throws TypeError when `data` is not a Uint8Array
   */
  send(data: Uint8Array): boolean
  /**
   * Resolves when there is a link that takes more, and nothing is queued any more; at once where it is so. Rejects with
   * `ERR_NOT_CONNECTED` on release and on shutdown, and where the peer is kept no longer.
   */
  drained(): Promise<void>
  /**
   * Gives the handle back; twice is once. What is queued is dropped, here as on shutdown. With the last handle the peer is
   * kept no longer: its link goes as with {@link Connection.release}, and nothing dials it again. Resolves when that is done.
   */
  release(): Promise<void>
}
