/** The options of `tls()`: they are checked once, and what this platform cannot do is said before anything is dialled. */
import { constants } from 'node:crypto'
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import { type Identity, identityToPem } from './identity.ts'
import { isIdentityId, isPostQuantumIdentity } from './identity-algorithm.ts'
import { checkTcp, TCP_OPTIONS, type TcpOptions, type TcpSettings } from './tcp-options.ts'

/** Who we are, and who may be at the other end: what `tls()` and a `websocket()` whose ends prove their ids share. @since 0.2.0 */
export interface IdentityOptions {
  /** Who we are: its key proves it to every other side. Of `createIdentity`, `loadIdentity` or `identityFromPem`. */
  readonly identity: Identity
  /**
   * Whether a link must be safe against quantum computers: a hybrid key agreement, and an `ml-dsa-65` identity at both ends.
   * Anything less is refused, on either side. Needs Node 24.7 or newer at both ends.
   * @default false
   */
  readonly requirePostQuantum?: boolean
  /**
   * Who may be at the other end, dialled or arriving: a list of ids, or a function that says it of an id. Anybody else is
   * refused once it has proven who it is. A function that throws, or gives no boolean, refuses.
   * @default everybody who proves an id
   */
  readonly allow?: readonly PeerId[] | ((peerId: PeerId) => boolean)
}

/** What can be set of `tls()`. @since 0.2.0 */
export interface TlsOptions extends IdentityOptions, TcpOptions {}

/** Who we are, with every default filled in. */
export interface IdentitySettings {
  readonly identity: Identity
  readonly requirePostQuantum: boolean
  /** How this side speaks, and with which key: not to be shown. */
  readonly secure: SecureContextOptions
  /** The same, read once for all dials. */
  readonly context: SecureContext
  /** What both sides may agree on a key by, the best first. */
  readonly groups: readonly string[]
  /** @throws what the app's function throws */
  isAllowed(peerId: PeerId): boolean
}

/** The options with every default filled in. */
export interface TlsSettings extends IdentitySettings, TcpSettings {}

/** The protocol inside TLS, and its version: that of the framing. */
export const ALPN = 'qudag-connections/2'

/** X25519 and ML-KEM-768 (FIPS 203) together: it holds as long as one of them does. */
const HYBRID = 'X25519MLKEM768'
const CLASSIC = 'X25519'

/** Every one of them. */
export const IDENTITY_OPTIONS = { identity: true, requirePostQuantum: true, allow: true } as const satisfies Known<IdentityOptions>
const KNOWN = { ...TCP_OPTIONS, ...IDENTITY_OPTIONS } as const satisfies Known<TlsOptions>

/** Whether a key agreement is safe against quantum computers, as far as is known. */
export function isPostQuantumGroup(group: string): boolean {
  return group === HYBRID
}

/** Checks the options and fills in the defaults. @throws TypeError or RangeError that names the option */
export function checkTls(options: TlsOptions): TlsSettings {
  assertKnown('', options, KNOWN)
  return { ...checkTcp(options), ...checkIdentity(options) }
}

/** Checks who is at both ends. @throws TypeError or RangeError that names the option */
export function checkIdentity({ identity, requirePostQuantum = false, allow }: IdentityOptions): IdentitySettings {
  if (typeof requirePostQuantum !== 'boolean')
    throw new TypeError(`requirePostQuantum must be true or false, got ${String(requirePostQuantum)}`)
  const key = identityToPem(identity)
  if (requirePostQuantum && !isPostQuantumIdentity(identity.algorithm))
    throw new TypeError(
      `requirePostQuantum needs an identity of ml-dsa-65, this one is ${identity.algorithm}: make one with createIdentity`,
    )
  if (requirePostQuantum && !knowsHybrid())
    throw new TypeError(`requirePostQuantum needs Node 24.7 or newer, whose TLS knows ${HYBRID}; this is ${process.version}`)
  const groups = requirePostQuantum ? [HYBRID] : knowsHybrid() ? [HYBRID, CLASSIC] : [CLASSIC]
  const secure: SecureContextOptions = {
    key,
    cert: identity.certificate,
    minVersion: 'TLSv1.3',
    maxVersion: 'TLSv1.3',
    ecdhCurve: groups.join(':'),
    // A session that is resumed proves nobody anew.
    secureOptions: constants.SSL_OP_NO_TICKET,
  }
  const context = createSecureContext(secure)
  return { identity, requirePostQuantum, secure, context, groups, isAllowed: allowing(allow) }
}

let hybrid: boolean | undefined

function knowsHybrid(): boolean {
  if (hybrid !== undefined) return hybrid
  try {
    createSecureContext({ ecdhCurve: HYBRID })
    hybrid = true
  } catch {
    hybrid = false
  }
  return hybrid
}

function allowing(allow: TlsOptions['allow']): TlsSettings['isAllowed'] {
  if (allow === undefined) return () => true
  if (typeof allow === 'function') {
    return (peerId) => {
      const answer: unknown = allow(peerId)
      if (typeof answer !== 'boolean')
        throw new TypeError(`allow must return true or false, got ${answer === null ? 'null' : typeof answer}`)
      return answer
    }
  }
  if (!Array.isArray(allow)) throw new TypeError('allow must be a list of peer ids, or a function')
  const wrong: unknown = (allow as readonly unknown[]).find((peerId) => typeof peerId !== 'string' || !isIdentityId(peerId))
  if (wrong !== undefined)
    throw new TypeError(
      `allow must hold ids as identity.peerId has them, 52 characters of base32; got ${typeof wrong === 'string' ? `'${wrong}'` : typeof wrong}`,
    )
  const ids: ReadonlySet<string> = new Set(allow)
  return (peerId) => ids.has(peerId)
}
