/** A hold is open until its link ends or it is given back, and then it stays over. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { Observable, Subscriber } from 'rxjs'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { isBytes, ownBytes } from '../../../machines/domain/realm.ts'
import type { Direction } from '../../../machines/policy/duel.ts'
import { ConnectionError } from '../../errors.ts'
import type { CloseReason, LinkSecurity } from '../../transports/transport.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import type { Connection } from './connection.ts'
import { GuardedObservable } from '../callbacks/guarded-observable.ts'
import type { Inbox, Reader } from './inbox.ts'
import { MessageIterator } from './message-iterator.ts'

/** What a hold asks of the peer that it is a hold on. */
export interface HeldPeer {
  readonly peerId: PeerId
  readonly direction: Direction
  readonly remoteAddress: string
  readonly latency: number | null
  readonly port:
    | { send(data: Uint8Array): boolean; readonly security?: LinkSecurity | undefined; readonly fence?: number | undefined }
    | undefined
}

/** What a hold asks of the runtime. */
export interface HoldHost<P extends HeldPeer> {
  /** Is told what those who read here throw. */
  readonly errors: AppErrors
  inboxOf(peer: P): Inbox
  sent(bytes: number): void
  /** Resolves when the peer's link takes more. */
  drained(peer: P, hold: object): Promise<void>
  /** Takes a hold back; resolves when what follows from it is done. */
  releaseHold(peer: P, hold: Hold<P>): Promise<void>
  /** Closes the link that this is a hold on, whoever else holds it; resolves when it is closed. */
  hangUp(peer: P, hold: Hold<P>): Promise<void>
}

/** The connection that a caller is given. */
export class Hold<P extends HeldPeer = HeldPeer> implements Connection {
  /** Its neighbours among the holds on the same peer. */
  previous: Hold<P> | undefined = undefined
  next: Hold<P> | undefined = undefined
  /** False: only a view of the peer, which keeps nothing open. */
  readonly counts: boolean
  /** When it was given, in milliseconds since the epoch; 0: nobody wants to know. */
  since = 0
  readonly #peer: P
  readonly #host: HoldHost<P>
  #over: CloseReason | undefined = undefined
  /** What nobody had read when the link ended. */
  #left: Inbox | undefined = undefined
  #readers: Set<HoldReader> | undefined = undefined
  #closed: Promise<CloseReason> | undefined = undefined
  #settle: ((reason: CloseReason) => void) | undefined = undefined

  constructor(peer: P, host: HoldHost<P>, counts: boolean) {
    this.#peer = peer
    this.#host = host
    this.counts = counts
  }

  get peerId(): PeerId {
    return this.#peer.peerId
  }

  get direction(): Direction {
    return this.#peer.direction
  }

  get remoteAddress(): string {
    return this.#peer.remoteAddress
  }

  get security(): LinkSecurity | undefined {
    return this.isOver ? undefined : this.#peer.port?.security
  }

  get fence(): number | undefined {
    return this.isOver ? undefined : this.#peer.port?.fence
  }

  get latency(): number | null {
    return this.#peer.latency
  }

  /** Whether anybody reads here. */
  get isRead(): boolean {
    return this.#readers !== undefined
  }

  get isOver(): boolean {
    return this.#over !== undefined
  }

  get closed(): Promise<CloseReason> {
    const over = this.#over
    this.#closed ??= over === undefined ? new Promise((resolve) => (this.#settle = resolve)) : Promise.resolve(over)
    return this.#closed
  }

  send(data: Uint8Array): boolean {
    if (!isBytes(data)) throw new TypeError(`data must be a Uint8Array, got ${data === null ? 'null' : typeof (data as unknown)}`)
    const port = this.#peer.port
    if (this.#over !== undefined || port === undefined) throw this.#notConnected()
    const flows = port.send(ownBytes(data))
    this.#host.sent(data.byteLength)
    return flows
  }

  drained(): Promise<void> {
    if (this.#over !== undefined) return Promise.reject(this.#notConnected())
    return this.#host.drained(this.#peer, this)
  }

  get messages$(): Observable<Uint8Array> {
    return new GuardedObservable(this.#host.errors, (subscriber) => {
      const reader = this.read((inbox) => new SubscriberReader(inbox, subscriber))
      if (reader === undefined) return subscriber.complete()
      return () => {
        this.stopReading(reader)
        reader.leave()
      }
    })
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    return this.read((inbox) => new MessageIterator(inbox, (reader) => this.stopReading(reader))) ?? endedIterator()
  }

  /** Whether messages wait here that nobody has read. */
  get hasUnread(): boolean {
    return this.#inbox()?.hasWaiting === true
  }

  /** Has a reader of the app's read here, and gives it; undefined: it is over, and nothing was left. */
  read<R extends HoldReader>(make: (inbox: Inbox) => R): R | undefined {
    const inbox = this.#inbox()
    if (inbox === undefined) return undefined
    const reader = make(inbox)
    this.#read(inbox, reader)
    return reader
  }

  /** Forgets a reader that reads here no longer. */
  stopReading(reader: HoldReader): void {
    this.#readers?.delete(reader)
  }

  release(): Promise<void> {
    return this.#host.releaseHold(this.#peer, this)
  }

  close(): Promise<void> {
    return this.#host.hangUp(this.#peer, this)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  /**
   * Ends this hold; called once, by the runtime, which then has {@link endReaders} called when user code may run.
   *
   * @param left where unread messages still are, when it was the link that ended
   */
  end(reason: CloseReason, left: Inbox | undefined): void {
    this.#over = reason
    this.#left = left
    this.#settle?.(reason)
  }

  /** Tells those who read here that it is over. */
  endReaders(): void {
    const left = this.#left
    const readers = this.#readers
    this.#readers = undefined
    if (readers === undefined) return
    for (const reader of readers) {
      if (left === undefined) reader.stop()
      else reader.finish()
    }
  }

  /** The error of a call that comes after the end. */
  #notConnected(): ConnectionError {
    const over = this.#over
    const why = over === undefined ? '' : endedBecause(over)
    return new ConnectionError('ERR_NOT_CONNECTED', `the connection to '${shownPeerId(this.peerId)}' is over${why}; connect again`, {
      peerId: this.peerId,
      ...(over?.kind === 'error' ? { cause: over.error } : {}),
    })
  }

  #inbox(): Inbox | undefined {
    return this.#over === undefined ? this.#host.inboxOf(this.#peer) : this.#left
  }

  #read(inbox: Inbox, reader: HoldReader): void {
    if (this.#over === undefined) (this.#readers ??= new Set()).add(reader)
    inbox.attach(reader)
    if (this.#over !== undefined && !this.#readers?.has(reader)) {
      inbox.detach(reader, undefined)
      reader.finish()
    }
  }
}

/** A reader that can be told that its hold is over. */
export interface HoldReader extends Reader {
  /** The hold was given back: nothing more. */
  stop(): void
  /** The link ended: nothing after what has been given. */
  finish(): void
}

/** Reads for a subscriber. */
export class SubscriberReader implements HoldReader {
  readonly readsAtOnce = true
  readonly isFull = false
  readonly isLow = true
  readonly #inbox: Inbox
  readonly #subscriber: Subscriber<Uint8Array>

  constructor(inbox: Inbox, subscriber: Subscriber<Uint8Array>) {
    this.#inbox = inbox
    this.#subscriber = subscriber
  }

  push(data: Uint8Array): void {
    this.#subscriber.next(data)
    if (this.#subscriber.closed) this.leave()
  }

  /** Stops reading, and tells nobody. */
  leave(): void {
    this.#inbox.detach(this, undefined)
  }

  stop(): void {
    this.leave()
    this.#subscriber.complete()
  }

  finish(): void {
    this.stop()
  }
}

/** How a link ended, to stand behind words that say that it did; empty: this side ended it. */
export function endedBecause(reason: CloseReason): string {
  if (reason.kind === 'error') return `: ${reason.error.message}`
  if (reason.kind === 'local') return ''
  return `: the other side closed it${reason.reason === undefined ? '' : ` (${reason.reason})`}`
}

/** An iterator of nothing. */
export async function* endedIterator(): AsyncGenerator<Uint8Array, undefined> {}
