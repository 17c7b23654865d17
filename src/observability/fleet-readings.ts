/** Readings of a fleet's node: its labels, and the points of each of its instruments. */
import type { FleetExplanation, FleetState } from '../runtime/options/fleet-gate.ts'
import type { World } from '../runtime/world/world.ts'
import type { Attributes, Point } from './counts.ts'
import type { FleetInstrumentName } from './fleet-instruments.ts'

/** Each state, so that none is left standing at its last value. */
const STATES: Readonly<Record<FleetState, 0>> = { joining: 0, joined: 0, 'store away': 0, lost: 0, unfenced: 0, left: 0 }

const NO_READINGS: Readonly<Record<FleetInstrumentName, readonly Point[]>> = {
  'qudag.fleet.state': [],
  'qudag.fleet.lease': [],
  'qudag.fleet.nodes': [],
  'qudag.fleet.limit': [],
  'qudag.fleet.permits.granted': [],
  'qudag.fleet.permits.held': [],
  'qudag.fleet.owned': [],
  'qudag.fleet.taking_over': [],
  'qudag.fleet.handed_over': [],
}

/** What all that is measured of a manager is told apart by from the other nodes of its fleet; nothing where it has none. */
export function nodeLabels({ settings }: World): Attributes {
  if (settings.fleet === undefined) return {}
  const { fleet, node } = settings.fleet.explainNode()
  return { fleet, node }
}

/** Every point of a node; none where a manager has no fleet. */
export function readNode(world: World): Readonly<Record<FleetInstrumentName, readonly Point[]>> {
  const now = world.settings.fleet?.explainNode()
  return now === undefined ? NO_READINGS : pointsOf(now, world.instant(world.now()))
}

function pointsOf(now: FleetExplanation, at: number): Readonly<Record<FleetInstrumentName, readonly Point[]>> {
  const { state, leaseUntil = at, nodes, permits, owned, takingOver, handedOver } = now
  const states = Object.entries({ ...STATES, [state]: 1 })
  return {
    'qudag.fleet.state': states.map(([word, value]) => ({ attributes: { 'qudag.fleet.state': word }, value })),
    'qudag.fleet.lease': one(Math.max(0, leaseUntil - at) / 1_000),
    'qudag.fleet.nodes': one(nodes),
    'qudag.fleet.limit': one(permits.limit),
    'qudag.fleet.permits.granted': one(permits.granted),
    'qudag.fleet.permits.held': one(permits.held),
    'qudag.fleet.owned': one(owned),
    'qudag.fleet.taking_over': one(takingOver),
    'qudag.fleet.handed_over': one(handedOver),
  }
}

function one(value: number): readonly Point[] {
  return [{ attributes: {}, value }]
}
