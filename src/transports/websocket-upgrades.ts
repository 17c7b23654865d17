/** The upgrades of one HTTP server: each path leads to one listener, and what is not ours is left to the server's owner. */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemError } from './link-error.ts'
import { refuse } from './websocket-refusal.ts'

/** What is behind a path. */
export interface Entrance {
  enter(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** The path leads here no more. */
  left(): void
}

const known = new WeakMap<Server, Upgrades>()

/** The listeners on a server. */
export function upgradesOf(server: Server): Upgrades {
  let upgrades = known.get(server)
  if (upgrades === undefined) known.set(server, (upgrades = new Upgrades(server)))
  return upgrades
}

/** Leads each request for an upgrade to the listener at its path. */
class Upgrades {
  readonly #server: Server
  readonly #entrances = new Map<string, Entrance>()

  constructor(server: Server) {
    this.#server = server
  }

  /** @throws SystemError `EADDRINUSE` where a listener of ours has that path */
  open(path: string, entrance: Entrance): void {
    if (this.#entrances.has(path)) throw systemError('EADDRINUSE', `another listener has the path ${path} of this server`)
    if (this.#entrances.size === 0) this.#server.on('upgrade', this.#lead)
    this.#entrances.set(path, entrance)
  }

  close(path: string, entrance: Entrance): void {
    if (this.#entrances.get(path) !== entrance) return
    this.#entrances.delete(path)
    entrance.left()
    if (this.#entrances.size === 0) this.#server.off('upgrade', this.#lead)
  }

  readonly #lead = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    const path = pathOf(request)
    const entrance = this.#entrances.get(path)
    if (entrance !== undefined) entrance.enter(request, socket, head)
    // Somebody else may serve this path; where nobody else listens, the socket would wait for ever.
    else if (this.#server.listenerCount('upgrade') === 1) refuse(socket, 404, `no peer listens at ${path}`)
  }
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}
