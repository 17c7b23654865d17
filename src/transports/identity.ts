/** An identity: a private key, the id that its public key hashes to, and a certificate whose only meaning is that key. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { algorithmOf, IDENTITY_ALGORITHMS, type IdentityAlgorithm, idOfKey } from './identity-algorithm.ts'
import { bitString, explicit, generalizedTime, integer, objectIdentifier, sequence, setOf, utf8 } from './identity-der.ts'

/**
 * Who a peer is: whoever has its private key. Make one with {@link createIdentity}, `loadIdentity` or {@link identityFromPem}.
 * The key is never shown: as JSON, in a log and in an inspector it is its id and its algorithm.
 * @since 0.2.0
 */
export interface Identity {
  /** The SHA-256 of the public key (SubjectPublicKeyInfo) in lower-case base32 without padding: 52 characters. */
  readonly peerId: PeerId
  readonly algorithm: IdentityAlgorithm
  /** The self-signed certificate, as PEM. No secret. */
  readonly certificate: string
  /** The id and the algorithm, and nothing of the key. */
  toJSON(): { readonly peerId: PeerId; readonly algorithm: IdentityAlgorithm }
}

/** What can be said of a new identity. @since 0.2.0 */
export interface CreateIdentityOptions {
  /**
   * How it proves who it is. `ml-dsa-65` needs Node 24.7 or newer at both ends.
   * @default 'ed25519'
   */
  readonly algorithm?: IdentityAlgorithm
}

/** Good long before it was made: a clock that is wrong by years refuses nobody. */
const NOT_BEFORE = new Date('2000-01-01T00:00:00Z')
/** No end (RFC 5280, 4.1.2.5): an identity ends when nobody wants it any more. */
const NOT_AFTER = new Date('9999-12-31T23:59:59Z')

const COMMON_NAME = '2.5.4.3'
const SIGNATURE: Readonly<Record<IdentityAlgorithm, string>> = {
  ed25519: '1.3.101.112',
  p256: '1.2.840.10045.4.3.2',
  'ml-dsa-65': '2.16.840.1.101.3.4.3.18',
}

class KeyIdentity implements Identity {
  readonly peerId: PeerId
  readonly algorithm: IdentityAlgorithm
  readonly certificate: string
  readonly #key: KeyObject

  constructor(key: KeyObject, algorithm: IdentityAlgorithm) {
    const publicKey = createPublicKey(key)
    this.#key = key
    this.algorithm = algorithm
    this.peerId = idOfKey(publicKey)
    this.certificate = certify(key, publicKey, algorithm, this.peerId)
  }

  static keyOf(identity: Identity): string | undefined {
    if (!(identity instanceof KeyIdentity)) return undefined
    return identity.#key.export({ type: 'pkcs8', format: 'pem' }) as string
  }

  toJSON(): { readonly peerId: PeerId; readonly algorithm: IdentityAlgorithm } {
    return { peerId: this.peerId, algorithm: this.algorithm }
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Identity(${this.algorithm} ${this.peerId})`
  }
}

/**
 * Makes a new identity.
 *
 * @throws TypeError that names the option, or says that this Node does not know the algorithm
 * @since 0.2.0
 */
export function createIdentity({ algorithm = 'ed25519' }: CreateIdentityOptions = {}): Identity {
  if (!IDENTITY_ALGORITHMS.includes(algorithm))
    throw new TypeError(`algorithm must be one of ${IDENTITY_ALGORITHMS.join(', ')}, got ${algorithm}`)
  return new KeyIdentity(generate(algorithm), algorithm)
}

/**
 * The identity whose private key a PEM text holds (PKCS #8, without a password).
 *
 * @throws TypeError where it holds none, or one of an algorithm that is no identity's; what the text says is not shown
 * @since 0.2.0
 */
export function identityFromPem(pem: string): Identity {
  let key: KeyObject
  try {
    key = createPrivateKey(pem)
  } catch {
    // The platform's own words may show what is in the text.
    throw new TypeError(`the PEM holds no private key that can be read here without a password; ${HINT}`)
  }
  const algorithm = algorithmOf(key)
  if (algorithm === undefined)
    throw new TypeError(
      `an identity is one of ${IDENTITY_ALGORITHMS.join(', ')}; this key is ${key.asymmetricKeyType ?? 'another'}; ${HINT}`,
    )
  return new KeyIdentity(key, algorithm)
}

/** The private key of an identity as PEM (PKCS #8): a secret, to be kept as one. @throws TypeError where it is no identity of ours @since 0.2.0 */
export function identityToPem(identity: Identity): string {
  const pem = KeyIdentity.keyOf(identity)
  if (pem === undefined) throw new TypeError('identity must be one of createIdentity, identityFromPem or loadIdentity')
  return pem
}

const HINT = `an ml-dsa-65 key needs Node 24.7 or newer, this is ${process.version}`

function generate(algorithm: IdentityAlgorithm): KeyObject {
  if (algorithm === 'p256') return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519').privateKey
  try {
    return (generateKeyPairSync as unknown as (type: string) => { readonly privateKey: KeyObject })(algorithm).privateKey
  } catch (error) {
    throw new TypeError(`the algorithm ${algorithm} needs Node 24.7 or newer, this is ${process.version}; ed25519 works here`, {
      cause: error,
    })
  }
}

/** A certificate that its own key has signed (RFC 5280; RFC 8410, RFC 5758 and RFC 9881 for the algorithms). */
function certify(key: KeyObject, publicKey: KeyObject, algorithm: IdentityAlgorithm, peerId: PeerId): string {
  const signedBy = sequence(objectIdentifier(SIGNATURE[algorithm]))
  const name = sequence(setOf(sequence(objectIdentifier(COMMON_NAME), utf8(peerId))))
  const signed = sequence(
    // Version 3 is written as 2.
    explicit(0, integer(Uint8Array.of(2))),
    integer(randomBytes(16)),
    signedBy,
    name,
    sequence(generalizedTime(NOT_BEFORE), generalizedTime(NOT_AFTER)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign(algorithm === 'p256' ? 'sha256' : null, signed, key)
  const lines = sequence(signed, signedBy, bitString(signature))
    .toString('base64')
    .replace(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
