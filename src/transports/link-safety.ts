/** The safety of a link in one step of five, and in words for people: encrypted, proven, and safe against quantum computers. */
import type { LinkSecurity } from './transport.ts'

/** 0: open. 1: encrypted (`wss:`). 2: both ends have proven their ids too. 3: what is said now no recording gives away later. 4: nor can a quantum computer pass for the peer. @since 0.2.0 */
export type LinkSafety = 0 | 1 | 2 | 3 | 4

/** Each step in words; none for an open link. */
export const SAFETY_WORDS: readonly [string, string, string, string, string] = [
  '',
  'encrypted',
  'proven, encrypted',
  'proven, encrypted post-quantum',
  'proven and encrypted post-quantum',
]

/** The same in the room of a table; proven ones are encrypted, and PQ is post-quantum. */
export const SAFETY_MARKS: readonly [string, string, string, string, string] = ['', 'encrypted', 'proven', 'proven, PQ key', 'proven, PQ']

/** How safe a link is. @param remoteAddress where the other side is; empty: there is no link */
export function safetyOf(security: LinkSecurity | undefined, remoteAddress: string): LinkSafety {
  if (security === undefined) return remoteAddress.startsWith('wss:') ? 1 : 0
  const { keyAgreement, identity } = security.postQuantum
  if (!keyAgreement) return 2
  return identity ? 4 : 3
}

/** By what a link is secured, for people: `proven by ed25519, encrypted by X25519 (TLSv1.3, TLS_AES_256_GCM_SHA384)`. */
export function securityWords({ protocol, cipher, keyAgreement, identity, postQuantum }: LinkSecurity): string {
  const by = keyAgreement === 'unknown' ? 'a key agreement that this side was not told' : keyAgreement
  return `proven by ${identity}${mark(postQuantum.identity)}; encrypted by ${by}${mark(postQuantum.keyAgreement)} (${protocol}, ${cipher})`
}

function mark(isSafe: boolean): string {
  return isSafe ? ', post-quantum' : ''
}
