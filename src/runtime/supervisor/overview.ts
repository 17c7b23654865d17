/** The overview of a supervisor, and what it turned away, in plain data, good in a log. */
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { ArrivalRefusal, RefusedArrival } from '../admission/door.ts'
import type { FleetExplanation } from '../options/fleet-gate.ts'
import type { Supervisor } from './supervisor.ts'
import type { SupervisorSnapshot } from './supervisor-core.ts'

/** How a supervisor stands. Plain data. @since 0.1.0 */
export interface SupervisorExplanation {
  /** Where its machine is: whether it takes new work, drains, closes or has stopped. */
  readonly state: SupervisorSnapshot['value']
  /** The limits in force. */
  readonly limits: Limits
  /** Links that are dialling, Connected, pooled or closing; `pooled` of them wait for reuse. */
  readonly slots: { readonly held: number; readonly pooled: number }
  /** Connects that wait for a slot, how many may, and who is served next. */
  readonly queue: { readonly waiting: number; readonly limit: number; readonly next?: PeerId }
  /** Dials under way, how many may be, and how many wait for their turn. */
  readonly dials: { readonly current: number; readonly limit: number; readonly waiting: number }
  /** Reconnecting dials under way, how many may be, and how many whose pause is over wait for one of them to end. */
  readonly reconnects: { readonly current: number; readonly limit: number; readonly waiting: number }
  /** How this manager stands in its fleet; left out: it is no node of a fleet. */
  readonly fleet?: FleetExplanation
  /** Links that others open. */
  readonly inbound: {
    /** Inbound links that live, and how many may. */
    readonly current: number
    readonly limit: number
    /** Connections that are at their handshake: they have proven nothing yet, and hold no slot. Of transports that count them. */
    readonly handshakes: number
    /** Arriving links that wait for the gate, and how many may. */
    readonly pending: number
    readonly pendingLimit: number
    /** How many arriving links were turned away, by why. */
    readonly refusals: Readonly<Record<ArrivalRefusal, number>>
    /** The latest of them, with its numbers; left out where there was none. */
    readonly lastRefusal?: RefusedArrival
  }
}

/** Explains a supervisor. */
export function explainSupervisor({ state, world, waiters, reconnects, door }: Supervisor): SupervisorExplanation {
  const { limits, slots, pool, turns, settings } = world
  const { next } = waiters
  return {
    state,
    limits: { ...limits },
    slots: { held: slots.held, pooled: pool.size },
    queue: { waiting: waiters.size, limit: settings.maxWaiting, ...(next === undefined ? {} : { next }) },
    dials: { current: turns.dialing, limit: settings.maxDialing, waiting: turns.waiting },
    reconnects: { current: reconnects.dialing, limit: settings.reconnect.concurrency, waiting: reconnects.waiting },
    ...(settings.fleet === undefined ? {} : { fleet: settings.fleet.explainNode() }),
    inbound: {
      current: door.seats.held,
      limit: door.ceiling,
      handshakes: door.handshakes.current,
      pending: door.gate.waiting,
      pendingLimit: settings.door.pendingInbound,
      refusals: { ...door.refusals },
      ...(door.lastRefusal === undefined ? {} : { lastRefusal: door.lastRefusal }),
    },
  }
}
