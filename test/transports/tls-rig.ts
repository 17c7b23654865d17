/** The ends of links over TLS that tests hold: identities, listeners and calls of ours, bare clients and servers of `node:tls`. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'
import { ConnectionManager, type ManagerOptions, type PeerView } from 'qudag-connections'
import { createIdentity, type Identity, identityToPem, tls, type TlsOptions } from 'qudag-connections/transports/tls'

export const ALPN = 'qudag-connections/2'
export const me = createIdentity()
export const her = createIdentity({ algorithm: 'p256' })
export const stranger = createIdentity()

export const sockets = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length
export const numberOf = (socket: { readonly port: number } | string | null): number => (socket as { readonly port: number }).port

export function managerOf(options: TlsOptions, more: ManagerOptions = {}): ConnectionManager {
  const manager = new ConnectionManager(10, { ...more, transport: tls(options) })
  onTestFinished(async () => void (await manager.shutdown()))
  return manager
}

/** She listens, by her identity. */
export async function listening(options: Partial<TlsOptions> = {}, more: ManagerOptions = {}) {
  const manager = managerOf({ identity: her, ...options }, more)
  const listener = await manager.listen('tls://127.0.0.1:0')
  return { manager, port: Number(listener.address.port), address: listener.address.href }
}

/** What I get from calling an id at a port. */
export function call(peerId: string, port: number, options: Partial<TlsOptions> = {}) {
  const manager = managerOf({ identity: me, ...options }, { resolve: () => `tls://127.0.0.1:${port}`, breaker: false })
  return manager.connect(peerId)
}

export const viewOf = (manager: ConnectionManager, peerId: string): PeerView | undefined =>
  [...manager.peers()].find((view) => view.peerId === peerId)
export const pemOf = (identity: Identity): ConnectionOptions => ({ key: identityToPem(identity), cert: identity.certificate })

/** A client of `node:tls` without a line of ours: what it hears until the end, or the error that it ends with. */
export async function bareClient(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: [ALPN], servername: '', ...options })
  return heardBy(socket)
}

export function heardBy(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy())
  let heard = ''
  return new Promise((resolve) => {
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(heard === '' ? String(error.code) : heard))
    socket.on('close', () => resolve(heard))
  })
}

export async function bareServer(options: NodeTlsOptions): Promise<number> {
  const server = createTlsServer(options, (socket) => socket.on('error', () => {}).write('220 mail.example\r\n'))
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return numberOf(server.address())
}
