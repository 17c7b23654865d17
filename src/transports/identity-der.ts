/** DER as far as a certificate needs it: values are encoded, nothing is decoded. */

/** Universal tags (X.690). */
const Tag = {
  Integer: 0x02,
  BitString: 0x03,
  ObjectIdentifier: 0x06,
  Utf8String: 0x0c,
  GeneralizedTime: 0x18,
  Sequence: 0x30,
  Set: 0x31,
} as const

/** One value: its tag, its length, its content. */
function value(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content])
}

/** The short form below 128, above it as few bytes as it takes. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length])
  const bytes = minimal(length)
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function minimal(n: number): Buffer {
  const hex = n.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

/** A sequence of values. */
export function sequence(...values: readonly Uint8Array[]): Buffer {
  return value(Tag.Sequence, ...values)
}

/** A set of one value. */
export function setOf(only: Uint8Array): Buffer {
  return value(Tag.Set, only)
}

/** A whole number that is not negative, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first < 0 ? Uint8Array.of(0) : bytes.subarray(first)
  // A first bit that is set would make it negative.
  return value(Tag.Integer, Buffer.from((digits[0] ?? 0) >= 0x80 ? [0] : []), digits)
}

/** Whole bytes as a string of bits. */
export function bitString(bytes: Uint8Array): Buffer {
  return value(Tag.BitString, Buffer.from([0]), bytes)
}

/** Text. */
export function utf8(text: string): Buffer {
  return value(Tag.Utf8String, Buffer.from(text, 'utf8'))
}

/** An instant, to the second. */
export function generalizedTime(at: Date): Buffer {
  const digits = at
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '')
  return value(Tag.GeneralizedTime, Buffer.from(`${digits}Z`, 'latin1'))
}

/** A name such as `1.3.101.112`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return value(Tag.ObjectIdentifier, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(n: number): number[] {
  const digits = [n & 0x7f]
  for (let left = n >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f))
  return digits
}

/** A value under a tag of the place where it stands. */
export function explicit(tag: number, content: Uint8Array): Buffer {
  return value(0xa0 | tag, content)
}
