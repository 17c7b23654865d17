/** The proof of a TLS connection: who the other side is follows from its key alone, and anything less is a fault with a name. */
import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { algorithmOf, type IdentityAlgorithm, idOfKey, isPostQuantumIdentity } from './identity-algorithm.ts'
import type { StreamProof } from './stream-proof.ts'
import { type IdentitySettings, isPostQuantumGroup } from './tls-options.ts'
import type { LinkSecurity } from './transport.ts'

/** Why a TLS connection proves nobody that may go on: a word for a wire, and what is said of it here. */
export class TlsFault extends Error {
  /** A word: `no-certificate`, `post-quantum`, … */
  readonly reason: string
  /** Whether the other side is a peer, which understands a refusal. */
  readonly isPeer: boolean

  constructor(reason: string, message: string, isPeer = true) {
    super(message)
    this.reason = reason
    this.isPeer = isPeer
  }
}

/** What the platform does not tell. */
const UNKNOWN = 'unknown'

/**
 * Reads off an open connection who the other side is. `authorized` is never looked at: it says nothing of a certificate
 * that nobody else has signed, and of a resumed session it says true where there is none.
 *
 * @param isDialed whether this side dialled
 * @param protocol what must have been agreed on as the protocol inside TLS (ALPN); undefined: what comes inside tells
 * @throws TlsFault
 */
export function provenBy(socket: TLSSocket, settings: IdentitySettings, isDialed: boolean, protocol?: string): StreamProof {
  if (protocol !== undefined && socket.alpnProtocol !== protocol)
    throw new TlsFault(
      'not-a-peer',
      `it speaks TLS, but not ${protocol}: ${isDialed ? 'another server listens there' : 'a stranger'}`,
      false,
    )
  const version = socket.getProtocol()
  if (version !== 'TLSv1.3') throw new TlsFault('tls-version', `it speaks ${version ?? 'no version'}, not TLSv1.3`)
  if (socket.isSessionReused()) throw new TlsFault('resumed', 'it resumed a session, which proves nobody anew')
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) throw new TlsFault('no-certificate', 'it showed no certificate: a peer proves who it is by one')
  const { peerId, algorithm } = readCertificate(certificate)
  return new TlsProof(peerId, algorithm, socket, settings, isDialed)
}

/** Who a certificate says it is. What the platform cannot make sense of is a fault of the stranger's, and no error of ours. */
function readCertificate(certificate: X509Certificate): { readonly peerId: PeerId; readonly algorithm: IdentityAlgorithm } {
  try {
    const algorithm = checkCertificate(certificate)
    return { peerId: idOfKey(certificate.publicKey), algorithm }
  } catch (error) {
    if (error instanceof TlsFault) throw error
    throw new TlsFault('certificate-malformed', `its certificate is malformed: ${(error as Error).message}`)
  }
}

/** Its only meaning is its key: that it is in force, and signed by that key, are signs that it was meant so. */
function checkCertificate(certificate: X509Certificate): IdentityAlgorithm {
  const algorithm = algorithmOf(certificate.publicKey)
  if (algorithm === undefined) {
    const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details } = certificate.publicKey
    throw new TlsFault('certificate-key', `its certificate has a key of another type, ${details?.namedCurve ?? type}`)
  }
  const now = Date.now()
  if (!(Date.parse(certificate.validFrom) <= now))
    throw new TlsFault('certificate-early', `its certificate begins at ${certificate.validFrom}`)
  if (!(Date.parse(certificate.validTo) >= now))
    throw new TlsFault('certificate-expired', `its certificate ended at ${certificate.validTo}`)
  if (!isSelfSigned(certificate)) throw new TlsFault('certificate-signature', 'its certificate is not signed by its own key')
  return algorithm
}

function isSelfSigned(certificate: X509Certificate): boolean {
  try {
    return certificate.verify(certificate.publicKey)
  } catch {
    return false
  }
}

class TlsProof implements StreamProof {
  readonly peerId: PeerId
  readonly #identity: IdentityAlgorithm
  readonly #protocol: string
  readonly #cipher: string
  readonly #groups: readonly string[]
  /** A listener is not told what was agreed on, unless there was only one: then it hears it from the dialer. */
  #keyAgreement: string

  constructor(
    peerId: PeerId,
    identity: IdentityAlgorithm,
    socket: TLSSocket,
    { groups, requirePostQuantum }: IdentitySettings,
    isDialed: boolean,
  ) {
    this.peerId = peerId
    this.#identity = identity
    this.#protocol = socket.getProtocol() ?? UNKNOWN
    this.#cipher = socket.getCipher().standardName
    this.#groups = groups
    this.#keyAgreement = isDialed ? groupOf(socket) : groups.length === 1 ? (groups[0] ?? UNKNOWN) : UNKNOWN
    if (!requirePostQuantum) return
    if (!isPostQuantumGroup(this.#keyAgreement))
      throw new TlsFault('post-quantum', `requirePostQuantum: its key agreement is ${this.#keyAgreement}, which a quantum computer breaks`)
    if (!isPostQuantumIdentity(identity))
      throw new TlsFault('post-quantum', `requirePostQuantum: its identity is ${identity}, which a quantum computer forges`)
  }

  get security(): LinkSecurity {
    const keyAgreement = this.#keyAgreement
    return Object.freeze({
      protocol: this.#protocol,
      cipher: this.#cipher,
      keyAgreement,
      identity: this.#identity,
      postQuantum: Object.freeze({ keyAgreement: isPostQuantumGroup(keyAgreement), identity: isPostQuantumIdentity(this.#identity) }),
      resumed: false,
    })
  }

  get hello(): string {
    return JSON.stringify({ keyAgreement: this.#keyAgreement })
  }

  /** The word of a proven peer, for show: what must be so is enforced by what is offered. */
  heard(hello: string): void {
    if (this.#keyAgreement !== UNKNOWN) return
    const said = saidIn(hello)
    if (typeof said === 'string' && this.#groups.includes(said)) this.#keyAgreement = said
  }
}

function saidIn(hello: string): unknown {
  try {
    return (JSON.parse(hello) as { readonly keyAgreement?: unknown } | null)?.keyAgreement
  } catch {
    return undefined
  }
}

/** Only who dialled is told. */
function groupOf(socket: TLSSocket): string {
  const { name } = (socket.getEphemeralKeyInfo() ?? {}) as { readonly name?: unknown }
  return typeof name === 'string' ? name : UNKNOWN
}
