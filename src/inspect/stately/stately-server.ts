/** The server of Stately's protocol: what one side tells of its actors reaches all viewers, late ones included, and nobody from outside. */
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type * as WsPackage from 'ws'
import type { WebSocket, WebSocketServer } from 'ws'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { SilentSockets } from '../silent-sockets.ts'
import { isMissing } from '../../transports/late-package.ts'
import { wsPackage } from '../../transports/ws-package.ts'
import { KnownActors } from './known-actors.ts'
import type { StatelyAdapter } from './stately-inspector.ts'

/** What may be said of a server. @since 0.1.0 */
export interface StatelyServerOptions {
  /** The port; 0: any free one. @default 8080, which @statelyai/inspect expects */
  readonly port?: number
  /** The address to listen at. Whoever can reach it sees every actor. @default '127.0.0.1' */
  readonly host?: string
  /** How many actors are passed on at one time, all inspectors together. @default 200 */
  readonly maxActors?: number
  /** Pages that may look, by origin (`https://example.org`), beside those served from this machine. @default none */
  readonly origins?: readonly string[]
}

const KNOWN = { port: true, host: true, maxActors: true, origins: true } as const satisfies Known<StatelyServerOptions>

/** A server that speaks the protocol of @statelyai/inspect. @since 0.1.0 */
export interface StatelyServer extends AsyncDisposable {
  /** Where it is: for `createWebSocketInspector({ url })` and `createWebSocketReceiver({ server: url })`. */
  readonly url: string
  /** Tells the viewers without a detour, from this process: `statelyInspector(manager, { adapter: server.adapter })`. */
  readonly adapter: StatelyAdapter
  /** How many actors it knows. */
  readonly actors: number
  /** Ends it and every connection. Idempotent. */
  close(): Promise<void>
}

/** The longest message that is taken, in bytes. */
const LONGEST_MESSAGE = 1024 * 1024

/** A viewer that has so many bytes waiting reads too slowly, and is cut off. */
const MOST_WAITING = 16 * 1024 * 1024

/** How many may look or tell at one time. */
const MOST_CLIENTS = 128
/** How long a connection may take to ask, in milliseconds, and how many there may be that have not. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000, connectionsCheckingInterval: 1_000 }
const SOCKETS = { silent: 64, silentOfHost: 32, heard: 16 }

const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/

/**
 * Serves the protocol of @statelyai/inspect over WebSockets: whatever one of its inspectors tells is passed on to everyone
 * else who is connected, its receivers; who comes late is told of every actor that still lives. Node only; needs `ws`.
 *
 * Rejects with an Error that names `ws` where it is missing, with the system's error where it cannot listen, and with a
 * TypeError or RangeError that names a wrong option.
 *
 * @since 0.1.0
 */
export async function serveStatelyProtocol(options: StatelyServerOptions = {}): Promise<StatelyServer> {
  assertKnown('', options, KNOWN)
  const { port = 8080, host = '127.0.0.1', maxActors = 200, origins = [] } = options
  assertInteger('port', port, 0)
  assertInteger('maxActors', maxActors, 1)
  const { WebSocketServer: Sockets } = await load()
  const known = new KnownActors(maxActors)
  // Not imported: pages import this entry too, for the inspectors.
  const { createServer } = process.getBuiltinModule('node:http')
  const http = createServer(PATIENCE, (_, response) => void response.writeHead(426, { connection: 'close' }).end())
  const waiting = new SilentSockets(SOCKETS)
  http.on('connection', (socket) => waiting.came(socket))
  http.on('request', ({ socket }) => waiting.spoke(socket))
  http.on('upgrade', ({ socket }) => waiting.left(socket))
  const server = new Sockets({
    server: http,
    maxPayload: LONGEST_MESSAGE,
    perMessageDeflate: false,
    // Any page that somebody opens in a browser here could connect: only those of this machine may.
    verifyClient: ({ origin }: { origin?: string }) =>
      server.clients.size < MOST_CLIENTS && (origin === undefined || LOOPBACK.test(origin) || origins.includes(origin)),
  })
  // Workers of `node:cluster` would share the port, and a viewer would reach one of them by chance.
  http.listen({ port, host, exclusive: true })
  await listening(server)
  const pass = (source: object, text: string): void => {
    if (!known.take(source, text)) return
    for (const viewer of server.clients) if (viewer !== source) send(viewer, text)
  }
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('close', () => known.forget(socket))
    socket.on('message', (data, isBinary) => {
      if (!isBinary) pass(socket, (data as Buffer).toString())
    })
    for (const text of known.messages()) send(socket, text)
  })
  const adapter: StatelyAdapter = {
    send: (message) => pass(adapter, JSON.stringify(message)),
    stop: () => known.forget(adapter),
  }
  const { port: taken } = server.address() as AddressInfo
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => (closed ??= shut(server, http))
  return {
    url: `ws://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    adapter,
    get actors() {
      return known.size
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function send(viewer: WebSocket, text: string): void {
  if (viewer.readyState !== viewer.OPEN) return
  if (viewer.bufferedAmount > MOST_WAITING) viewer.terminate()
  else viewer.send(text)
}

function listening(server: WebSocketServer): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      // An accept that fails concerns one stranger: without a listener it would end the process.
      server.off('error', reject).on('error', () => {})
      resolve()
    })
  })
}

function shut(server: WebSocketServer, http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve())
    server.close()
    for (const socket of server.clients) socket.terminate()
    http.closeAllConnections()
  })
}

async function load(): Promise<typeof WsPackage> {
  try {
    return await wsPackage.load()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    throw new Error(`this needs the package 'ws', and it could not be loaded (${(cause as Error).message}); npm install ws`, { cause })
  }
}
