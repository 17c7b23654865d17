/** A peer id is 1 to 512 characters of well-formed text. */

/** Names a peer: 1 to 512 characters (UTF-16 code units). Where it is a URL, it is also the peer's default address. @since 0.1.0 */
export type PeerId = string

/** The longest peer id that is accepted, in UTF-16 code units. @since 0.1.0 */
export const MAX_PEER_ID_LENGTH = 512

/** What unproven inbound peers are named by: this prefix and their remote address. */
const INBOUND_PREFIX = 'inbound+'

/**
 * Throws unless `value` is a peer id.
 *
 * @throws TypeError when it is not a string
 * @throws RangeError when it is empty, longer than {@link MAX_PEER_ID_LENGTH}, or no well-formed Unicode
 */
export function assertPeerId(value: unknown): asserts value is PeerId {
  if (typeof value !== 'string') {
    throw new TypeError(`peerId must be a string, got ${value === null ? 'null' : typeof value}`)
  }
  if (value.length === 0) throw new RangeError('peerId must not be empty')
  if (!isWellFormed(value)) throw new RangeError('peerId must be well-formed Unicode: it has a lone surrogate')
  if (value.length > MAX_PEER_ID_LENGTH) {
    throw new RangeError(`peerId must be at most ${MAX_PEER_ID_LENGTH} characters, got ${value.length}`)
  }
}

/** A high surrogate without a low one after it, or a low one without a high one before it. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether a text has no lone surrogate, which would become another character on its way over any wire. */
export function isWellFormed(text: string): boolean {
  const { isWellFormed: looks } = text as { readonly isWellFormed?: () => boolean }
  return looks === undefined ? !LONE_SURROGATE.test(text) : looks.call(text)
}

/** The name of an inbound peer that has proven none: it says where the link came from, and nothing more. */
export function unprovenPeerId(remoteAddress: string): PeerId {
  return INBOUND_PREFIX + remoteAddress
}

/** The name of the `n`th link of a proven peer, where each of its links is a peer. */
export function besidePeerId(peerId: PeerId, n: number): PeerId {
  return `${peerId}#${n}`
}

/** Whether a link beside another could be named so: then nobody may prove it, or one peer could pass for another. */
export function isBesideName(peerId: PeerId): boolean {
  return /#\d+$/.test(peerId)
}

/** Whether this names an inbound peer that proved no id, and so cannot be dialled back. */
export function isUnproven(peerId: PeerId): boolean {
  return peerId.startsWith(INBOUND_PREFIX)
}
