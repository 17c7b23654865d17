/** The demo and its processes agree on who is to play whom, and on what is told between them. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { createIdentity, identityToPem } from '../../transports/identity.ts'
import type { IdentityAlgorithm } from '../../transports/identity-algorithm.ts'

/** The schemes of the transports that the demo uses. */
export const SCHEMES = ['tls', 'ws', 'tcp'] as const
export type Scheme = (typeof SCHEMES)[number]

/** Where the hub listens, with each transport that there is: at least one. */
export type HubAddresses = ReadonlyMap<Scheme, string>

/** What one process plays; given as JSON in its one argument, which everybody on this machine can read. */
export interface Assignment {
  /** How the peers of this process talk. */
  readonly scheme: Scheme
  /** Where the hub listens for them. */
  readonly hub: string
  /** Peers that call the hub, by name. */
  readonly callers: readonly string[]
  /** Peers that the hub calls, by name. */
  readonly answerers: readonly string[]
}

/** Who plays in a process: how each is called, and by which id the hub knows it. */
export interface Cast {
  readonly assignment: Assignment
  readonly ids: ReadonlyMap<string, PeerId>
  /** The private keys, as PEM, of those that prove who they are; told to the process and to nobody else. */
  readonly keys: Keys
}

/** Private keys by the names of their peers. */
export type Keys = Readonly<Record<string, string>>

/** What a process tells when all its peers are there: where the hub reaches those that it calls. */
export interface PeersReady {
  readonly addresses: readonly (readonly [name: string, address: string])[]
}

const PROCESS_NAMES = ['amber', 'birch', 'cedar', 'dune', 'ember', 'fjord', 'grove', 'heath'] as const
const PEERS_A_PROCESS = 4

/**
 * Deals peers to as few processes as it takes for one of them to be a loss, and to be borne. The processes take turns in
 * their transport.
 *
 * @param algorithm by which those prove who they are that talk over TLS
 */
export function deal(peers: number, hub: HubAddresses, algorithm: IdentityAlgorithm): ReadonlyMap<string, Cast> {
  const names = PROCESS_NAMES.slice(0, Math.ceil(peers / PEERS_A_PROCESS))
  const transports = [...hub]
  const dealt = names.map((name, index) => {
    const [scheme, address] = transports[index % transports.length]!
    return [name, { scheme, hub: address, callers: [] as string[], answerers: [] as string[] }] as const
  })
  for (let i = 0; i < peers; i++) {
    const [name, { callers, answerers }] = dealt[i % names.length]!
    const round = Math.floor(i / names.length)
    const role = round % 2 === 0 ? answerers : callers
    role.push(`${name}-${round + 1}`)
  }
  return new Map(dealt.map(([name, assignment]) => [name, cast(assignment, algorithm)]))
}

/** Over TLS a peer is known by the id of its key, else by its name. */
function cast(assignment: Assignment, algorithm: IdentityAlgorithm): Cast {
  const names = [...assignment.answerers, ...assignment.callers]
  if (assignment.scheme !== 'tls') return { assignment, ids: new Map(names.map((name) => [name, name])), keys: {} }
  const identities = names.map((name) => [name, createIdentity({ algorithm })] as const)
  return {
    assignment,
    ids: new Map(identities.map(([name, { peerId }]) => [name, peerId])),
    keys: Object.fromEntries(identities.map(([name, identity]) => [name, identityToPem(identity)])),
  }
}
