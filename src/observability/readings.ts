/** Readings of a manager: the points of each gauge and counter, as of when they are collected. */
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { Supervisor } from '../runtime/supervisor/supervisor.ts'
import type { Running } from '../supervisor-logic.ts'
import { takeCensus, type Census } from './census.ts'
import type { Attributes, Point } from './counts.ts'
import type { FleetInstrumentName } from './fleet-instruments.ts'
import { readNode } from './fleet-readings.ts'
import type { HistogramName, InstrumentName } from './instruments.ts'
import type { Tally } from './tally.ts'

/** The name of what is read when it is collected. */
export type ReadName = Exclude<InstrumentName, HistogramName> | FleetInstrumentName

/** What the points are read off. */
interface Source {
  readonly metrics: NetworkMetrics
  readonly supervisor: Supervisor
  readonly census: Census
  readonly tally: Tally
}

/** Every point of one manager. O(peers): each is looked at once. */
export function readPoints({ supervisor, metrics }: Running, tally: Tally): Readonly<Record<ReadName, Iterable<Point>>> {
  return pointsOf({ supervisor, metrics: metrics.current, census: takeCensus(supervisor.world, tally), tally })
}

function pointsOf({ metrics, supervisor, census, tally }: Source): Readonly<Record<ReadName, Iterable<Point>>> {
  const { byStatus, pool, totals } = metrics
  const { world, door, waiters, reconnects } = supervisor
  const { admission } = world.settings
  return {
    ...readNode(world),
    'qudag.connection.info': by('qudag.connection.admission', { [typeof admission === 'function' ? 'rule' : admission]: 1 }),
    'qudag.connection.accepting': one(supervisor.isAccepting ? 1 : 0),
    'qudag.connection.count': (['used', 'idle', 'closing', 'connecting'] as const).flatMap((state) =>
      by('qudag.connection.direction', census.links[state], { 'qudag.connection.state': state }),
    ),
    'qudag.connection.ages': by('qudag.connection.age', census.ages),
    'qudag.connection.oldest': one(census.oldestMs / 1_000),
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
