/** Readings of a manager: the points of each gauge and counter, as of when they are collected. */
import { statusOf } from '../../machines/domain/peer-state.ts'
import { askBreaker } from '../../machines/policy/breaker.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { Supervisor } from '../runtime/supervisor/supervisor.ts'
import type { Running } from '../supervisor-logic.ts'
import type { Attributes, Point } from './counts.ts'
import type { HistogramName, InstrumentName } from './instruments.ts'
import type { Tally } from './tally.ts'

/** The name of what is read when it is collected. */
export type ReadName = Exclude<InstrumentName, HistogramName>

/** Kept peers and open breakers, counted peer by peer. */
interface Census {
  readonly keptUp: number
  readonly keptDown: number
  readonly breakersOpen: number
}

/** What the points are read off. */
interface Source {
  readonly metrics: NetworkMetrics
  readonly supervisor: Supervisor
  readonly census: Census
  readonly tally: Tally
}

/** Every point of one manager. O(peers), for the sake of those that are kept. */
export function readPoints({ supervisor, metrics }: Running, tally: Tally): Readonly<Record<ReadName, Iterable<Point>>> {
  return pointsOf({ supervisor, metrics: metrics.current, census: takeCensus(supervisor), tally })
}

/** Counts kept peers and open breakers. */
function takeCensus({ world }: Supervisor): Census {
  const { breaker: policy } = world.settings
  const at = world.now()
  let keptUp = 0
  let keptDown = 0
  let breakersOpen = 0
  for (const { kept, state, breaker } of world.peers.values()) {
    if (kept) {
      if (state !== undefined && statusOf(state) === 'Connected') keptUp++
      else keptDown++
    }
    if (breaker !== undefined && policy !== undefined && askBreaker(breaker, at, policy).kind === 'refuse') breakersOpen++
  }
  return { keptUp, keptDown, breakersOpen }
}

function pointsOf({ metrics, supervisor, census, tally }: Source): Readonly<Record<ReadName, Iterable<Point>>> {
  const { byStatus, pool, totals } = metrics
  const { world, door, waiters, reconnects } = supervisor
  const { admission } = world.settings
  return {
    'qudag.connection.info': by('qudag.connection.admission', { [typeof admission === 'function' ? 'rule' : admission]: 1 }),
    'qudag.connection.accepting': one(supervisor.isAccepting ? 1 : 0),
    'qudag.connection.count': by('qudag.connection.state', {
      used: metrics.connections,
      idle: metrics.pooled,
      connecting: metrics.dialing,
      closing: metrics.closing,
    }),
    'qudag.connection.max': one(metrics.limit),
    'qudag.connection.idle.max': one(pool.capacity),
    'qudag.connection.inbound.used': one(door.seats.held),
    'qudag.connection.inbound.max': one(door.ceiling),
    'qudag.connection.pending_requests': by('qudag.connection.wait', {
      slot: waiters.size,
      dial: world.turns.waiting,
      reconnect: reconnects.waiting,
      gate: door.gate.waiting,
    }),
    'qudag.connection.peers': by('qudag.connection.status', byStatus),
    'qudag.connection.breakers.open': one(census.breakersOpen),
    'qudag.connection.kept.peers': by('qudag.connection.up', { true: census.keptUp, false: census.keptDown }),
    'qudag.connection.attempts': tally.attempts,
    'qudag.connection.accepted': one(metrics.inbound.accepted),
    'qudag.connection.rejected': [
      ...by('qudag.connection.reason', door.refusals, { 'qudag.connection.direction': 'inbound' }),
      ...tally.refusals,
    ],
    'qudag.connection.disconnections': tally.disconnections,
    'qudag.connection.pool.requests': by('qudag.connection.pool.result', { hit: pool.hits, miss: pool.misses }),
    'qudag.connection.timeouts': one(tally.timeouts),
    'qudag.connection.io': by('network.io.direction', { receive: totals.bytes.in, transmit: totals.bytes.out }),
    'qudag.connection.messages': by('network.io.direction', { receive: totals.messages.in, transmit: totals.messages.out }),
  }
}

function one(value: number): readonly Point[] {
  return [{ attributes: {}, value }]
}

function by(name: string, values: Readonly<Record<string, number>>, others: Attributes = {}): readonly Point[] {
  return Object.entries(values).map(([word, value]) => ({ attributes: { ...others, [name]: word }, value }))
}
