/** A server for operators' programs: metrics to scrape, and whether the process lives and is ready. It never keeps a process alive. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { ConnectionManager } from '../connection-manager.ts'
import { inUrl, reachedAs } from '../console/access.ts'
import { SilentSockets } from '../inspect/silent-sockets.ts'
import { expose, EXPOSITION_TYPE, type Exposition } from '../observability/exposition.ts'
import { readPlace } from './metrics-place.ts'
import type { Readiness } from './readiness.ts'

/** How long a connection may take over a request, and stay without one, in milliseconds. A scraper comes every 15 s or so. */
const PATIENCE = { headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 1_000 }
/** How long a connection may take none of its answer, in milliseconds. */
const STALLED_MS = 10_000
const SOCKETS = { silent: 64, silentOfHost: 32, heard: 64 }

/** What is served. */
export interface MetricsServer {
  /** Where the metrics are. */
  readonly url: string
  /** Ends it; the port is free. Idempotent. */
  close(): Promise<void>
}

/**
 * Serves `/metrics`, `/healthz` and `/readyz`. Whoever closes it, closes it. Rejects with the platform's own error where it
 * cannot listen.
 *
 * @param own gives this process a port of its own where several are given one
 */
export async function serveMetrics(
  manager: ConnectionManager,
  at: string,
  readiness: () => Readiness,
  own = (one: number): number => one,
): Promise<MetricsServer> {
  const place = readPlace(at)
  if (place === undefined) throw new TypeError(`nothing can be served at '${at}'`)
  const { host } = place
  const server = createServer(PATIENCE)
  // Workers of `node:cluster` would share the port, and a scrape would reach one of them by chance.
  server.listen({ host, port: own(place.port), exclusive: true })
  await once(server, 'listening')
  server.on('error', () => {})
  server.unref()
  const { port } = server.address() as AddressInfo
  const exposition = expose(manager)
  answer(server, { exposition, readiness, hosts: hostsOf(host, port) })
  return {
    url: `http://${inUrl(host)}:${port}/metrics`,
    async close() {
      exposition.end()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

interface Served {
  readonly exposition: Exposition
  readonly readiness: () => Readiness
  readonly hosts: ReadonlySet<string>
}

/** A page of another site may have this machine's browser ask here: it cannot name our address as its host. */
function hostsOf(host: string, port: number): ReadonlySet<string> {
  const isAnywhere = host === '0.0.0.0' || host === '::'
  // A scraper mostly goes by the machine's name, which no page of another site has.
  return new Set([...reachedAs(host, port), ...(isAnywhere ? [`${hostname().toLowerCase()}:${port}`] : [])])
}

function answer(server: Server, served: Served): void {
  const sockets = new SilentSockets(SOCKETS)
  server.on('connection', (socket) => {
    socket.unref()
    sockets.came(socket)
  })
  server.setTimeout(STALLED_MS)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    sockets.spoke(request.socket)
    const { status, text, type = 'text/plain; charset=utf-8' } = answerTo(request, served)
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
    response.end(request.method === 'HEAD' ? undefined : text)
  })
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly type?: string
}

function answerTo({ method, url = '/', headers: { host = '' } }: IncomingMessage, served: Served): Answer {
  if (!served.hosts.has(host.toLowerCase())) return { status: 403, text: `These metrics are not at '${host}'.\n` }
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, text: 'Only GET.\n' }
  const [path] = url.split('?')
  if (path === '/metrics') return { status: 200, text: served.exposition.text(), type: EXPOSITION_TYPE }
  if (path === '/healthz') return { status: 200, text: 'ok the process lives\n' }
  if (path !== '/readyz') return { status: 404, text: 'There are /metrics, /healthz and /readyz.\n' }
  const { isReady, lines } = served.readiness()
  return { status: isReady ? 200 : 503, text: `${lines.join('\n')}\n` }
}
