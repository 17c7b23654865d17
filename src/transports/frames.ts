/** Frames, encoded and decoded: however the bytes are cut on their way, the same frames come out, and an unfinished one holds no more memory than has arrived. */
import { frameTooLarge, systemError } from './link-error.ts'
import { checkPreamble, PREAMBLE_WORD } from './preamble.ts'
import { MAX_GREETING_BYTES, MAX_REASON_BYTES } from './refusal.ts'
import type { EndReason } from './transport.ts'

/**
 * What a frame is. On the wire it begins with one 32-bit big-endian word: the kind in the upper 3 bits, the payload's
 * length in the lower 29. Before the first frame each side sends one such word that says who speaks: {@link PREAMBLE}.
 */
export const FrameKind = {
  /** A message. */
  Data: 0,
  /** Asks for a pong with the same 4 bytes. */
  Ping: 1,
  /** Answers this ping and all before it. */
  Pong: 2,
  /** Nothing comes after this: tells a close in order from a crash. Its payload is empty, or the reason, a word of at most 64 bytes. */
  Goodbye: 3,
  /** The first frame of each side: the dialer's, and the listener's once it has admitted. Its payload is a JSON object. */
  Hello: 4,
  /** Instead of a hello: the listener turns the dialer away. Its payload is a JSON object, with code, reason and retryAfterMs. */
  Refusal: 5,
  /** Not on the wire: the reader has seen the preamble. */
  Preamble: 8,
} as const
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind]

/** The largest payload that the header can announce, in bytes: 512 MiB less one. */
export const MAX_FRAME_BYTES = 0x1fff_ffff

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

/** What every header costs, in bytes. */
export const HEADER_BYTES = 4

/** The largest message unless an option says otherwise, in bytes: 16 MiB. */
export const DEFAULT_MAX_FRAME_BYTES = 16 * 1024 * 1024

/** What each side says first: `QDC` and the version of the framing. */
export const PREAMBLE: Uint8Array = word(PREAMBLE_WORD)

/** A whole goodbye frame without a reason. */
export const GOODBYE: Uint8Array = word((FrameKind.Goodbye << 29) >>> 0)

const REASONS: readonly EndReason[] = ['disconnected', 'shutdown', 'evicted', 'replaced', 'idle']
const GOODBYES = new Map<string, Uint8Array>(REASONS.map((reason) => [reason, textFrame(FrameKind.Goodbye, reason)]))

/** What each side that lets the other in says first: the preamble, and a hello that has nothing more to say. */
export const GREETING: Uint8Array = greetingOf('{}')

/** Below this, room for a whole message is made at once; above it, room grows with what arrives. */
const EAGER_BYTES = 64 * 1024

/** An unfinished message is told from so many bytes on, and in such steps. */
const TOLD_BYTES = 16 * 1024
const STEP_BYTES = 64 * 1024

/** Up to here a copy costs no more than a view (V8 keeps such arrays inside its heap), and a kept one holds no chunk. */
const TINY_BYTES = 64

const CONTROL_BYTES = 4
const EMPTY = new Uint8Array(0)

/** Writes the header of a message of `length` bytes to `target`, from `at` on. */
export function writeDataHeader(target: Uint8Array, at: number, length: number): void {
  target[at] = length >>> 24
  target[at + 1] = length >>> 16
  target[at + 2] = length >>> 8
  target[at + 3] = length
}

/** A whole ping or pong frame. */
export function controlFrame(kind: typeof FrameKind.Ping | typeof FrameKind.Pong, id: number): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + CONTROL_BYTES)
  const view = new DataView(frame.buffer)
  view.setUint32(0, ((kind << 29) | CONTROL_BYTES) >>> 0)
  view.setUint32(HEADER_BYTES, id)
  return frame
}

/** A whole goodbye frame that says why, where that is known. */
export function goodbyeFrame(reason: string | undefined): Uint8Array {
  if (reason === undefined) return GOODBYE
  return GOODBYES.get(reason) ?? textFrame(FrameKind.Goodbye, reason)
}

/** The preamble, and a hello with something to say: a JSON object. */
export function greetingOf(hello: string): Uint8Array {
  return bytesOf(PREAMBLE, textFrame(FrameKind.Hello, hello))
}

/** The preamble and a refusal: all that is said to who is turned away. */
export function refusalBytes(text: string): Uint8Array {
  return bytesOf(PREAMBLE, textFrame(FrameKind.Refusal, text))
}

/** A whole frame whose payload is text. */
export function textFrame(kind: FrameKind, text: string): Uint8Array {
  const payload = ENCODER.encode(text)
  return bytesOf(word(((kind << 29) | payload.length) >>> 0), payload)
}

/** The text that a frame carries. */
export function textOf(payload: Uint8Array): string {
  if (payload.length === 0) return ''
  return payload.length === 2 && payload[0] === 0x7b && payload[1] === 0x7d ? '{}' : DECODER.decode(payload)
}

/** The id that a ping or pong carries. */
export function controlId(payload: Uint8Array): number {
  return new DataView(payload.buffer, payload.byteOffset, CONTROL_BYTES).getUint32(0)
}

/**
 * Turns bytes into frames: `push` a chunk, then call `next` until it is false.
 *
 * Who owns the bytes: a payload of more than 64 bytes that came whole in one chunk is a view on that chunk, any other is
 * a buffer of its own. Nobody writes to either again, so that a payload may be kept; a kept view keeps its chunk, which
 * from a socket is at most 64 KiB, in memory. (A copy of 1 KiB costs four times as much as a view.)
 */
export class FrameReader {
  /** The kind of the frame that `next` found. */
  kind: FrameKind = FrameKind.Preamble

  #payload: Uint8Array = EMPTY
  #limit: number
  #chunk: Uint8Array | undefined
  #at = 0
  #greeted = false
  #word = 0
  #wordBytes = 0
  #length = -1
  #body: Uint8Array | undefined
  #filled = 0

  /** @param limit the largest message that is accepted, in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** From here on messages of up to so many bytes are accepted. */
  admit(limit: number): void {
    this.#limit = limit
  }

  /** Whether bytes are waiting that `next` has not looked at. */
  get hasRest(): boolean {
    return this.#chunk !== undefined
  }

  /** How many bytes of a message that is not whole have arrived, in steps of 64 KiB; 0 below 16 KiB. */
  get unfinishedBytes(): number {
    return this.#body === undefined || this.#filled < TOLD_BYTES ? 0 : Math.max(1, Math.floor(this.#filled / STEP_BYTES)) * STEP_BYTES
  }

  /** What a message that is not whole takes in memory; 0 where it is too small to tell. */
  get heldBytes(): number {
    return this.#body === undefined || this.#filled < TOLD_BYTES ? 0 : this.#body.byteLength
  }

  /** Holds no more than what waits: nobody will read for a while. */
  trim(): void {
    const chunk = this.#chunk
    if (chunk === undefined || (chunk.length - this.#at) * 2 >= chunk.buffer.byteLength) return
    this.#chunk = new Uint8Array(chunk.subarray(this.#at))
    this.#at = 0
  }

  /** The payload of the frame that `next` found. The reader does not keep it: an idle link would hold its last message. */
  take(): Uint8Array {
    const payload = this.#payload
    this.#payload = EMPTY
    return payload
  }

  /** Takes more bytes. They must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunk = this.#chunk === undefined ? chunk : join(this.#chunk.subarray(this.#at), chunk)
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
   * Reads one frame, for `kind` and `take()` to tell; false: it needs more bytes.
   *
   * @throws ConnectionError `ERR_FRAME_TOO_LARGE` for a header that announces too much, before any room is made for it
   * @throws SystemError `EPROTO` for anything that is not a frame; the stream cannot be read on after either
   */
  next(): boolean {
    const chunk = this.#chunk
    if (chunk === undefined) return false
    if (this.#length < 0) {
      if (!this.#readWord(chunk)) return false
      if (!this.#greeted) {
        checkPreamble(this.#word >>> 0)
        this.#greeted = true
        return this.#found(FrameKind.Preamble, EMPTY)
      }
      this.#length = this.#checkHeader()
    }
    const length = this.#length
    if (this.#body === undefined) {
      const end = this.#at + length
      if (end <= chunk.length) {
        const payload = new Uint8Array(chunk.buffer, chunk.byteOffset + this.#at, length)
        this.#at = end
        return this.#found((this.#word >>> 29) as FrameKind, length <= TINY_BYTES ? new Uint8Array(payload) : payload)
      }
      // The announced length is a stranger's word: it gets the memory that its bytes have paid for, not 16 MiB.
      this.#body = new Uint8Array(Math.min(length, EAGER_BYTES))
      this.#filled = 0
    }
    return this.#fill(this.#body, chunk, length)
  }

  #fill(body: Uint8Array, chunk: Uint8Array, length: number): boolean {
    const end = Math.min(chunk.length, this.#at + length - this.#filled)
    const filled = this.#filled + end - this.#at
    if (filled > body.length) {
      const larger = new Uint8Array(Math.min(length, Math.max(filled, body.length * 4)))
      larger.set(body.subarray(0, this.#filled))
      this.#body = body = larger
    }
    body.set(chunk.subarray(this.#at, end), this.#filled)
    this.#filled = filled
    this.#at = end
    if (filled === length) return this.#found((this.#word >>> 29) as FrameKind, body)
    this.#dropUsedChunk()
    return false
  }

  #found(kind: FrameKind, payload: Uint8Array): true {
    this.kind = kind
    this.#payload = payload
    this.#length = -1
    this.#wordBytes = 0
    this.#body = undefined
    this.#dropUsedChunk()
    return true
  }

  #readWord(chunk: Uint8Array): boolean {
    let at = this.#at
    while (this.#wordBytes < HEADER_BYTES && at < chunk.length) {
      // Kept as a signed number: V8 would box a larger one, on every link.
      this.#word = (this.#word << 8) | chunk[at++]!
      this.#wordBytes++
    }
    this.#at = at
    if (this.#wordBytes === HEADER_BYTES) return true
    this.#dropUsedChunk()
    return false
  }

  #checkHeader(): number {
    const kind = this.#word >>> 29
    const length = this.#word & MAX_FRAME_BYTES
    if (kind === FrameKind.Data) {
      if (length > this.#limit) throw frameTooLarge('the other side announced a message', length, this.#limit)
      return length
    }
    if (kind > FrameKind.Refusal) throw systemError('EPROTO', `the other side sent a frame of the unknown kind ${kind}`)
    if (kind >= FrameKind.Goodbye) {
      const most = kind === FrameKind.Goodbye ? MAX_REASON_BYTES : MAX_GREETING_BYTES
      if (length > most) throw systemError('EPROTO', `the other side sent a control frame of ${length} bytes, more than ${most}`)
    } else if (length !== CONTROL_BYTES) {
      throw systemError('EPROTO', `the other side sent a control frame of ${length} bytes instead of ${CONTROL_BYTES}`)
    }
    return length
  }

  #dropUsedChunk(): void {
    if (this.#chunk !== undefined && this.#at === this.#chunk.length) this.#chunk = undefined
  }
}

function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)
}

function bytesOf(...parts: readonly Uint8Array[]): Uint8Array {
  return parts.reduce(join)
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
