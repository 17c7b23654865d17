/** Every process of peers is known from its first to its last moment. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { IdentityAlgorithm } from '../../transports/identity-algorithm.ts'
import { deal, type HubAddresses } from './assignment.ts'
import { PeerHost } from './peer-host.ts'

/** The peers, in their processes. */
export class Population {
  readonly peers: number
  readonly hosts: readonly PeerHost[]

  /** @param hub where the hub listens; @param algorithm by which peers prove who they are, where they do */
  constructor(peers: number, hub: HubAddresses, algorithm: IdentityAlgorithm) {
    this.peers = peers
    this.hosts = Array.from(deal(peers, hub, algorithm), ([name, cast]) => new PeerHost(name, cast))
  }

  /**
   * Starts every process; resolves when all peers are there, or the signal is aborted. Rejects when one cannot be started.
   *
   * @param ready is told where peers are, as soon as they are there
   */
  async start(signal: AbortSignal, ready: (addresses: readonly (readonly [PeerId, string])[]) => void): Promise<void> {
    await Promise.all(this.hosts.map(async (host) => ready(await host.start(signal))))
  }

  /** Kills the process whose peers weigh most; of equal ones any. */
  crash(weightOf: (peerId: PeerId) => number): void {
    const weighed = this.hosts
      .filter(({ isRunning }) => isRunning)
      .map((host) => ({ host, weight: host.peers.reduce((sum, peerId) => sum + weightOf(peerId), Math.random()) }))
    weighed.toSorted((a, b) => b.weight - a.weight)[0]?.host.kill()
  }

  /** Ends every process; resolves when they are gone. */
  async end(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.end()))
  }
}
