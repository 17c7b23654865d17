/** A fleet: many processes that share one limit and hold each peer once. Here are its store in memory and what a store is. */
export { type MemoryStore, memoryStore, type MemoryStoreOptions } from './stores/memory-store.ts'
export type { FleetStore, StoreChange, StoreCondition, StoreEntry, StoreEvent, StoreWrite } from './store.ts'
