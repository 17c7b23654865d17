/** The table of instruments of a fleet's node: what is measured of a manager beside the others, where it has a fleet. */
import type { Instrument } from './instruments.ts'

/** Every instrument of a node. */
export const FLEET_INSTRUMENTS = [
  {
    name: 'qudag.fleet.state',
    kind: 'gauge',
    unit: '{node}',
    attributes: ['qudag.fleet.state'],
    about: 'How the node stands in its fleet: 1 for the state that it is in, 0 for every other.',
    wrong:
      '`store away`: bring the store back before the lease ends. `lost`, `unfenced`: it was not back in time, see the runbook of the fleet.',
  },
  {
    name: 'qudag.fleet.lease',
    kind: 'gauge',
    unit: 's',
    attributes: [],
    about: 'How long the node’s lease runs on unless it is renewed; 0 where it has none.',
    wrong: 'Below half of `leaseMs`: the store is away or slow, or the process stalls.',
  },
  {
    name: 'qudag.fleet.nodes',
    kind: 'gauge',
    unit: '{node}',
    attributes: [],
    about: 'Living nodes that this one knows of, itself included.',
    wrong: 'Not the same on every node for long: a node does not hear from the store.',
  },
  {
    name: 'qudag.fleet.limit',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'The most links of the whole fleet.',
    wrong: 'Not the same on every node: the nodes were not all restarted with the new limit.',
  },
  {
    name: 'qudag.fleet.permits.granted',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'Links that this node may hold now. Over all nodes, never more than the limit.',
    wrong: 'Far above what is held while other nodes are refused: `block` is too large for so many nodes.',
  },
  {
    name: 'qudag.fleet.permits.held',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'Links that this node holds, each on a permit.',
    wrong: 'Over all nodes near the limit: raise it, or release connections sooner.',
  },
  {
    name: 'qudag.fleet.owned',
    kind: 'gauge',
    unit: '{peer}',
    attributes: [],
    about: 'Peers that this node owns.',
    wrong: 'Far more than on the others: connects reach one node only.',
  },
  {
    name: 'qudag.fleet.taking_over',
    kind: 'gauge',
    unit: '{peer}',
    attributes: [],
    about: 'Kept peers of nodes that are gone, which this node is about to take over.',
    wrong: 'Falling slowly: raise `takeoverPerSecond` where the peers and the network bear it.',
  },
  {
    name: 'qudag.fleet.handed_over',
    kind: 'counter',
    unit: '{peer}',
    attributes: [],
    about: 'Peers that this node held and that another node has taken with a higher fence.',
    wrong: 'Growing all the time: two nodes want the same peers, or peers go to and fro between nodes.',
  },
] as const satisfies readonly Instrument[]

/** The name of an instrument of a node. */
export type FleetInstrumentName = (typeof FLEET_INSTRUMENTS)[number]['name']
