/** A hub over links in memory moves until it is stopped, and what it was at each move is known. */
import { ConnectionManager, type NetworkMetrics } from 'qudag-connections'
import { inspectionOf } from 'qudag-connections/inspect'
import { memory, MemoryNetwork } from 'qudag-connections/transports/memory'
import { firstValueFrom, skip } from 'rxjs'
import { onTestFinished } from 'vitest'

/** A hub, and others that it can reach as `memory://<id>`. */
export interface Hub {
  readonly manager: ConnectionManager
  /** Has a peer listen; the result ends it without a word to its links. */
  serve(peerId: string): Promise<() => Promise<unknown>>
}

/** Makes a hub that is gone when the test is over. */
export function useHub(maxConnections = 12): Hub {
  const network = new MemoryNetwork()
  const manager = new ConnectionManager(maxConnections, {
    transport: memory({ network, localPeerId: 'hub' }),
    resolve: (peerId) => `memory://${peerId}`,
    poolTimeoutMs: 200,
    metrics: { sampleMs: 50 },
  })
  onTestFinished(async () => void (await manager.shutdown()))
  return {
    manager,
    async serve(peerId) {
      const peer = new ConnectionManager(8, { transport: memory({ network, localPeerId: peerId }) })
      onTestFinished(async () => void (await peer.shutdown()))
      await peer.listen(`memory://${peerId}`)
      return () => peer.shutdown()
    },
  }
}

/** Connects, releases and fails peers without an end, from one sample of the metrics to the next, until the test is over. */
export function churn({ manager }: Hub, peerIds: readonly string[]): void {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const live = async (peerId: string, turn: number): Promise<void> => {
    while (!over.signal.aborted) {
      const connection = await manager.connect(peerId).catch(() => undefined)
      await firstValueFrom(manager.metrics$.pipe(skip(1)), { defaultValue: undefined })
      await (turn % 3 === 0 ? manager.disconnect(peerId, { pool: false }) : connection?.release())
    }
  }
  for (const [turn, peerId] of peerIds.entries()) void live(peerId, turn)
}

/** What `getMetrics()` says as of each move; of moves that are told together, the last one's is kept right. */
export function recordMetrics({ manager }: Hub): ReadonlyMap<number, NetworkMetrics> {
  const bySeq = new Map<number, NetworkMetrics>()
  const subscription = inspectionOf(manager).moves$.subscribe(({ seq }) => bySeq.set(seq, manager.metrics))
  onTestFinished(() => subscription.unsubscribe())
  return bySeq
}
