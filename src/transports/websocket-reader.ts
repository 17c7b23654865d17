/** A reader of WebSocket frames: however the bytes are cut, an unfinished message holds a small multiple of what has arrived. */
import { CloseCode, MAX_CONTROL_LENGTH } from './websocket-protocol.ts'

/** What `next` found: the opcodes of RFC 6455 §5.2. */
export const Found = {
  /** A frame that makes no message whole. */
  Part: 0,
  Text: 1,
  Message: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const
export type Found = (typeof Found)[keyof typeof Found]

/** What came breaks the protocol, or a limit. The stream cannot be read on. */
export class WebSocketFault extends Error {
  /** What the other side is told. */
  readonly closeCode: CloseCode

  constructor(closeCode: CloseCode, words: string) {
    super(words)
    this.closeCode = closeCode
  }
}

/** Up to here a copy costs no more than a view (V8 keeps such arrays inside its heap), and a kept one holds no chunk. */
const TINY_BYTES = 64
/** Below this, room for a whole frame is made at once; above it, room grows with what arrives. */
const EAGER_BYTES = 16 * 1024
const LEAST_BODY = 1024
const MAX_CONTROL_PAYLOAD = 125
const CONTINUATION = 0
const EMPTY = new Uint8Array(0)

/**
 * Turns the bytes of a WebSocket (RFC 6455 §5) into messages and controls: `push` a chunk, then call `next` until it is
 * false. The parts of a message are joined as they come: one buffer, whatever their number.
 *
 * Who owns the bytes: a payload of more than 64 bytes that came whole in one chunk is a view on that chunk, any other is
 * a buffer of its own. Nobody writes to either again.
 */
export class WebSocketReader {
  /** What `next` found. */
  found: Found = Found.Part

  #payload: Uint8Array = EMPTY
  readonly #limit: number
  readonly #isMasked: boolean
  /** The longest text that is accepted, in bytes. */
  #textLimit = MAX_CONTROL_LENGTH
  #chunk: Uint8Array | undefined
  #at = 0
  /** What the message under way is; Part: none is. */
  #kind: Found = Found.Part
  #isFinal = false
  /** Bytes of the data frame under way that have not come; -1: a header is next. */
  #left = -1
  #key = 0
  #keyAt = 0
  #body: Uint8Array | undefined
  #filled = 0

  /**
   * @param limit the largest message that is accepted, in bytes
   * @param isMasked whether the other side dialled: what it sends is masked, the other way it is not
   */
  constructor(limit: number, isMasked: boolean) {
    this.#limit = limit
    this.#isMasked = isMasked
  }

  /** Whether bytes are waiting that `next` has not looked at, or could not use yet. */
  get hasRest(): boolean {
    return this.#chunk !== undefined
  }

  /** How much memory is held for a message that is not whole yet, in bytes. */
  get unfinishedBytes(): number {
    return this.#body?.byteLength ?? 0
  }

  /** The payload of what `next` found. The reader does not keep it. */
  take(): Uint8Array {
    const payload = this.#payload
    this.#payload = EMPTY
    return payload
  }

  /** From now on accepts texts of up to so many bytes. */
  allowText(bytes: number): void {
    this.#textLimit = bytes
  }

  /** Takes more bytes, and may change them. */
  push(chunk: Uint8Array): void {
    this.#chunk = this.#chunk === undefined ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk])
    this.#at = 0
    this.#dropUsedChunk()
  }

  /** Forgets everything, at the end of the link. */
  clear(): void {
    this.#chunk = undefined
    this.#body = undefined
    this.#payload = EMPTY
  }

  /**
   * Reads on, at most to the end of one frame; false: it needs more bytes.
   *
   * @throws WebSocketFault
   */
  next(): boolean {
    const chunk = this.#chunk
    if (chunk === undefined) return false
    if (this.#left >= 0) return this.#fill(chunk)
    const size = chunk.length - this.#at
    if (size < 2) return this.#wait(chunk)
    const first = chunk[this.#at]!
    const second = chunk[this.#at + 1]!
    const opcode = first & 0x0f
    this.#check(first, second, opcode)
    const isControl = opcode >= Found.Close
    let length = second & 0x7f
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0
    const header = 2 + extended + (this.#isMasked ? 4 : 0)
    if (size < header + (isControl ? length : 0)) return this.#wait(chunk)
    let at = this.#at + 2
    if (extended > 0) {
      length = 0
      for (const end = at + extended; at < end; at++) length = length * 256 + chunk[at]!
    }
    if (this.#isMasked) {
      this.#key = (chunk[at]! << 24) | (chunk[at + 1]! << 16) | (chunk[at + 2]! << 8) | chunk[at + 3]!
      at += 4
    }
    this.#at = at
    if (isControl) return this.#takeControl(chunk, opcode as Found, length)
    if (opcode !== CONTINUATION) this.#kind = opcode as Found
    this.#isFinal = (first & 0x80) !== 0
    this.#checkLength(length)
    if (this.#isFinal && this.#body === undefined && chunk.length - at >= length) return this.#takeWhole(chunk, length)
    this.#left = length
    this.#keyAt = 0
    return this.#fill(chunk)
  }

  #check(first: number, second: number, opcode: number): void {
    if ((first & 0x70) !== 0) throw broken('a frame has reserved bits')
    if (this.#isMasked !== ((second & 0x80) !== 0)) throw broken(this.#isMasked ? 'a frame is not masked' : 'a frame is masked')
    if (opcode >= Found.Close) {
      if (opcode > Found.Pong) throw broken(`a frame has the unknown opcode ${opcode}`)
      if ((first & 0x80) === 0 || (second & 0x7f) > MAX_CONTROL_PAYLOAD) throw broken('a control frame is cut, or too long')
    } else if (opcode > Found.Message) {
      throw broken(`a frame has the unknown opcode ${opcode}`)
    } else if ((opcode === CONTINUATION) === (this.#kind === Found.Part)) {
      throw broken(opcode === CONTINUATION ? 'a message goes on that has not begun' : 'a message begins within another')
    }
  }

  #checkLength(length: number): void {
    const total = this.#filled + length
    if (this.#kind === Found.Text && total > this.#textLimit) {
      throw new WebSocketFault(CloseCode.ProtocolError, 'a text frame that is no control of this protocol; messages are binary')
    }
    if (total > this.#limit) throw new WebSocketFault(CloseCode.TooLarge, `more than ${this.#limit} bytes`)
  }

  #takeControl(chunk: Uint8Array, opcode: Found, length: number): true {
    const payload = new Uint8Array(chunk.subarray(this.#at, this.#at + length))
    if (this.#isMasked) unmask(payload, 0, length, this.#key, 0)
    this.#at += length
    this.#dropUsedChunk()
    this.found = opcode
    this.#payload = payload
    return true
  }

  /** A message in one frame in one chunk. */
  #takeWhole(chunk: Uint8Array, length: number): true {
    const at = this.#at
    if (this.#isMasked) unmask(chunk, at, at + length, this.#key, 0)
    const view = new Uint8Array(chunk.buffer, chunk.byteOffset + at, length)
    this.#at = at + length
    this.#dropUsedChunk()
    return this.#finish(length <= TINY_BYTES ? new Uint8Array(view) : view)
  }

  #fill(chunk: Uint8Array): boolean {
    const { length: end } = chunk
    const take = Math.min(this.#left, end - this.#at)
    if (take > 0) {
      const from = this.#filled
      const body = this.#roomFor(take)
      body.set(chunk.subarray(this.#at, this.#at + take), from)
      if (this.#isMasked) unmask(body, from, from + take, this.#key, this.#keyAt)
      this.#keyAt = (this.#keyAt + take) & 3
      this.#filled = from + take
      this.#left -= take
      this.#at += take
    }
    this.#dropUsedChunk()
    if (this.#left > 0) return false
    this.#left = -1
    if (this.#isFinal) return this.#finish(this.#joined())
    this.found = Found.Part
    return true
  }

  /** Lengths are a stranger's word: they get the memory that their bytes have paid for. */
  #roomFor(take: number): Uint8Array {
    const filled = this.#filled
    const needed = filled + take
    const body = this.#body
    if (body !== undefined && body.length >= needed) return body
    const whole = filled + this.#left
    const most = this.#isFinal ? whole : this.#limit
    const size = this.#isFinal && whole <= EAGER_BYTES ? whole : Math.min(most, Math.max(2 * needed, LEAST_BODY))
    const larger = new Uint8Array(Math.max(size, needed))
    if (body !== undefined) larger.set(filled === body.length ? body : body.subarray(0, filled))
    return (this.#body = larger)
  }

  #joined(): Uint8Array {
    const body = this.#body ?? EMPTY
    const filled = this.#filled
    if (body.length === filled) return body
    // Whoever keeps it shall not keep much more.
    return body.length > 2 * filled ? body.slice(0, filled) : body.subarray(0, filled)
  }

  #finish(payload: Uint8Array): true {
    this.found = this.#kind
    this.#payload = payload
    this.#kind = Found.Part
    this.#body = undefined
    this.#filled = 0
    return true
  }

  /** Part of a header, or of a control, waits for the rest of it; not with the whole chunk that it came in. */
  #wait(chunk: Uint8Array): false {
    if (this.#at > 0) this.#chunk = new Uint8Array(chunk.subarray(this.#at))
    this.#at = 0
    return false
  }

  #dropUsedChunk(): void {
    if (this.#chunk !== undefined && this.#at === this.#chunk.length) this.#chunk = undefined
  }
}

function broken(words: string): WebSocketFault {
  return new WebSocketFault(CloseCode.ProtocolError, words)
}

const keyBytes = new Uint8Array(4)
const keyWord = new Int32Array(keyBytes.buffer)

/** Masks or unmasks `bytes` in place (RFC 6455 §5.3), from `from` to `to`; `keyAt` bytes of the frame came before. */
export function unmask(bytes: Uint8Array, from: number, to: number, key: number, keyAt: number): void {
  if (key === 0) return
  // The key as it falls on the first byte.
  const turned = keyAt === 0 ? key : (key << (8 * keyAt)) | (key >>> (32 - 8 * keyAt))
  let at = from
  if (to - from >= TINY_BYTES) {
    const lead = -(bytes.byteOffset + from) & 3
    for (; at < from + lead; at++) bytes[at]! ^= turned >>> (24 - 8 * ((at - from) & 3))
    for (let n = 0; n < 4; n++) keyBytes[n] = turned >>> (24 - 8 * ((lead + n) & 3))
    const word = keyWord[0]!
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (to - at) >> 2)
    for (let n = 0; n < words.length; n++) words[n]! ^= word
    at += words.length * 4
  }
  for (; at < to; at++) bytes[at]! ^= turned >>> (24 - 8 * ((at - from) & 3))
}
