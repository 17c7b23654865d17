/** An address of a WebSocket in Node is written one way, `ws://host:port` and the path where one listens. */
import { isIP, type Server, type Socket } from 'node:net'
import { remoteAddressOf } from './tcp-address.ts'

/** The scheme that goes with a socket or server that is encrypted, or is not. */
export function schemeOf(isSecure: boolean): 'ws' | 'wss' {
  return isSecure ? 'wss' : 'ws'
}

/** Where the other side of an accepted socket is. */
export function remoteWebSocketAddressOf(socket: Socket, scheme: 'ws' | 'wss'): string {
  return scheme + remoteAddressOf(socket).slice('tcp'.length)
}

/** Where a dial has led: the IP address and port of the other side, at the path that was asked for. */
export function reachedAddressOf(socket: Socket, { protocol, pathname }: URL): string {
  return new URL(remoteWebSocketAddressOf(socket, schemeOf(protocol === 'wss:')) + pathname).href
}

/** What an application says of who the other side is: an IP address gets the scheme, anything else is taken as it is. */
export function toldAddress(told: string, scheme: 'ws' | 'wss'): string {
  const family = isIP(told)
  if (family === 0) return told
  return family === 6 ? `${scheme}://[${told}]` : `${scheme}://${told}`
}

/** Where a server can be reached; port 0: it does not listen yet. */
export function listeningAddressOf(server: Server, scheme: 'ws' | 'wss', path: string): URL {
  const bound = server.address()
  if (bound === null) return new URL(`${scheme}://0.0.0.0:0${path}`)
  if (typeof bound === 'string') throw new TypeError('a WebSocket listener needs a port')
  const host = bound.address.includes(':') ? `[${bound.address}]` : bound.address
  return new URL(`${scheme}://${host}:${bound.port}${path}`)
}

/** The port that an address asks for: a URL leaves out the one that its scheme has by default. */
export function portOf(address: URL): number {
  if (address.port !== '') return Number(address.port)
  return address.protocol === 'wss:' ? 443 : 80
}
