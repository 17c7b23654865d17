/** Every operation that fails rejects with one class, told apart by a stable code. */

/** Every code that a {@link ConnectionError} can carry, with what it means. @since 0.1.0 */
export type ConnectionErrorCode =
  /** All slots are taken and no pooled link could yield; `limit` and `current` say how many. */
  | 'ERR_MAX_CONNECTIONS'
  /** The dial, all addresses together, took longer than `connectTimeoutMs`. */
  | 'ERR_CONNECT_TIMEOUT'
  /** Every address failed; `cause` is the transport's error, or an AggregateError of several. */
  | 'ERR_DIAL_FAILED'
  /** Nothing resolves this peer id to an address. */
  | 'ERR_NO_ADDRESS'
  /** No transport is configured for the address's scheme. */
  | 'ERR_NO_TRANSPORT'
  /** The transport could not listen at the address; `cause` says why. */
  | 'ERR_LISTEN_FAILED'
  /** The link that this call needs is over. */
  | 'ERR_NOT_CONNECTED'
  /** A connect was overtaken by a disconnect of the same peer. */
  | 'ERR_DISCONNECTED'
  /** The peer's present state does not allow this. */
  | 'ERR_INVALID_TRANSITION'
  /** The manager is shut down, or shutting down. */
  | 'ERR_STOPPED'
  /** The peer failed too often of late; `retryAfterMs` says when it may be tried again. */
  | 'ERR_CIRCUIT_OPEN'
  /** Too many calls wait for a slot. */
  | 'ERR_QUEUE_FULL'
  /** A rule of this manager forbids the peer. */
  | 'ERR_DENIED'
  /** Too many attempts in too short a time. */
  | 'ERR_RATE_LIMITED'
  /** More than `maxSendBufferBytes` would wait to be sent; `limit` and `current` say how many bytes. Nothing was sent: wait for `drained()`. */
  | 'ERR_BUFFER_FULL'
  /** A message is larger than the transport's largest frame. */
  | 'ERR_FRAME_TOO_LARGE'
  /** The other side proved another id than the one that was dialled. */
  | 'ERR_IDENTITY_MISMATCH'
  /** The address leads to this manager itself; such a peer is not dialled again by itself. */
  | 'ERR_SELF_DIAL'
  /** The other side turned the link away; `remoteCode`, `reason` and `retryAfterMs` are what it said. */
  | 'ERR_REJECTED_BY_PEER'
  /** Another node of the fleet owns the peer; `node` names it. */
  | 'ERR_OWNED_ELSEWHERE'
  /** The store of a fleet gave no answer: a write may have been done all the same. `reason` is `deadline`, `unreachable`, `closed` or `refused`. */
  | 'ERR_STORE'

/** What a {@link ConnectionError} knows beside its code and its message. @since 0.1.0 */
export interface ConnectionErrorDetails {
  /** The error underneath, where there is one. */
  readonly cause?: unknown
  readonly peerId?: string
  /** The address that was tried last. */
  readonly address?: string
  /** How many addresses were dialled. */
  readonly attempts?: number
  /** With `ERR_MAX_CONNECTIONS`: the limit, in links; with `ERR_BUFFER_FULL`: `maxSendBufferBytes`. */
  readonly limit?: number
  /** With `ERR_MAX_CONNECTIONS`: the links held when it was refused; with `ERR_BUFFER_FULL`: the bytes that wait. */
  readonly current?: number
  /** Why it was refused, in a word or two: `eviction-exhausted`, for one. */
  readonly reason?: string
  /** With `eviction-exhausted`: what the peer is worth. */
  readonly score?: number
  /** With `eviction-exhausted`: the least that any of those is worth who may have to yield; left out: nobody may. */
  readonly lowestScore?: number
  /** With `ERR_CIRCUIT_OPEN`: milliseconds until the next attempt is allowed; with `ERR_REJECTED_BY_PEER`: as the other side said. */
  readonly retryAfterMs?: number
  /** With `ERR_REJECTED_BY_PEER`: the code that the other side gave, one of these or one of a later version. */
  readonly remoteCode?: string
  /** With `ERR_OWNED_ELSEWHERE`: the node that owns the peer, by name. */
  readonly node?: string
}

const BRAND = Symbol.for('qudag-connections.ConnectionError')

/** What every failed operation rejects with. Its message says what to do about it. @since 0.1.0 */
export class ConnectionError extends Error implements ConnectionErrorDetails {
  override readonly name = 'ConnectionError'
  readonly code: ConnectionErrorCode
  declare readonly peerId?: string
  declare readonly address?: string
  declare readonly attempts?: number
  declare readonly limit?: number
  declare readonly current?: number
  declare readonly reason?: string
  declare readonly score?: number
  declare readonly lowestScore?: number
  declare readonly retryAfterMs?: number
  declare readonly remoteCode?: string
  declare readonly node?: string

  constructor(code: ConnectionErrorCode, message: string, details: ConnectionErrorDetails = {}) {
    const { cause, ...rest } = details
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    Object.assign(this, rest)
  }

  /** True on every copy of this class, whichever copy of the package made it. */
  get [BRAND](): true {
    return true
  }

  /** Whether `value` is a ConnectionError of this or any other copy of the package. */
  static is(value: unknown): value is ConnectionError {
    return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true
  }
}
