/** A value is known by what it is, whichever realm it comes from: a frame, a worker's test runner, a `node:vm` context. */

/** The platform's own reading of what kind of typed array a value is: it crosses realms, and nobody can pretend. */
const kindOfArray = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!

/** Whether a value is bytes: a `Uint8Array`, a `Buffer` too, of any realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || (typeof value === 'object' && value !== null && kindOfArray.call(value) === 'Uint8Array')
}

/** The same bytes as an array of this realm: itself where it is one, else a view on the same memory. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes instanceof Uint8Array
    ? bytes
    : new Uint8Array((bytes as Uint8Array).buffer, (bytes as Uint8Array).byteOffset, (bytes as Uint8Array).byteLength)
}

/** Whether a value is an ArrayBuffer of any realm. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return value instanceof ArrayBuffer || Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}

/** Whether a value is an error of any realm, a `DOMException` too. */
export function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false
  try {
    if (value instanceof Error) return true
    const kind = Object.prototype.toString.call(value)
    return kind === '[object Error]' || kind === '[object DOMException]'
  } catch {
    // A proxy that is over, or a getter of somebody's.
    return false
  }
}

/** Whether a value is a URL of any realm: jsdom's, and `whatwg-url`'s, too. */
export function isUrl(value: unknown): value is URL {
  if (value instanceof URL) return true
  if (typeof value !== 'object' || value === null) return false
  const { href, protocol } = value as Partial<URL>
  return typeof href === 'string' && typeof protocol === 'string' && typeof (value as Partial<URL>).searchParams === 'object'
}
