/** The ends of WebSockets that tests hold: listeners and dials of ours, bare sockets of `ws` and of TCP, servers and processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { Link, Listener } from '../../src/transports/transport.ts'
import { SUBPROTOCOL } from '../../src/transports/websocket-protocol.ts'
import { websocket, type WebSocketOptions } from '../../src/transports/websocket.ts'
import { type LinkRecorder, record } from './link-recorder.ts'

export const KIB = 1024
export const MIB = 1024 * KIB
export const LOOPBACK = 'ws://127.0.0.1:0'
export const never = (): AbortSignal => new AbortController().signal

/** How many sockets this process has. */
export const socketCount = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length

/** Timers that fire by hand. */
export class HandClock {
  readonly timers = new Map<number, () => void>()
  #last = 0
  setTimeout = (f: () => void): number => {
    this.timers.set(++this.#last, f)
    return this.#last
  }
  clearTimeout = (id: unknown): void => void this.timers.delete(id as number)
}

/** A listener of ours, and what arrives there. */
export async function door(options: WebSocketOptions = {}, address = LOOPBACK) {
  const links: Link[] = []
  let told: (() => void) | undefined
  const listener = await websocket(options).listen!(new URL(address), {
    onLink(link) {
      links.push(link)
      told?.()
    },
  })
  onTestFinished(() => {
    void listener.close()
    for (const link of links) link.abort()
  })
  async function arrival(): Promise<Link> {
    if (links.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return links.shift()!
  }
  return { listener, links, arrival }
}

export async function dial(listener: Listener | string, options: WebSocketOptions = {}, signal = never()): Promise<Link> {
  const address = new URL(typeof listener === 'string' ? listener : listener.address)
  const link = await websocket(options).dial(address, { peerId: 'x', signal })
  onTestFinished(() => link.abort())
  return link
}

/** A bare TCP socket to a listener. */
export async function knock({ address }: Listener): Promise<Socket> {
  const socket = connect({ port: Number(address.port), host: '127.0.0.1', noDelay: true })
  socket.on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** All that a socket is told before it is closed. */
export async function everything(socket: Socket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}

/** The answer to who dials with other means than ours. */
export async function answerTo(socket: WebSocket): Promise<[status: number | undefined, words: string]> {
  socket.on('error', () => {})
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let words = ''
  for await (const chunk of response.setEncoding('utf8')) words += chunk
  return [response.statusCode, words]
}

/** Our accepted link, and the bare client of `ws` at its other end. */
export async function bareClient(options: WebSocketOptions = {}): Promise<[WebSocket, Link, LinkRecorder]> {
  const { listener, arrival } = await door(options)
  const socket = new WebSocket(listener.address, SUBPROTOCOL, { perMessageDeflate: false })
  socket.on('error', () => {})
  onTestFinished(() => socket.terminate())
  const [link] = await Promise.all([arrival(), once(socket, 'open')])
  return [socket, link, record(link)]
}

/** Our dialled link, and the bare socket of `ws` at its other end. */
export async function bareServer(options: WebSocketOptions = {}): Promise<[WebSocket, Link, LinkRecorder]> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false })
  server.on('connection', (opened) => opened.send('hello {}'))
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const [link, [socket]] = await Promise.all([dial(`ws://127.0.0.1:${port}`, options), once(server, 'connection') as Promise<[WebSocket]>])
  socket.on('error', () => {})
  onTestFinished(() => {
    socket.terminate()
    server.close()
  })
  return [socket, link, record(link)]
}

export async function applicationServer(server: Server = createServer()): Promise<Server> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return server
}

export function portOf(server: Server): number {
  return (server.address() as { port: number }).port
}

/** Runs a program that uses the transport in a process of its own, where `ws` is installed or is not. */
export async function peerProcess(contents: string, address: string, { hasWs = true } = {}): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'websocket-peer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'peer.mjs')
  const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node', external: ['ws'], conditions: ['source'] })
  if (hasWs) await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'))
  const child = fork(outfile, [address])
  onTestFinished(() => void child.kill())
  return child
}
