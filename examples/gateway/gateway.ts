/** A gateway: clients come in by WebSocket at the app's own HTTP server, and what they ask goes to backends that are kept. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Connection, ConnectionError, ConnectionManager, type KeptPeer } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { Asks } from './asks.ts'
import { routes } from './routes.ts'
import { forwardedFor, isOwnPage, Sessions } from './sessions.ts'
import { type Ask, decode, decodeAsk, encode, type Told } from './words.ts'

export interface GatewayOptions {
  /** 0: any port that is free. */
  readonly port: number
  /** Where each backend is, by its name. */
  readonly backends: Readonly<Record<string, string>>
  /** IP addresses and CIDRs from which nobody may come. */
  readonly deny: readonly string[]
  /** Whether a proxy of ours stands before the gateway, whose `x-forwarded-for` is true. */
  readonly trustsProxy: boolean
  /** How long clients may take to go when the gateway ends, in milliseconds. */
  readonly graceMs: number
}

/** A gateway that runs. */
export interface Gateway {
  readonly url: string
  readonly manager: ConnectionManager
  /** Takes nobody new, lets those who are there finish, and then closes every link with a reason. */
  stop(): Promise<void>
}

export async function startGateway({ port, backends, deny, trustsProxy, graceMs }: GatewayOptions): Promise<Gateway> {
  const sessions = new Sessions()
  const http = createServer()
  const manager = new ConnectionManager(1_000, {
    transport: [
      tcp(),
      websocket({
        server: http,
        maxFrameBytes: 64 * 1024,
        // A page of another site must not come in with the cookie of whoever looks at it, and nobody without a session.
        authorize(request) {
          const peerId = isOwnPage(request) ? sessions.userOf(request) : undefined
          return peerId !== undefined && { peerId }
        },
        ...(trustsProxy && { remoteAddress: forwardedFor }),
      }),
    ],
    // A fifth of the slots stays free for the backends, whatever comes in.
    limits: { inbound: 800, perHost: 4 },
    rate: { perSecond: 2, burst: 8, total: 200 },
    deny,
    // A backend that is away is tried every second or so, however long it takes.
    reconnect: { baseMs: 100, maxMs: 1_000, attempts: 0 },
    breaker: false,
    // What a client does not read is its own loss, and not our memory.
    maxSendBufferBytes: 4 * 1024 * 1024,
  })
  await manager.listen('ws://gateway/peers')

  const asks = new Asks()
  const kept = new Map(Object.entries(backends).map(([name, address]) => [name, manager.keep(`backend:${name}`, { address })]))
  for (const [name, backend] of kept)
    backend.messages$.subscribe((data) => {
      const { user, text } = decode(data)
      asks.delete(name, user)
      // The client may have left meanwhile.
      const client = manager.get(user)
      if (client !== undefined) tell(client, { from: name, text })
    })
  for (const [name, backend] of kept) {
    backend.status$.subscribe((status) => {
      if (status !== 'Connected') asks.lost(name)
    })
  }
  manager.connections$.subscribe((connection) => {
    if (connection.direction === 'inbound') void serve(connection, kept, asks)
  })

  http.on('request', routes(sessions, manager, kept))
  await once(http.listen(port, '127.0.0.1'), 'listening')
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  /** Everything asked is answered, then everybody is asked to go. */
  async function finish(): Promise<void> {
    await asks.answered()
    await Promise.all([...kept.values()].map((backend) => backend.release()))
    await manager.drain()
  }

  async function stop(): Promise<void> {
    const closed = once(http, 'close')
    http.close()
    asks.isOpen = false
    await Promise.race([finish(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())])
    await manager.shutdown()
    http.closeAllConnections()
    await closed
  }
  return { url, manager, stop }
}

/** Hands on what a client asks, no faster than the backend takes it. */
async function serve(client: Connection, backends: ReadonlyMap<string, KeptPeer>, asks: Asks): Promise<void> {
  try {
    for await (const data of client) {
      const ask = decodeAsk(data)
      // Whoever does not speak our language is not listened to any longer.
      if (ask === undefined) return await client.close()
      const backend = backends.get(ask.to)
      if (backend === undefined) tell(client, { from: ask.to, error: 'unknown' })
      else if (!asks.isOpen) tell(client, { from: ask.to, error: 'away' })
      else if (!relay(client, backend, ask, asks)) await backend.drained()
    }
  } catch (error) {
    // The client has gone, or the manager ends: so does everything here.
    if (!ConnectionError.is(error)) console.error(error)
  }
}

/** Sends one ask to its backend; false: the backend takes no more just now. */
function relay(client: Connection, backend: KeptPeer, { to, text }: Ask, asks: Asks): boolean {
  try {
    const flows = backend.send(encode({ user: client.peerId, text }))
    asks.add(to, client.peerId)
    return flows
  } catch {
    // It has no link, or is too far behind: the client may ask again.
    tell(client, { from: to, error: 'away' })
    return true
  }
}

function tell(client: Connection, told: Told): void {
  try {
    client.send(encode(told))
  } catch (error) {
    if (ConnectionError.is(error) && error.code === 'ERR_BUFFER_FULL') void client.close()
  }
}
