/** Watches over a rig: what must hold of its manager at every instant, and what is left of it where nothing is. */
import type { ConnectionStatus } from 'qudag-connections'
import { POOL_MS } from './variant.ts'
import type { Rig } from './rig.ts'

/** What is left where nothing is. */
export const NOTHING_LEFT = {
  timers: 0,
  links: 0,
  held: 0,
  listeners: 0,
  pending: [],
  signals: 0,
  dialSignals: 0,
  completed: ['changes$', 'connections$', 'messages$', 'metrics$', 'status$', 'transitions$'],
}

/** The gauges beside a recount of the registry; undefined where they are the same. */
export function gaugesAreWrong({ manager }: Rig): string | undefined {
  const byStatus: Record<ConnectionStatus, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
  let pooled = 0
  for (const view of manager.peers()) {
    byStatus[view.status]++
    if (view.pooled) pooled++
  }
  const { metrics } = manager
  const recount = { byStatus, connections: byStatus.Connected, dialing: byStatus.Connecting, pooled, size: pooled }
  const gauges = {
    byStatus: { ...byStatus, ...metrics.byStatus },
    connections: metrics.connections,
    dialing: metrics.dialing,
    pooled: metrics.pooled,
    size: metrics.pool.size,
  }
  const [a, b] = [JSON.stringify(gauges), JSON.stringify(recount)]
  return a === b ? undefined : `gauges ${a}, recount ${b}`
}

/** A pooled link that is there although its TTL is over; undefined: none. */
export function heldPastTtl({ manager, clock }: Rig): string | undefined {
  for (const { peerId, pooled, since } of manager.peers()) {
    if (pooled && clock.now() - since >= POOL_MS) return `${peerId} is pooled for ${clock.now() - since} ms`
  }
  return undefined
}
