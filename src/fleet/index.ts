/** A fleet: many processes that share one limit and hold each peer once. Here are a node of it, its store in memory and what a store is. */
export { fleet, type Fleet } from './fleet.ts'
export type { FleetMetricsView } from './fleet-metrics.ts'
export type { FleetOptions } from './fleet-options.ts'
export type { FleetNode } from '../runtime/options/fleet-gate.ts'
export type { PeerOwner } from './owned.ts'
export { type MemoryStore, memoryStore, type MemoryStoreOptions } from './stores/memory-store.ts'
export type { FleetStore, StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from './store.ts'
