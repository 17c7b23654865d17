/** A listener takes links at one path of one HTTP server, and when it is closed it has left no trace there. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { Server as TlsServer } from 'node:tls'
import type { WebSocketServer } from 'ws'
import { hostOf } from './tcp-address.ts'
import type { Listener, ListenOptions } from './transport.ts'
import { listeningAddressOf, portOf, schemeOf } from './websocket-address.ts'
import { Door } from './websocket-door.ts'
import { Gate } from './websocket-gate.ts'
import type { WebSocketSettings } from './websocket-options.ts'
import { refuseGarbage, refuseRequest } from './websocket-refusal.ts'
import { acceptFailed } from './unproven-connections.ts'
import { upgradesOf } from './websocket-upgrades.ts'

/** Listens on the application's server where there is one, else at an address. */
export function listen(
  address: URL,
  options: ListenOptions,
  settings: WebSocketSettings,
  Sockets: typeof WebSocketServer,
): Promise<Listener> {
  const path = address.pathname === '/' ? settings.path : address.pathname
  const { server } = settings
  if (server !== undefined) return listenOn(server, path, new Gate(Sockets, settings, options))
  const isSecure = address.protocol === 'wss:'
  // Behind a proxy it is the request that says who comes.
  const asksLate = settings.remoteAddress !== undefined
  const { admits, ...asked } = options
  const door = new Door(settings, isSecure, asksLate ? undefined : admits, options.handshakes)
  const gate = new Gate(Sockets, settings, asksLate ? options : asked, door)
  return listenAt(address, path, gate, door, isSecure ? serverOf(settings) : createServer())
}

/** The application has its server listen, before or after: an address is all that waits for it. */
async function listenOn(server: Server, path: string, gate: Gate): Promise<Listener> {
  const upgrades = upgradesOf(server)
  upgrades.open(path, gate)
  const leave = (): void => upgrades.close(path, gate)
  try {
    return new WebSocketListener(() => addressOf(server, path), leave)
  } catch (error) {
    leave()
    throw error
  }
}

async function listenAt(address: URL, path: string, gate: Gate, door: Door, server: Server): Promise<Listener> {
  server
    .on('connection', (socket) => door.knocked(socket))
    .on('request', refuseRequest)
    .on('clientError', refuseGarbage)
  upgradesOf(server).open(path, gate)
  server.listen({ host: hostOf(address), port: portOf(address) })
  await once(server, 'listening')
  // An accept that fails, for want of file descriptors say, concerns one stranger: without a listener it would end the process.
  server.on('error', acceptFailed)
  return new WebSocketListener(
    () => addressOf(server, path),
    () => {
      // The callback of server.close waits for every connection to end; the port itself is free when the call returns.
      server.close()
      gate.left()
      door.shut()
    },
  )
}

function serverOf({ tls, identity, handshakeTimeoutMs }: WebSocketSettings): Server {
  // What a certificate is worth is judged by the gate, not by OpenSSL.
  if (identity !== undefined)
    return createSecureServer({ ...identity.secure, requestCert: true, rejectUnauthorized: false, handshakeTimeout: handshakeTimeoutMs })
  if (tls?.cert === undefined && tls?.pfx === undefined) {
    throw new TypeError('to listen at wss: set tls.identity, tls.cert and tls.key, or server to an HTTPS server')
  }
  return createSecureServer(tls)
}

function addressOf(server: Server, path: string): URL {
  return listeningAddressOf(server, schemeOf(server instanceof TlsServer), path)
}

class WebSocketListener implements Listener {
  readonly #addressOf: () => URL
  readonly #leave: () => void
  #address: URL

  constructor(whereabouts: () => URL, leave: () => void) {
    this.#addressOf = whereabouts
    this.#leave = leave
    this.#address = whereabouts()
  }

  /** Port 0 until the server listens; once known, it stays. */
  get address(): URL {
    if (this.#address.port === '0') this.#address = this.#addressOf()
    return this.#address
  }

  close(): Promise<void> {
    this.#leave()
    return Promise.resolve()
  }
}
