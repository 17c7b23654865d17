/** Servers of stores for the tests: real processes on loopback, in folders of their own, that end with the test. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { debianBinary } from '../setup/debian-binary.ts'

/** A server that serves. */
export interface Server {
  readonly port: number
  /** Ends the process without a word, and resolves when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
}

/** What is undone when the process that runs the tests ends. */
const undone = new Set<() => void>()
process.once('exit', () => [...undone].toReversed().forEach((undo) => undo()))

/** A folder that goes away with the process that runs the tests. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'qudag-store-'))
  undone.add(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A port that is free at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts a Redis. With a folder it writes every change down there before it answers, and has it again when it is started anew. */
export async function startRedis(
  options: { readonly port?: number; readonly folder?: string; readonly more?: readonly string[] } = {},
): Promise<Server> {
  const program = await debianBinary('redis-server', '/usr/bin/redis-server')
  const port = options.port ?? (await freePort())
  const kept = options.folder === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', 'always']
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', options.folder ?? dataFolder(), '--save', '', ...kept]
  return start(program, [...args, ...(options.more ?? [])], port, /Ready to accept connections/)
}

/** Starts an etcd of one member. */
export async function startEtcd(options: { readonly port?: number; readonly folder?: string } = {}): Promise<Server> {
  const program = await debianBinary('etcd-server', '/usr/bin/etcd')
  const port = options.port ?? (await freePort())
  const peerPort = await freePort()
  const client = `http://127.0.0.1:${port}`
  const peer = `http://127.0.0.1:${peerPort}`
  const args = ['--data-dir', join(options.folder ?? dataFolder(), 'etcd'), '--name', 'one', '--unsafe-no-fsync', '--log-level', 'info']
  const urls = ['--listen-client-urls', client, '--advertise-client-urls', client, '--listen-peer-urls', peer]
  const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `one=${peer}`]
  return start(program, [...args, ...urls, ...cluster], port, /ready to serve client requests|serving insecure client requests/)
}

/** A path that leads to another port whenever it is told so; what passed before is cut. */
export interface Detour {
  readonly port: number
  lead(port: number): void
  close(): void
}

/** Opens a path to a port. */
export async function detour(to: number): Promise<Detour> {
  let target = to
  const sockets = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1')
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => sockets.forEach((socket) => socket.destroy())
  return {
    port: (server.address() as AddressInfo).port,
    lead(port) {
      target = port
      cut()
    },
    close() {
      server.close()
      cut()
    },
  }
}

/** Says one command to a Redis, of words without spaces, and gives the first line of the answer. */
export async function redisSays(port: number, command: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.end(`${command}\r\n`)
  let said = ''
  for await (const data of socket) said += String(data)
  return said.trim().split('\r\n').slice(0, 50).join('\n')
}

async function start(program: string, args: readonly string[], port: number, isReady: RegExp): Promise<Server> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const closed = once(child, 'close')
  const killIt = (): void => void child.kill('SIGKILL')
  undone.add(killIt)
  const lines: string[] = []
  await new Promise<void>((resolve, reject) => {
    for (const output of [child.stdout, child.stderr]) {
      createInterface(output).on('line', (line) => {
        if (lines.push(line) > 200) lines.shift()
        if (isReady.test(line)) resolve()
      })
    }
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`${program} ended with ${code} before it was ready:\n${lines.join('\n')}`)))
  })
  return {
    port,
    async kill(signal = 'SIGKILL') {
      child.kill(signal)
      await closed
      undone.delete(killIt)
    },
  }
}

/** Deletes all that an etcd has, leases included; its revision goes on. */
export async function etcdWithoutData(port: number): Promise<void> {
  const ask = async (path: string, body: object): Promise<{ leases?: { ID: string }[] }> => {
    const response = await fetch(`http://127.0.0.1:${port}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
    return (await response.json()) as { leases?: { ID: string }[] }
  }
  const { leases = [] } = await ask('lease/leases', {})
  for (const { ID } of leases) await ask('lease/revoke', { ID })
  await ask('kv/deleterange', { key: 'AA==', range_end: 'AA==' })
}
