/** The ends of a WebSocket that waits to be admitted: listeners that decide, dialers in Node and like a page, strange servers. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Arrival, Link, Listener, ListenOptions, Refusal, Transport } from '../../src/transports/transport.ts'
import { websocket as browserWebsocket, type WebSocketOptions as PageOptions } from '../../src/transports/websocket-browser.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket, type WebSocketOptions } from '../../src/transports/websocket.ts'

export const LOOPBACK = 'ws://127.0.0.1:0'
export const PAGE = 'https://app.example'
export const FULL: Refusal = { code: 'ERR_MAX_CONNECTIONS', reason: 'host-limit', retryAfterMs: 2_500 }
const never = (): AbortSignal => new AbortController().signal
export const nothing = (): void => {}

/** Timers that fire by hand. */
export class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  onSet: () => void = nothing
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    this.onSet()
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
}

/** What stands in for a browser's class: it says which page it is of. */
class PageLike extends WebSocket {
  constructor(address: string, protocol: string) {
    super(address, protocol, { perMessageDeflate: false, origin: PAGE })
  }
}

const inNode = (options: WebSocketOptions = {}): Transport => websocket(options)
export const inPage = ({ clock }: WebSocketOptions = {}): Transport => {
  const options: PageOptions = { WebSocket: PageLike as unknown as typeof globalThis.WebSocket, ...(clock && { clock }) }
  return browserWebsocket(options)
}
export const DIALERS = [
  ['Node', inNode],
  ['a page', inPage],
] as const

/** A listener of ours, and those that wait there. */
export async function gate(options: WebSocketOptions = {}, address = LOOPBACK, more: Partial<ListenOptions> = {}) {
  const arrivals: Arrival[] = []
  let told: () => void = nothing
  const listener = await websocket(options).listen!(new URL(address), {
    ...more,
    onLink: () => expect.unreachable('a link was given that nobody admitted'),
    onArrival(arrival) {
      arrivals.push(arrival)
      told()
    },
  })
  onTestFinished(() => listener.close())
  async function next(): Promise<Arrival> {
    while (arrivals.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return arrivals.shift()!
  }
  return { listener, arrivals, next }
}

export async function dial({ address }: Pick<Listener, 'address'>, transport: Transport = inNode(), signal = never()): Promise<Link> {
  const link = await transport.dial(new URL(address), { peerId: 'hub', signal })
  onTestFinished(() => link.abort())
  return link
}

/** What a dial comes to, looked at without waiting. */
export function watched(dialling: Promise<Link>): { outcome: 'open' | 'failed' | undefined; dialling: Promise<Link> } {
  const watch = { outcome: undefined as 'open' | 'failed' | undefined, dialling }
  dialling.then(
    () => (watch.outcome = 'open'),
    () => (watch.outcome = 'failed'),
  )
  return watch
}

/** A bare HTTP request for an upgrade, and its socket. */
export async function bareRequest({ address }: Pick<Listener, 'address'>, ...lines: string[]): Promise<Socket> {
  const socket = connect(Number(address.port), '127.0.0.1')
  socket.on('error', nothing)
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  const all = ['GET / HTTP/1.1', 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', ...lines]
  all.push('Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==', `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`)
  socket.write(`${all.join('\r\n')}\r\n\r\n`)
  return socket
}

/** A server that opens WebSockets, and does with them what it is told. */
export async function strangeServer(does: (socket: WebSocket) => void): Promise<Pick<Listener, 'address'>> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (socket) => {
    socket.on('error', nothing)
    onTestFinished(() => socket.terminate())
    does(socket)
  })
  onTestFinished(() => server.close())
  await once(server, 'listening')
  return { address: new URL(`ws://127.0.0.1:${(server.address() as { port: number }).port}`) }
}

export async function applicationServer(server: Server): Promise<Pick<Listener, 'address'>> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { address: new URL(`ws://127.0.0.1:${(server.address() as { port: number }).port}`) }
}
