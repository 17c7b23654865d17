/** The app's own routes, on the same server as the WebSockets. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { ConnectionManager, KeptPeer } from 'qudag-connections'
import type { Sessions } from './sessions.ts'

export function routes(sessions: Sessions, manager: ConnectionManager, backends: ReadonlyMap<string, KeptPeer>): RequestListener {
  return (request, response) => {
    switch (`${request.method} ${request.url}`) {
      case 'GET /':
        return void response.end('POST your name to /session, then open a WebSocket at /peers\n')
      case 'POST /session':
        return void logIn(sessions, request, response)
      case 'GET /health':
        return health(manager, backends, response)
      default:
        return void response.writeHead(404).end()
    }
  }
}

/** Stands for the login of a real app, which would ask for a password. */
async function logIn(sessions: Sessions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const name = (await text(request)).trim()
  if (!/^\w{1,40}$/.test(name)) return void response.writeHead(400).end('a name is one word\n')
  response.writeHead(204, { 'set-cookie': sessions.begin(name) }).end()
}

/** For whoever watches over this process: 200 while every backend is there. */
function health(manager: ConnectionManager, backends: ReadonlyMap<string, KeptPeer>, response: ServerResponse): void {
  const { connections, inbound, totals } = manager.metrics
  const status = Object.fromEntries([...backends].map(([name, backend]) => [name, backend.status]))
  const isWell = [...backends.values()].every((backend) => backend.status === 'Connected')
  response.writeHead(isWell ? 200 : 503, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ connections, inbound, totals, backends: status }))
}
