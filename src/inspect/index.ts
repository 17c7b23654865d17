/** Watching a manager at almost no cost: the latest state of every peer and the flows along the machines, for whoever reads. */
export type { Clock } from '../clock.ts'
export { FORGOTTEN, type Changes, type LoggedMove, type SlotFacts } from './changes.ts'
export { ShownIds } from './shown-ids.ts'
export { Collector, type CollectorOptions, type Reader } from './collector.ts'
export { inspectionOf } from './manager-inspection.ts'
export { peerOutline, supervisorOutline } from './outline.ts'
export type { Outline, OutlineEdge, OutlineNode, OutlineTransition } from './outline.ts'
export type { FleetStanding, InspectionSource, PeerFacts, PeerInside, Step, SupervisorListener } from './source.ts'
