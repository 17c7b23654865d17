/** The demo and its processes agree on who is to play whom, and on what is told between them. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'

/** The schemes of the transports that the demo uses. */
export const SCHEMES = ['tcp', 'ws'] as const
export type Scheme = (typeof SCHEMES)[number]

/** Where the hub listens, with each transport that there is: at least one. */
export type HubAddresses = ReadonlyMap<Scheme, string>

/** What one process plays; given as JSON in its one argument. */
export interface Assignment {
  /** How the peers of this process talk. */
  readonly scheme: Scheme
  /** Where the hub listens for them. */
  readonly hub: string
  /** Peers that call the hub. */
  readonly callers: readonly PeerId[]
  /** Peers that the hub calls. */
  readonly answerers: readonly PeerId[]
}

/** What a process tells when all its peers are there: where the hub reaches those that it calls. */
export interface PeersReady {
  readonly addresses: readonly (readonly [PeerId, string])[]
}

const PROCESS_NAMES = ['amber', 'birch', 'cedar', 'dune', 'ember', 'fjord', 'grove', 'heath'] as const
const PEERS_A_PROCESS = 4

/** Deals peers to as few processes as it takes for one of them to be a loss, and to be borne. The processes take turns in their transport. */
export function deal(peers: number, hub: HubAddresses): ReadonlyMap<string, Assignment> {
  const names = PROCESS_NAMES.slice(0, Math.ceil(peers / PEERS_A_PROCESS))
  const transports = [...hub]
  const dealt = names.map((name, index) => {
    const [scheme, address] = transports[index % transports.length]!
    return [name, { scheme, hub: address, callers: [] as PeerId[], answerers: [] as PeerId[] }] as const
  })
  for (let i = 0; i < peers; i++) {
    const [name, { callers, answerers }] = dealt[i % names.length]!
    const round = Math.floor(i / names.length)
    const role = round % 2 === 0 ? answerers : callers
    role.push(`${name}-${round + 1}`)
  }
  return new Map(dealt)
}
