/** The inbox of a link, with the bound on unread bytes: a message is read, or waits in order while its source is paused; none is dropped. */

/** The most messages that wait, whatever their size: a stranger's empty messages take memory too. */
const MOST_MESSAGES = 16_384

/** What stops and restarts the source of messages. */
export interface Source {
  pause(): void
  resume(): void
}

/** Whoever reads a peer's messages. */
export interface Reader {
  /** Takes the next message. */
  push(data: Uint8Array): void
  /** Whether a message pushed is a message read; else `taken` says so later. */
  readonly readsAtOnce: boolean
  /** Whether it has fallen behind by as much as it may. */
  readonly isFull: boolean
  /** Whether it has caught up far enough for the source to go on. */
  readonly isLow: boolean
}

/**
 * A queue of messages that knows the bytes that it keeps. A message that waits and takes less than half of the buffer
 * that it is a view on is copied, any other counts with the whole: else 65 bytes would keep 64 KiB, uncounted.
 */
export class MessageQueue {
  #items: (Uint8Array | undefined)[] = []
  #head = 0
  #bytes = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get length(): number {
    return this.#items.length - this.#head
  }

  get isFull(): boolean {
    return this.#bytes >= this.#maxBytes || this.length >= MOST_MESSAGES
  }

  get isLow(): boolean {
    return this.#bytes * 2 <= this.#maxBytes && this.length * 2 <= MOST_MESSAGES
  }

  push(data: Uint8Array): void {
    const kept = data.byteLength * 2 < data.buffer.byteLength ? new Uint8Array(data) : data
    this.#items.push(kept)
    this.#bytes += kept.buffer.byteLength
  }

  shift(): Uint8Array | undefined {
    const data = this.#items[this.#head]
    if (data === undefined) return undefined
    this.#items[this.#head++] = undefined
    this.#bytes -= data.buffer.byteLength
    if (this.#head === this.#items.length) {
      this.#items.length = this.#head = 0
    } else if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return data
  }
}

/** Where the messages of one peer wait and are handed out. Made when first needed. */
export class Inbox {
  #source: Source | undefined
  readonly #maxBytes: number
  readonly #readers = new Set<Reader>()
  #waiting: MessageQueue
  #paused = false
  /** Counts the messages handed out; the last one that somebody really took. */
  #handedOut = 0
  #taken = 0
  #flushing = false

  constructor(source: Source | undefined, maxBytes: number) {
    this.#source = source
    this.#maxBytes = maxBytes
    this.#waiting = new MessageQueue(maxBytes)
  }

  get maxBytes(): number {
    return this.#maxBytes
  }

  /** Whether somebody reads here. */
  get hasReaders(): boolean {
    return this.#readers.size > 0
  }

  /** Whether messages wait that nobody has read. */
  get hasWaiting(): boolean {
    return this.#waiting.length > 0
  }

  /** Changes where messages come from; undefined: there will be no more. */
  connect(source: Source | undefined): void {
    this.#source = source
    if (this.#paused) source?.pause()
  }

  /** Whether what waited is being handed out just now: what arrives meanwhile must wait behind it. */
  get isFlushing(): boolean {
    return this.#flushing
  }

  /** Takes in a message that nobody reads yet. */
  hold(data: Uint8Array): void {
    this.#waiting.push(data)
    this.balance()
  }

  /** Gives a message to every reader. `seen`: somebody beside them has read it. */
  deliver(data: Uint8Array, seen: boolean): void {
    this.#handedOut++
    if (seen) this.#taken = this.#handedOut
    for (const reader of this.#readers) this.#hand(reader, data)
    this.balance()
  }

  /** Adds a reader; the first one gets everything that waits. */
  attach(reader: Reader): void {
    this.#readers.add(reader)
    this.flush((data) => {
      this.#handedOut++
      this.#hand(reader, data)
      return this.#readers.has(reader)
    })
  }

  /** Takes a reader away; what it was given but has not taken, and nobody else has, waits again. */
  detach(reader: Reader, untaken: MessageQueue | undefined): void {
    if (!this.#readers.delete(reader)) return
    if (untaken !== undefined && this.#readers.size === 0) this.#putBack(untaken)
    this.balance()
  }

  /** Hands what waits to `take`, in order, until it returns false. The source goes on only after that: what it has comes behind. */
  flush(take: (data: Uint8Array) => boolean): void {
    if (this.#flushing) return
    this.#flushing = true
    try {
      for (let data = this.#waiting.shift(); data !== undefined; data = this.#waiting.shift()) {
        if (!take(data)) break
      }
    } finally {
      this.#flushing = false
      this.balance()
    }
  }

  /** Notes that a reader has taken all but the last `left` messages it was given. */
  taken(left: number): void {
    this.#taken = Math.max(this.#taken, this.#handedOut - left)
    this.balance()
  }

  /** Drops what waits and lets the source go on: nobody will ever read here again. */
  discard(): void {
    this.#waiting = new MessageQueue(this.#maxBytes)
    this.balance()
  }

  /** Pauses or resumes the source as the fullest of the readers, and the queue, demand. */
  balance(): void {
    if (this.#paused) {
      if (!this.#waiting.isLow) return
      for (const reader of this.#readers) if (!reader.isLow) return
      this.#paused = false
      this.#source?.resume()
    } else if (this.#isFull()) {
      this.#paused = true
      this.#source?.pause()
    }
  }

  #hand(reader: Reader, data: Uint8Array): void {
    if (reader.readsAtOnce) this.#taken = this.#handedOut
    reader.push(data)
  }

  #isFull(): boolean {
    if (this.#waiting.isFull) return true
    for (const reader of this.#readers) if (reader.isFull) return true
    return false
  }

  #putBack(untaken: MessageQueue): void {
    const later = this.#waiting
    this.#waiting = new MessageQueue(this.#maxBytes)
    let place = this.#handedOut - untaken.length
    for (let data = untaken.shift(); data !== undefined; data = untaken.shift()) {
      if (++place > this.#taken) this.#waiting.push(data)
    }
    for (let data = later.shift(); data !== undefined; data = later.shift()) this.#waiting.push(data)
  }
}
