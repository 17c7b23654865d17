/** The addresses of a peer, as its name is resolved, and what a dial is told of where they lead. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { AccessRules } from '../../../machines/policy/access.ts'
import type { Transport } from '../../transports/transport.ts'
import type { FleetGate } from './fleet-gate.ts'
import type { AsyncContexts } from '../callbacks/async-context.ts'

/** The addresses of a peer, best first. @since 0.1.0 */
export type Resolved = string | URL | readonly (string | URL)[]

/** What a dial needs to know. */
export interface DialSettings {
  readonly transports: ReadonlyMap<string, Transport>
  readonly resolve: (peerId: PeerId) => Resolved | Promise<Resolved>
  readonly connectTimeoutMs: number
  /** How long one address is tried before the next one is tried beside it, in milliseconds. */
  readonly staggerMs: number
  /** Whom not to dial, by whatever name. */
  readonly door: { readonly access: AccessRules }
  readonly contexts: AsyncContexts | undefined
  /** The fleet that is asked before a dial; undefined: none. */
  readonly fleet: FleetGate | undefined
}

/** The peer id itself, where it is a URL. */
export function resolveByName(peerId: PeerId): Resolved {
  return URL.canParse(peerId) ? peerId : []
}
