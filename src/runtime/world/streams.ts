/** Every subscriber is told every move in the order of `seq`, whatever it commands while it is told. */
import type { Observable, Subscriber } from 'rxjs'
import type { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { isTransition, type Move, type Transition } from '../../../machines/domain/transition.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import { Broadcast } from '../callbacks/broadcast.ts'
import type { Connection } from '../holds/connection.ts'
import { GuardedObservable } from '../callbacks/guarded-observable.ts'
import { TombstoneMap } from '../collections/tombstone-map.ts'

/** What the streams ask of whoever feeds them. */
export interface StreamSource {
  statusOf(peerId: PeerId): ConnectionStatus | undefined
  connectionOf(peerId: PeerId): Connection | undefined
  /** The `seq` of the last move. */
  readonly seq: number
  /** Emits on the supervisor's actor. */
  emit(type: 'peer.transition' | 'peer.move', move: Move): void
  /** Calls back in the next tick of the event loop. */
  nextTick(f: () => void): void
}

interface Watcher {
  readonly subscriber: Subscriber<ConnectionStatus | undefined>
  /** Moves up to this one were known when it subscribed. */
  readonly after: number
  last: ConnectionStatus | undefined
}

/** The streams of one supervisor, behind one queue. */
export class Streams {
  /** Every move, changes of substate included, for whoever looks at the whole. */
  readonly moves: Broadcast<Move>
  readonly transitions: Broadcast<Transition>
  readonly changes: Broadcast<readonly Transition[]>
  readonly connections: Broadcast<Connection>
  readonly messages: Broadcast<{ peerId: PeerId; data: Uint8Array }>
  readonly #watchers = new TombstoneMap<PeerId, Set<Watcher>>()
  readonly #source: StreamSource
  readonly #errors: AppErrors
  readonly #queue: Move[] = []
  #head = 0
  #batch: Transition[] | undefined = undefined
  #telling = false
  #ended = false

  /** @param errors is told what those who are told something throw */
  constructor(source: StreamSource, errors: AppErrors) {
    this.#source = source
    this.#errors = errors
    this.moves = new Broadcast(errors)
    this.transitions = new Broadcast(errors)
    this.changes = new Broadcast(errors)
    this.connections = new Broadcast(errors)
    this.messages = new Broadcast(errors)
  }

  /** Whether somebody is being told something just now. */
  get isTelling(): boolean {
    return this.#telling
  }

  /** Queues a move; it is told by {@link tell}. */
  push(move: Move): void {
    this.#queue.push(move)
  }

  /** Tells what is queued, what is queued meanwhile included. Within itself it does nothing: the outer call goes on. */
  tell(): void {
    if (this.#telling || this.#queue.length === 0) return
    this.#telling = true
    try {
      for (let move = this.#queue[0]; move !== undefined; move = this.#queue[++this.#head]) {
        try {
          if (this.moves.observed) this.moves.next(move)
          if (isTransition(move)) this.#tellTransition(move)
          else this.#source.emit('peer.move', move)
        } catch (error) {
          // One who listens by a Subscriber of its own making: the others are told what follows all the same.
          this.#errors.report(error, 'subscriber')
        }
      }
    } finally {
      // Mostly there was one: setting a length calls into the engine, taking the last does not.
      if (this.#queue.length === 1) this.#queue.pop()
      else this.#queue.length = 0
      this.#head = 0
      this.#telling = false
    }
    if (this.#ended) this.#complete()
  }

  /** Completes every stream, after what is queued. */
  end(): void {
    this.#ended = true
    if (!this.#telling) {
      this.tell()
      this.#complete()
    }
  }

  /** A peer's status: the present one, then each other one. Costs nothing to anyone else. */
  status(peerId: PeerId): Observable<ConnectionStatus | undefined> {
    return new GuardedObservable(this.#errors, (subscriber) => {
      const last = this.#source.statusOf(peerId)
      if (this.#ended) {
        subscriber.next(last)
        return subscriber.complete()
      }
      const watcher: Watcher = { subscriber, after: this.#source.seq, last }
      const watchers = this.#watchers.get(peerId) ?? new Set()
      this.#watchers.set(peerId, watchers.add(watcher))
      subscriber.next(last)
      return () => {
        watchers.delete(watcher)
        if (watchers.size === 0 && this.#watchers.get(peerId) === watchers) this.#watchers.delete(peerId)
      }
    })
  }

  #tellTransition(transition: Transition): void {
    if (this.transitions.observed) this.transitions.next(transition)
    if (this.changes.observed) this.#collect(transition)
    const watchers = this.#watchers.size === 0 ? undefined : this.#watchers.get(transition.peerId)
    if (watchers !== undefined) {
      for (const watcher of watchers) {
        if (transition.seq <= watcher.after || transition.to === watcher.last) continue
        watcher.last = transition.to
        watcher.subscriber.next(transition.to)
      }
    }
    this.#source.emit('peer.transition', transition)
    if (transition.to === 'Connected' && this.connections.observed) {
      const connection = this.#source.connectionOf(transition.peerId)
      if (connection !== undefined) this.connections.next(connection)
    }
  }

  #collect(transition: Transition): void {
    if (this.#batch === undefined) {
      this.#batch = []
      this.#source.nextTick(() => this.#flush())
    }
    this.#batch.push(transition)
  }

  #flush(): void {
    const batch = this.#batch
    this.#batch = undefined
    if (batch !== undefined) this.changes.next(batch)
  }

  #complete(): void {
    this.#flush()
    for (const stream of [this.moves, this.transitions, this.changes, this.connections, this.messages]) stream.complete()
    const watchers = [...this.#watchers.values()]
    this.#watchers.clear()
    for (const watching of watchers) for (const { subscriber } of watching) subscriber.complete()
  }
}
