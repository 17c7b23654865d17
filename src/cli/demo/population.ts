/** Every process of peers is known from its first to its last moment. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { deal, type HubAddresses, type PeersReady } from './assignment.ts'
import { PeerHost } from './peer-host.ts'

/** The peers, in their processes. */
export class Population {
  readonly peers: number
  readonly hosts: readonly PeerHost[]

  /** @param hub where the hub listens */
  constructor(peers: number, hub: HubAddresses) {
    this.peers = peers
    this.hosts = Array.from(deal(peers, hub), ([name, assignment]) => new PeerHost(name, assignment))
  }

  /**
   * Starts every process; resolves when all peers are there, or the signal is aborted. Rejects when one cannot be started.
   *
   * @param ready is told where peers are, as soon as they are there
   */
  async start(signal: AbortSignal, ready: (addresses: PeersReady['addresses']) => void): Promise<void> {
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
