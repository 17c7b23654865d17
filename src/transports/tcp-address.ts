/** A TCP address is written one way, `tcp://host:port`, whoever writes it. */
import type { Server, Socket } from 'node:net'

const MAPPED_IPV4 = /^::ffff:(?=\d+\.)/i

/** The host as `node:net` wants it: without the brackets of IPv6. Empty where the address names none. */
export function hostOf(address: URL): string {
  const { hostname } = address
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/** Where the other side of a connected socket is. An IPv4 address is written as one even where the system maps it into IPv6. */
export function remoteAddressOf({ remoteAddress = 'unknown', remotePort = 0 }: Socket, scheme = 'tcp'): string {
  return addressText(remoteAddress.replace(MAPPED_IPV4, ''), remotePort, scheme)
}

/** Where a listening server can be reached. */
export function boundAddressOf(server: Server, scheme = 'tcp'): URL {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new TypeError(`a ${scheme} listener needs a port`)
  return new URL(addressText(bound.address, bound.port, scheme))
}

/** An address as text, IPv6 in brackets. */
export function addressText(host: string, port: number, scheme = 'tcp'): string {
  return host.includes(':') ? `${scheme}://[${host}]:${port}` : `${scheme}://${host}:${port}`
}
