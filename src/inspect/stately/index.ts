/** The manager's actors in @statelyai/inspect: its browser, WebSocket and custom inspectors, and a server that speaks its protocol. */
export type { ShownOptions } from './shown-actors.ts'
export {
  type Inspectable,
  statelyInspector,
  type StatelyAdapter,
  type StatelyInspection,
  type StatelyInspector,
  type StatelyMessage,
  type StatelyOptions,
} from './stately-inspector.ts'
export { serveStatelyProtocol, type StatelyServer, type StatelyServerOptions } from './stately-server.ts'
