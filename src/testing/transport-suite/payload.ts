/** Payloads: what a message should be is known at both ends without being told. */

export const KIB = 1024

/** A message of `length` bytes, each of which depends on its place and on `n`. */
export function pattern(n: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; at++) bytes[at] = byteOf(n, at)
  return bytes
}

/** What is wrong with what should be `pattern(n, length)`; undefined: nothing. */
export function flaw(data: Uint8Array, n: number, length: number): string | undefined {
  if (data.byteLength !== length) return `${data.byteLength} bytes instead of ${length}`
  for (let at = 0; at < length; at++) {
    if (data[at] !== byteOf(n, at)) return `byte ${at} of ${length} is ${data[at]} instead of ${byteOf(n, at)}`
  }
  return undefined
}

/** A message that says its number, of at least 4 bytes. */
export function numbered(n: number, length = 4): Uint8Array {
  const bytes = new Uint8Array(Math.max(4, length)).fill(n & 0xff)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

/** The number that a message says; -1 where it is too short to say one. */
export function numberOf(data: Uint8Array): number {
  return data.byteLength < 4 ? -1 : new DataView(data.buffer, data.byteOffset).getUint32(0)
}

/** The numbers from 0 up. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function byteOf(n: number, at: number): number {
  return (at * 31 + (at >>> 8) * 17 + n) & 0xff
}
