/** The suite that every store of a fleet passes, for whoever writes another engine. */
export { type FleetStoreSetup, type OpenStores, type StoreTestFramework, testFleetStore } from './test-fleet-store.ts'
