/** An IP address is one value, however it was written, and what is none is never taken for one. */

/** An IP address. An IPv4-mapped IPv6 address is the IPv4 address that it maps. */
export interface Ip {
  readonly family: 4 | 6
  /** The address as a number of 32 or 128 bits. */
  readonly value: bigint
}

/** A range of addresses: those whose first `prefix` bits are those of `ip`. */
export interface Cidr {
  readonly ip: Ip
  readonly prefix: number
}

/** No spelling of an address is longer, zone id included. */
const LONGEST = 128
const GROUP = /^[\da-f]{1,4}$/i
const ZONE = /%[\da-z._:~-]+$/i
const PREFIX = /^(?:0|[1-9]\d{0,2})$/
const MAPPED = 0xffffn
/** Characters by their codes: `.`, `0`, `/`, `?`, `#`. */
const DOT = 46
const ZERO = 48
const SLASH = 47
const QUESTION = 63
const HASH = 35

/** How many bits an address of a family has. */
export function bitsOf(family: Ip['family']): 32 | 128 {
  return family === 4 ? 32 : 128
}

/** Reads an IPv4 address (four decimal numbers) or an IPv6 address (RFC 4291; a zone id is dropped); undefined: it is none. */
export function parseIp(text: string): Ip | undefined {
  if (text.length > LONGEST) return undefined
  if (!text.includes(':')) {
    const value = parseDotted(text)
    return value === undefined ? undefined : { family: 4, value }
  }
  const value = parseColons(text.replace(ZONE, ''))
  if (value === undefined) return undefined
  return value >> 32n === MAPPED ? { family: 4, value: value & 0xffff_ffffn } : { family: 6, value }
}

/** Reads `address/prefix`, or an address alone, which is a range of one; undefined: it is neither. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const ip = parseIp(address)
  if (ip === undefined) return undefined
  const bits = bitsOf(ip.family)
  if (slash < 0) return { ip, prefix: bits }
  const written = text.slice(slash + 1)
  if (!PREFIX.test(written)) return undefined
  // A mapped address is written with the prefix of an IPv6 one, and names a range of IPv4 from /96 on.
  const isMapped = ip.family === 4 && address.includes(':')
  const prefix = Number(written) - (isMapped ? 96 : 0)
  return prefix < 0 || prefix > bits ? undefined : { ip, prefix }
}

/**
 * The IP address that a link or dial address names: the host of a URL (`tcp://127.0.0.1:5`, `ws://[::1]:80/path`), or the
 * text itself; undefined: it names none, as `memory:` addresses and host names do.
 */
export function ipOfAddress(address: string): Ip | undefined {
  const scheme = address.indexOf('://')
  if (scheme < 0) return parseIp(address.startsWith('[') && address.endsWith(']') ? address.slice(1, -1) : address)
  const end = authorityEnd(address, scheme + 3)
  const user = address.lastIndexOf('@', end - 1)
  const start = user < scheme + 3 ? scheme + 3 : user + 1
  const isBracketed = address[start] === '['
  const closed = address.indexOf(isBracketed ? ']' : ':', start)
  if (isBracketed) return closed < 0 || closed >= end ? undefined : parseIp(address.slice(start + 1, closed))
  return parseIp(address.slice(start, closed < 0 ? end : Math.min(end, closed)))
}

/** Where the authority of a URL ends that begins at `start`. */
function authorityEnd(address: string, start: number): number {
  for (let at = start; at < address.length; at++) {
    const code = address.charCodeAt(at)
    if (code === SLASH || code === QUESTION || code === HASH) return at
  }
  return address.length
}

/** The first `prefix` bits of an address, as a number. */
export function prefixOf({ family, value }: Ip, prefix: number): bigint {
  return value >> BigInt(bitsOf(family) - prefix)
}

/** Names the range of `prefix` bits that an address is in: the same text for all addresses of the range, and for no other. */
export function rangeText(ip: Ip, prefix: number): string {
  const bits = bitsOf(ip.family)
  if (prefix === 32 && bits === 32) return `${spellDotted(ip.value)}/32`
  const first = prefixOf(ip, prefix) << BigInt(bits - prefix)
  return `${ip.family === 4 ? spellDotted(first) : spellColons(first)}/${prefix}`
}

/** Digit by digit: every arrival is looked up by its address, several times. */
function parseDotted(text: string): bigint | undefined {
  let value = 0
  let octet = -1
  let octets = 0
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? DOT : text.charCodeAt(at)
    if (code === DOT) {
      if (octet < 0 || ++octets > 4) return undefined
      value = value * 256 + octet
      octet = -1
      continue
    }
    const digit = code - ZERO
    // No octet is written with a zero before it.
    if (digit < 0 || digit > 9 || octet === 0) return undefined
    octet = octet < 0 ? digit : octet * 10 + digit
    if (octet > 255) return undefined
  }
  return octets === 4 ? BigInt(value) : undefined
}

function parseColons(text: string): bigint | undefined {
  const halves = text.split('::')
  const [before = '', after] = halves
  if (halves.length > 2) return undefined
  const head = parseGroups(before, after === undefined)
  const tail = after === undefined ? [] : parseGroups(after, true)
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (after === undefined ? missing !== 0 : missing < 1) return undefined
  return [...head, ...Array<number>(missing).fill(0), ...tail].reduce((value, group) => (value << 16n) | BigInt(group), 0n)
}

/** The 16-bit groups of a part of an IPv6 address. @param isLast whether it may end as an IPv4 address does */
function parseGroups(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const groups: number[] = []
  for (const [index, part] of parts.entries()) {
    if (GROUP.test(part)) {
      groups.push(Number.parseInt(part, 16))
      continue
    }
    const dotted = isLast && index === parts.length - 1 ? parseDotted(part) : undefined
    if (dotted === undefined) return undefined
    groups.push(Number(dotted >> 16n), Number(dotted & 0xffffn))
  }
  return groups
}

function spellDotted(value: bigint): string {
  const bits = Number(value)
  return `${bits >>> 24}.${(bits >>> 16) & 0xff}.${(bits >>> 8) & 0xff}.${bits & 0xff}`
}

function spellColons(value: bigint): string {
  return Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16)).join(':')
}
