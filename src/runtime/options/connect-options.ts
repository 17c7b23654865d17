/** The options of `connect`: how a caller connects. */

/** How a caller connects. @since 0.1.0 */
export interface ConnectOptions {
  /** Aborts this call alone, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Of the connects that wait, for a slot or for their turn, the higher goes first. @default 0 */
  readonly priority?: number
  /**
   * Keeps the peer connected until it is disconnected: it is dialled again whenever it is lost. Where there is no slot for
   * it now, or its breaker is open, this call rejects, and the peer is dialled as soon as it may be. @default false
   */
  readonly keep?: boolean
  /** With `keep`: the process runs on for as long as the peer is kept, though its link is lost. @default false, or the option `keepAlive` */
  readonly keepAlive?: boolean
  /** More addresses of the peer, tried after those that resolve it; they stay with it for as long as it is known. @default none */
  readonly addresses?: readonly (string | URL)[]
}
