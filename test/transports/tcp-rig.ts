/** The ends of links over TCP that tests hold: listeners and dials of ours, bare sockets, frames by hand, processes. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { onTestFinished } from 'vitest'
import { GREETING, HEADER_BYTES, writeDataHeader } from '../../src/transports/frames.ts'
import { tcp, type TcpOptions } from '../../src/transports/tcp.ts'
import type { Link } from '../../src/transports/transport.ts'
import { type LinkRecorder, record } from './link-recorder.ts'

export const MIB = 1024 * 1024
export const LOOPBACK = new URL('tcp://127.0.0.1:0')
export const never = (): AbortSignal => new AbortController().signal

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

export function frame(payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length)
  writeDataHeader(bytes, 0, payload.length)
  bytes.set(payload, HEADER_BYTES)
  return bytes
}

export function header(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A listener of ours, what arrives there, and a bare socket as the stranger that knocks. */
export async function door(options: TcpOptions = {}) {
  const links: Link[] = []
  let told: (() => void) | undefined
  const listener = await tcp(options).listen!(LOOPBACK, {
    onLink(link) {
      links.push(link)
      told?.()
    },
  })
  onTestFinished(() => {
    void listener.close()
    for (const link of links) link.abort()
  })
  const port = Number(listener.address.port)
  async function knock(): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  async function arrival(): Promise<Link> {
    if (links.length === 0) await new Promise<void>((resolve) => (told = resolve))
    return links.shift()!
  }
  return { listener, links, port, knock, arrival }
}

/** A stranger that has introduced itself as a peer, and our link to it. */
export async function bareDialer(options: TcpOptions = {}): Promise<[Socket, Link, LinkRecorder]> {
  const { knock, arrival } = await door(options)
  const socket = await knock()
  socket.write(GREETING)
  const link = await arrival()
  return [socket, link, record(link)]
}

/** A bare server that says this to whoever connects, and a dial of it. */
export async function bareServer(
  says: Uint8Array | string,
  options: TcpOptions = {},
): Promise<{ socket: Promise<Socket>; dialing: Promise<Link> }> {
  const server = createServer((socket) => void socket.on('error', () => {}).write(says)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const arrived = once(server, 'connection') as Promise<[Socket]>
  const dialing = tcp(options).dial(new URL(`tcp://127.0.0.1:${port}`), { peerId: 'x', signal: never() })
  const socket = arrived.then(([one]) => {
    server.close()
    onTestFinished(() => void one.destroy())
    return one
  })
  return { socket, dialing }
}

/** Our dialled link, and the bare socket at its other end. */
export async function bareListener(options: TcpOptions = {}): Promise<[Socket, Link, LinkRecorder]> {
  const { socket, dialing } = await bareServer(GREETING, options)
  const link = await dialing
  onTestFinished(() => link.abort())
  return [await socket, link, record(link)]
}

export async function everything(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

/** Runs a program that uses the transport in a process of its own. */
export async function peerProcess(contents: string, address: string): Promise<ChildProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'tcp-peer-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const outfile = join(folder, 'peer.mjs')
  const stdin = { contents, resolveDir: import.meta.dirname, loader: 'ts' } as const
  await build({ stdin, outfile, bundle: true, format: 'esm', platform: 'node' })
  const child = fork(outfile, [address])
  onTestFinished(() => void child.kill())
  return child
}
