/** Bytes go one way, in order and unchanged, as late, as slowly and as far as the faults let them. */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.ts'

/** How a path treats what passes. */
export interface PathShape {
  /** How much later everything arrives, in milliseconds. */
  latencyMs: number
  /** How much passes in a second, each way; Infinity: as much as comes. */
  bytesPerSecond: number
  /** How much is read and passed on in a millisecond, as one piece. */
  pieceBytes: number
  /** Whether nothing passes at all, and nobody is told. */
  isVanished: boolean
}

/** How a pipe ended by itself. */
export type PipeEnd =
  /** Both ends have been told in order. */
  | 'ended'
  /** An end broke. */
  | 'broken'
  /** As much passed as {@link FaultPipe.truncate} let, and then no more. */
  | 'truncated'

interface Piece {
  readonly bytes: Uint8Array | 'end'
  readonly dueAt: number
}

/** What waits in a pipe at most, in bytes, before its source is not read on. */
const MOST_WAITING = 256 * 1024

/** A throttled pipe passes at most this long's worth at a time, in milliseconds. */
const SLICE_MS = 20

/** One direction of a proxied link. */
export class FaultPipe {
  readonly #source: Socket
  readonly #sink: Socket
  readonly #shape: Readonly<PathShape>
  readonly #clock: Clock
  readonly #over: (how: PipeEnd) => void
  #waiting: Piece[] = []
  #waitingBytes = 0
  #left = Infinity
  #freeAt = 0
  #timer: unknown
  #isBlocked = false
  #isBroken = false
  #isOver = false

  constructor(source: Socket, sink: Socket, shape: Readonly<PathShape>, clock: Clock, over: (how: PipeEnd) => void) {
    this.#source = source
    this.#sink = sink
    this.#shape = shape
    this.#clock = clock
    this.#over = over
    source.on('data', (chunk: Uint8Array) => this.#take(chunk))
    source.on('end', () => this.#put({ bytes: 'end', dueAt: clock.now() + shape.latencyMs }))
    source.on('error', () => this.#broke())
    source.on('close', () => this.#broke())
    sink.on('drain', () => {
      this.#isBlocked = false
      this.flow()
    })
  }

  /** Lets `bytes` more pass, and then ends the link. */
  truncate(bytes: number): void {
    this.#left = bytes
    this.flow()
  }

  /** Goes on, after the shape has changed or room was made. */
  flow(): void {
    if (this.#isOver) return
    this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (!this.#shape.isVanished) {
      while (this.#passOne());
      if (this.#isBroken) return this.#finish('broken')
    }
    this.#readOn()
  }

  /** Forgets everything. */
  stop(): void {
    this.#isOver = true
    this.#clock.clearTimeout(this.#timer)
    this.#waiting = []
  }

  #take(chunk: Uint8Array): void {
    const dueAt = this.#clock.now() + this.#shape.latencyMs
    this.#waitingBytes += chunk.length
    this.#put({ bytes: chunk, dueAt })
  }

  #put(piece: Piece): void {
    if (this.#isOver) return
    this.#waiting.push(piece)
    this.flow()
  }

  /** Passes the first piece on, or a part of it, if it may pass now. */
  #passOne(): boolean {
    if (this.#isOver) return false
    if (this.#left === 0) {
      this.#finish('truncated')
      return false
    }
    const [piece] = this.#waiting
    if (piece === undefined || this.#isBlocked) return false
    const now = this.#clock.now()
    const { bytesPerSecond, pieceBytes } = this.#shape
    const isPaced = piece.bytes !== 'end' && (bytesPerSecond !== Infinity || pieceBytes !== Infinity)
    const at = Math.max(piece.dueAt, isPaced ? this.#freeAt : 0)
    if (at > now) {
      // A timer may be early by less than a millisecond.
      this.#timer = this.#clock.setTimeout(() => this.flow(), Math.ceil(at - now))
      return false
    }
    if (piece.bytes === 'end') {
      this.#waiting.shift()
      this.#sink.end()
      this.#finish('ended')
      return false
    }
    this.#write(piece.bytes, piece.dueAt, now)
    return true
  }

  #write(bytes: Uint8Array, dueAt: number, now: number): void {
    const { bytesPerSecond, pieceBytes } = this.#shape
    const slice = Math.max(1, Math.floor((bytesPerSecond * SLICE_MS) / 1000))
    const passing = bytes.subarray(0, Math.min(slice, pieceBytes, this.#left))
    if (passing.length === bytes.length) this.#waiting.shift()
    else this.#waiting[0] = { bytes: bytes.subarray(passing.length), dueAt }
    this.#waitingBytes -= passing.length
    this.#left -= passing.length
    const atEarliest = pieceBytes === Infinity ? 0 : now + 1
    this.#freeAt = Math.max(
      atEarliest,
      bytesPerSecond === Infinity ? 0 : Math.max(now, this.#freeAt) + (passing.length * 1000) / bytesPerSecond,
    )
    this.#isBlocked = !this.#sink.write(passing)
  }

  #readOn(): void {
    const most = Math.min(MOST_WAITING, this.#shape.pieceBytes)
    if (this.#shape.isVanished || this.#waitingBytes > most) this.#source.pause()
    else this.#source.resume()
  }

  /** The source is gone without an end: that overtakes what waits, unless the path is away and nobody can tell. */
  #broke(): void {
    if (this.#isOver || this.#waiting.at(-1)?.bytes === 'end') return
    this.#isBroken = true
    if (!this.#shape.isVanished) this.#finish('broken')
  }

  #finish(how: PipeEnd): void {
    if (this.#isOver) return
    this.stop()
    this.#over(how)
  }
}
