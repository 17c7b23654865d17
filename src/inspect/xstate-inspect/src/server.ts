/** The bridge for Node shows a manager by the WebSocket server of @xstate/inspect in one call. */
import { inspect } from '@xstate/inspect/lib/server.js'
import type { Manager } from './actor.ts'
import { bridge, type Bridge, type BridgeOptions } from './bridge.ts'

/** A `WebSocketServer` of the package `ws`, whichever of its versions 8 it is of. */
export interface Server {
  readonly clients: Iterable<object>
  close(): void
}

/**
 * Shows a manager to whoever connects to the server with a `createWebSocketReceiver`. The server stays yours to close;
 * it has no lock: whoever reaches it sees every actor, and may command unless `allowSend` is false.
 *
 * @throws as {@link bridge} does
 */
export function inspectOnServer(manager: Manager, server: Server, options: Omit<BridgeOptions, 'devTools'> = {}): Bridge {
  if (!SERVERS.has(server)) {
    SERVERS.add(server)
    inspect({ server: server as never })
  }
  return bridge(manager, options)
}

/** A server is asked once: @xstate/inspect cannot be asked to leave. */
const SERVERS = new WeakSet<Server>()
