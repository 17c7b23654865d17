/** A peer has exactly one of four statuses, and every status is one of these. */

/** The four statuses of a peer, each named by its own key. @since 0.1.0 */
export const ConnectionStatus = {
  /** A slot is taken; the peer waits for its turn to be dialled, or is being dialled. */
  Connecting: 'Connecting',
  /** A link is open and in use. */
  Connected: 'Connected',
  /** Not in use: pooled, closing, or closed. */
  Disconnected: 'Disconnected',
  /** The last dial or the last link failed; `failure` says why. */
  Failed: 'Failed',
} as const

/** One of the four statuses of a peer. @since 0.1.0 */
export type ConnectionStatus = (typeof ConnectionStatus)[keyof typeof ConnectionStatus]

/** Throws a TypeError unless `value` is one of the four statuses. */
export function assertStatus(value: unknown): asserts value is ConnectionStatus {
  if (typeof value !== 'string' || !Object.hasOwn(ConnectionStatus, value)) {
    throw new TypeError(
      `status must be one of ${Object.keys(ConnectionStatus).join(', ')}, got ${typeof value === 'string' ? `'${value}'` : typeof value}`,
    )
  }
}
