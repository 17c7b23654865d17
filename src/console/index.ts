/** A manager's state machines, peers and metrics in a browser, as they move. */
export type { ConsoleOptions } from './options.ts'
export type { Redactor } from './redactor.ts'
export { serveConsole, type Console } from './serve-console.ts'
export { replaySource, type ReplaySource, type ReplaySourceOptions } from './replay-source.ts'
export { managerSource, type ConsoleSource, type ReplayControl } from './source.ts'
export type { ConsoleCommand, PageMessage, ReplayStatus } from './wire.ts'
export type { FleetStanding, InspectionSource, PeerFacts, PeerInside, Step, SupervisorListener } from '../inspect/index.ts'
