/** The inbox of a kept peer: its readers read on from link to link, and pause each link as any other reader does. */
import type { Hold, HoldReader } from '../holds/hold.ts'
import { Inbox } from '../holds/inbox.ts'

/**
 * The messages of a kept peer. It reads on a link only while somebody reads here: what nobody reads waits on its link, for
 * whoever reads there first, within the link's bound.
 */
export class KeptInbox {
  readonly inbox: Inbox
  readonly #readers = new Set<HoldReader>()
  #hold: Hold | undefined = undefined
  /** The last link before that which ended with messages that nobody had read. */
  #left: Hold | undefined = undefined
  /** What reads on the present link. */
  #pump: Pump | undefined = undefined
  #isPaused = false

  constructor(maxBufferedBytes: number) {
    this.inbox = new Inbox({ pause: () => this.#pause(true), resume: () => this.#pause(false) }, maxBufferedBytes)
  }

  /** Whether its readers have fallen behind by as much as they may. */
  get isPaused(): boolean {
    return this.#isPaused
  }

  /** There is another link. What waits there already is for {@link read}, when code of others may run. */
  linked(hold: Hold): void {
    if (this.#hold?.isOver === true && this.#hold.hasUnread) this.#left = this.#hold
    this.#hold = hold
    this.#pump = undefined
    // At once, before anybody else can be given what comes first.
    if (this.#left === undefined && !this.#isPaused && !hold.hasUnread) this.read()
  }

  /** Reads on, where somebody reads here. */
  read(): void {
    const left = this.#left
    if (this.#readers.size === 0) return
    this.#left = undefined
    left?.read((inbox) => new Pump(this, inbox))
    if (this.#readers.size > 0 && this.#pump === undefined) this.#hold?.read((inbox) => (this.#pump = new Pump(this, inbox)))
  }

  /** Adds a reader of {@link inbox}. */
  attach(reader: HoldReader): void {
    this.#readers.add(reader)
    this.inbox.attach(reader)
    this.read()
  }

  /** Forgets a reader that reads here no longer. */
  detached(reader: HoldReader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) this.#stopReading()
  }

  /** Ends everybody who reads here. */
  end(): void {
    this.#stopReading()
    this.#hold = this.#left = undefined
    const readers = [...this.#readers]
    this.#readers.clear()
    for (const reader of readers) reader.finish()
  }

  /** Takes a message of a link. */
  push(data: Uint8Array): void {
    const { inbox } = this
    if (!inbox.isFlushing && inbox.hasReaders) inbox.deliver(data, false)
    else inbox.hold(data)
  }

  #stopReading(): void {
    const pump = this.#pump
    this.#pump = undefined
    if (pump === undefined) return
    this.#hold?.stopReading(pump)
    pump.stop()
  }

  #pause(isPaused: boolean): void {
    this.#isPaused = isPaused
    this.#pump?.inbox.balance()
  }
}

/** Hands on what comes on one link. */
class Pump implements HoldReader {
  readonly readsAtOnce = true
  readonly inbox: Inbox
  readonly #kept: KeptInbox

  constructor(kept: KeptInbox, inbox: Inbox) {
    this.#kept = kept
    this.inbox = inbox
  }

  get isFull(): boolean {
    return this.#kept.isPaused
  }

  get isLow(): boolean {
    return !this.#kept.isPaused
  }

  push(data: Uint8Array): void {
    this.#kept.push(data)
  }

  stop(): void {
    this.inbox.detach(this, undefined)
  }

  finish(): void {
    this.stop()
  }
}
