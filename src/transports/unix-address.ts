/** A `unix:` address is one path of this machine, or one named pipe, written one way. */
import { randomUUID } from 'node:crypto'

/**
 * Where an address leads: `unix:///run/app/peers.sock` to that path; on Windows, `unix:///name` to the pipe `\\.\pipe\name`.
 *
 * @throws TypeError that says what is wrong with the address
 */
export function pathOf(address: URL, platform: NodeJS.Platform = process.platform): string {
  if (address.host !== '') throw new TypeError(`a unix address names no host: write unix:///path, with three slashes; got ${address.href}`)
  let path: string
  try {
    path = decodeURIComponent(address.pathname)
  } catch {
    throw new TypeError(`the path of ${address.href} is not well encoded: a '%' is written %25`)
  }
  if (path.length < 2) throw new TypeError(`a unix address needs a path, as unix:///run/app/peers.sock; got ${address.href}`)
  if (path.includes('\0')) throw new TypeError(`the path of ${address.href} holds a NUL`)
  return platform === 'win32' ? String.raw`\\.\pipe` + '\\' + path.slice(1).replaceAll('\\', '/') : path
}

/** Where to listen: an address that ends with a slash names a folder, and stands for a free name in it. */
export function placeOf(address: URL): URL {
  return address.pathname.endsWith('/') && address.pathname.length > 1 ? new URL(`${randomUUID().slice(0, 8)}.sock`, address) : address
}

/** The address as text, without what says nothing. */
export function unixAddressText({ pathname }: URL): string {
  return `unix://${pathname}`
}
