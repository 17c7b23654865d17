/** The framing of `tcp()` in as few lines as it takes, for bare sockets: a word of kind and length, then the payload. */

/** What each side says first: the preamble, and a hello. */
export const GREETING = Buffer.from('QDC\u0002\u0080\u0000\u0000\u0002{}', 'latin1')

/** A whole goodbye frame. */
export const GOODBYE = Buffer.from([0x60, 0, 0, 0])

const HEADER_BYTES = 4

/** A message with its header, copied: its sender may use the bytes again. */
export function framed(data) {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength)
  frame.writeUInt32BE(data.byteLength)
  frame.set(data, HEADER_BYTES)
  return frame
}

/** Cuts what arrives into messages. */
export class FrameParser {
  #rest
  #isGreeted = false
  #message
  #goodbye
  #ping

  constructor(message, goodbye, ping) {
    this.#ping = ping
    this.#message = message
    this.#goodbye = goodbye
  }

  push(chunk) {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk])
    let at = 0
    while (bytes.length - at >= HEADER_BYTES) {
      const word = bytes.readUInt32BE(at)
      if (!this.#isGreeted) {
        this.#isGreeted = true
        at += HEADER_BYTES
        continue
      }
      const end = at + HEADER_BYTES + (word & 0x1fff_ffff)
      if (end > bytes.length) break
      const kind = word >>> 29
      if (kind === 0) this.#message(bytes.subarray(at + HEADER_BYTES, end))
      else if (kind === 1) this.#ping?.(bytes.readUInt32BE(at + HEADER_BYTES))
      else if (kind === 3) this.#goodbye()
      at = end
    }
    this.#rest = at === bytes.length ? undefined : bytes.subarray(at)
  }
}
