/** A kept handle sends what it accepted in order and at most once, and whoever waits for a link is told of one, or of the end. */
import type { Observable } from 'rxjs'
import { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { isBytes } from '../../../machines/domain/realm.ts'
import { ConnectionError } from '../../errors.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import { Caller } from '../holds/caller.ts'
import type { Connection } from '../holds/connection.ts'
import { assertSignal } from '../options/given-options.ts'
import { GuardedObservable } from '../callbacks/guarded-observable.ts'
import { endedIterator, SubscriberReader, type Hold } from '../holds/hold.ts'
import type { CheckedKeep } from './keep-options.ts'
import { lostError, noLinkError } from './kept-errors.ts'
import { KeptInbox } from './kept-inbox.ts'
import type { KeptPeer } from './kept-peer.ts'
import { MessageIterator } from '../holds/message-iterator.ts'
import { queueFullError, SendQueue } from './send-queue.ts'

/** What a handle asks of whoever keeps its peer. */
export interface KeptHandleHost {
  readonly errors: AppErrors
  readonly maxBufferedBytes: number
  statusOf(peerId: PeerId): ConnectionStatus | undefined
  status$(peerId: PeerId): Observable<ConnectionStatus | undefined>
  connectionOf(peerId: PeerId): Connection | undefined
  /** Whether the peer is connected, or is dialled again by itself. */
  isKept(peerId: PeerId): boolean
  isAccepting(): boolean
  /** Keeps the process running for this peer's sake, or no longer. */
  readonly alive: { add(): void; remove(): void }
  /** Takes a handle back; resolves when what follows from it is done. */
  release(handle: KeptHandle): Promise<void>
}

interface Drainer {
  resolve(): void
  reject(error: ConnectionError): void
}

/** What one call of `keep` gave. */
export class KeptHandle implements KeptPeer {
  readonly peerId: PeerId
  /** Ends its first connect, where that is under way. */
  readonly connecting = new AbortController()
  readonly #host: KeptHandleHost
  readonly #signal: AbortSignal | undefined
  readonly #queue: SendQueue | undefined
  readonly #inbox: KeptInbox
  readonly #callers = new Set<Caller>()
  readonly #drainers = new Set<Drainer>()
  readonly #watchers = new Set<() => void>()
  #hold: Hold | undefined = undefined
  /** Whether it waits for the link to take more of what is queued. */
  #isFlushing = false
  #released: Promise<void> | undefined = undefined
  #isOver = false
  readonly #keepAlive: boolean
  /** Whether it keeps the process running just now. */
  #isHolding = false

  constructor(peerId: PeerId, { queue, signal, keepAlive }: CheckedKeep, host: KeptHandleHost) {
    this.peerId = peerId
    this.#host = host
    this.#signal = signal
    this.#keepAlive = keepAlive
    this.#queue = queue === undefined ? undefined : new SendQueue(queue)
    this.#inbox = new KeptInbox(host.maxBufferedBytes)
    signal?.addEventListener('abort', this.#onAbort)
  }

  get status(): ConnectionStatus {
    return this.#host.statusOf(this.peerId) ?? ConnectionStatus.Disconnected
  }

  get status$(): Observable<ConnectionStatus> {
    return new GuardedObservable(this.#host.errors, (subscriber) => {
      let last: ConnectionStatus | undefined
      const tell = (status: ConnectionStatus = ConnectionStatus.Disconnected): void => {
        if (status === last) return
        last = status
        subscriber.next(status)
      }
      const end = (): void => subscriber.complete()
      if (this.#isOver) {
        tell(this.status)
        return end()
      }
      this.#watchers.add(end)
      const source = this.#host.status$(this.peerId).subscribe({ next: tell, complete: end })
      return () => {
        this.#watchers.delete(end)
        source.unsubscribe()
      }
    })
  }

  get messages$(): Observable<Uint8Array> {
    return new GuardedObservable(this.#host.errors, (subscriber) => {
      if (this.#isOver) return subscriber.complete()
      const reader = new SubscriberReader(this.#inbox.inbox, subscriber)
      subscriber.add(() => {
        reader.leave()
        this.#inbox.detached(reader)
      })
      return this.#inbox.attach(reader)
    })
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    if (this.#isOver) return endedIterator()
    const reader = new MessageIterator(this.#inbox.inbox, (stopping) => this.#inbox.detached(stopping))
    this.#inbox.attach(reader)
    return reader
  }

  get connection(): Connection | undefined {
    return this.#isOver ? undefined : this.#host.connectionOf(this.peerId)
  }

  connected(options: { readonly signal?: AbortSignal } = {}): Promise<Connection> {
    try {
      const { signal } = options
      assertSignal(signal)
      if (signal?.aborted === true) return Promise.reject(signal.reason)
      const { connection } = this
      if (connection !== undefined) return Promise.resolve(connection)
      if (!this.#isKept) return Promise.reject(this.#lost())
      const caller = new Caller(signal, (left) => this.#callers.delete(left))
      this.#callers.add(caller)
      caller.leaveIfAborted()
      return caller.promise
    } catch (error) {
      return Promise.reject(error)
    }
  }

  send(data: Uint8Array): boolean {
    if (!isBytes(data)) throw new TypeError(`data must be a Uint8Array, got ${data === null ? 'null' : typeof (data as unknown)}`)
    const queue = this.#queue
    const hold = this.#live
    if (hold !== undefined && (queue === undefined || queue.size === 0)) return hold.send(data)
    if (queue === undefined || !this.#isKept) throw this.#notConnected()
    if (!queue.push(data)) throw queueFullError(this.peerId, queue)
    return false
  }

  drained(): Promise<void> {
    if (!this.#isKept) return Promise.reject(this.#notConnected())
    return new Promise((resolve, reject) => {
      this.#drainers.add({ resolve, reject })
      this.#flush()
    })
  }

  release(): Promise<void> {
    this.#released ??= this.#host.release(this)
    return this.#released
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release()
  }

  [Symbol.dispose](): void {
    void this.release()
  }

  // What the keeper of its peer says.

  /** Whether the process is to be kept running is to be seen anew: the peer is kept from now on, or may be no longer. */
  holdProcess(): void {
    const isHolding = this.#keepAlive && this.#isKept
    if (isHolding === this.#isHolding) return
    this.#isHolding = isHolding
    this.#host.alive[isHolding ? 'add' : 'remove']()
  }

  /** Whether it has a hold on the present link. */
  get isLinked(): boolean {
    return this.#live !== undefined
  }

  /** There is a link, and this its hold on it. */
  linked(hold: Hold): void {
    this.#hold = hold
    this.#isFlushing = false
    this.holdProcess()
    this.#inbox.linked(hold)
  }

  /** Code of others may run: what waited for the link goes on. */
  resume(): void {
    if (this.#live === undefined) return
    this.#flush()
    this.#inbox.read()
    const { connection } = this
    if (connection === undefined) return
    for (const caller of this.#callers) caller.resolve(connection)
    this.#callers.clear()
  }

  /** Tells those who wait where the peer is kept no longer. */
  look(): void {
    this.holdProcess()
    if (this.#isKept) return
    for (const caller of this.#callers) caller.reject(this.#lost())
    this.#callers.clear()
    for (const drainer of this.#drainers) drainer.reject(this.#notConnected())
    this.#drainers.clear()
  }

  /** Ends it, and everybody who waits or reads; gives its hold, which goes back. */
  end(): Hold | undefined {
    if (this.#isOver) return undefined
    const hold = this.#live
    this.#isOver = true
    this.#hold = undefined
    this.#released ??= Promise.resolve()
    this.#queue?.clear()
    try {
      this.#signal?.removeEventListener('abort', this.#onAbort)
    } catch {
      // A listener that stays finds nothing left to do.
    }
    this.connecting.abort()
    this.look()
    return hold
  }

  /** Tells those who read that it is over; called when code of others may run. */
  endReaders(): void {
    this.#inbox.end()
    for (const end of this.#watchers) end()
  }

  // Inside.

  get #live(): Hold | undefined {
    return this.#hold?.isOver === false ? this.#hold : undefined
  }

  get #isKept(): boolean {
    return !this.#isOver && (this.#live !== undefined || this.#host.isKept(this.peerId))
  }

  /** Sends what is queued for as long as the link takes it; then those who wait for that are told. */
  #flush(): void {
    const hold = this.#live
    if (hold === undefined || this.#isFlushing) return
    if (!this.#sendQueued(hold) || this.#drainers.size > 0) {
      this.#isFlushing = true
      hold.drained().then(
        () => this.#flushed(hold),
        () => {},
      )
    }
  }

  /** The link takes more. */
  #flushed(hold: Hold): void {
    if (this.#hold !== hold || hold.isOver) return
    this.#isFlushing = false
    if (this.#queue === undefined || this.#queue.size === 0) {
      for (const { resolve } of this.#drainers) resolve()
      this.#drainers.clear()
    } else this.#flush()
  }

  /** @returns false: something is left, or the link is above its high-water mark */
  #sendQueued(hold: Hold): boolean {
    const queue = this.#queue
    for (let data = queue?.first; data !== undefined; data = queue?.first) {
      let flows = true
      try {
        flows = hold.send(data)
      } catch (error) {
        // Full, or over just now: it stays where it is. Anything else will never go.
        if (ConnectionError.is(error) && (error.code === 'ERR_BUFFER_FULL' || error.code === 'ERR_NOT_CONNECTED')) return false
        this.#host.errors.report(error, 'send', this.peerId)
      }
      if (queue?.first === data) queue.shift()
      if (!flows) return false
    }
    return true
  }

  readonly #onAbort = (): void => void this.release()

  /** Why a connect of this handle is in vain. */
  #lost(): ConnectionError {
    return lostError(this.peerId, this.#host.isAccepting(), this.#isOver)
  }

  #notConnected(): ConnectionError {
    return noLinkError(this.peerId, this.#isKept, this.#isOver)
  }
}
