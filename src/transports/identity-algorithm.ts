/** The algorithms of identities: how each is called by the platform, in a certificate, and where it can be used. */
import { createHash, type KeyObject } from 'node:crypto'
import type { PeerId } from '../../machines/domain/peer-id.ts'

/**
 * How a peer proves who it is. `ed25519`: everywhere in Node. `p256`: for runtimes that cannot verify Ed25519 in TLS.
 * `ml-dsa-65` (FIPS 204): safe against quantum computers; Node 24.7 or newer, at both ends.
 * @since 0.2.0
 */
export type IdentityAlgorithm = 'ed25519' | 'p256' | 'ml-dsa-65'

/** Every algorithm. */
export const IDENTITY_ALGORITHMS: readonly IdentityAlgorithm[] = ['ed25519', 'p256', 'ml-dsa-65']

/** Whether a quantum computer cannot forge it, as far as is known. */
export function isPostQuantumIdentity(algorithm: IdentityAlgorithm): boolean {
  return algorithm === 'ml-dsa-65'
}

/** The algorithm of a key, public or private; undefined: none of ours. */
export function algorithmOf(key: KeyObject): IdentityAlgorithm | undefined {
  // Older types do not know the newest kinds of key.
  const type: string | undefined = key.asymmetricKeyType
  if (type === 'ec') return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'p256' : undefined
  return IDENTITY_ALGORITHMS.find((algorithm) => algorithm !== 'p256' && algorithm === type)
}

/** RFC 4648, in lower case: it stands in a DNS label and in a URL as it is. */
const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567'

/** How long an id is: 32 bytes in base32 without padding. */
const ID = /^[a-z2-7]{51}[aq]$/

/** The id of a public key: the SHA-256 of its SubjectPublicKeyInfo, in lower-case base32 without padding, 52 characters. */
export function idOfKey(publicKey: KeyObject): PeerId {
  const digest = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
  let text = ''
  let bits = 0
  let held = 0
  for (const byte of digest) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += BASE32[(held >>> (bits - 5)) & 31]
    held &= (1 << bits) - 1
  }
  return text + BASE32[(held << (5 - bits)) & 31]
}

/** Whether a text has the form of such an id. */
export function isIdentityId(text: string): boolean {
  return ID.test(text)
}
