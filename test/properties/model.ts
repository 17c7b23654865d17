/**
 * What the contract says of a run can be computed without the code that it is said of.
 *
 * A plain model of design §3, the oracle of the properties: slow, synchronous, and written from the behaviour table alone.
 * Where the table leaves two ways open, the model is told which one was taken, and checks that it is one of them.
 */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { holdsSlot, type PeerState, statusOf } from '../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../machines/domain/transition.ts'

export type Outcome = 'pending' | 'ok' | 'reason' | `ERR_${string}`

/** A promise that the manager gave, and what the contract says has become of it. */
export interface Call {
  readonly what: string
  /** Several where the table leaves it open. */
  expected: readonly Outcome[]
  /** The hold that a connect was given. */
  hold?: ModelHold
}

export interface ModelHold {
  readonly peer: ModelPeer
  ended: 'local' | 'remote' | 'error' | undefined
  /** Whether anybody reads it. */
  readonly readers: Reader[]
}

/** Somebody who reads messages, and which of them by number. */
export interface Reader {
  readonly expected: number[]
}

export interface ModelPeer {
  readonly peerId: string
  state: PeerState
  app: boolean
  direction: 'inbound' | 'outbound'
  /** Connects that wait for the dial, or for the close before it. */
  waiters: Call[]
  holds: ModelHold[]
  /** Disconnects and releases that wait for the close. */
  closers: Call[]
  /** Whether a dial of ours is under way, which it may be beside an inbound link that it will replace. */
  dialing: boolean
  dialDeadline: number
  closeDeadline: number
  pooledAt: number
  /** Of two pooled in one instant the lower one waits longer. */
  pooledOrder: number
  failure: string | undefined
  unread: number[]
}

/** A transition that must be told; several reasons where the table leaves it open. */
export interface Told {
  readonly peerId: string
  readonly from: ConnectionStatus | undefined
  readonly to: ConnectionStatus | undefined
  readonly reasons: readonly TransitionReason[]
}

export interface ModelOptions {
  readonly now: number
  readonly maxConnections: number
  readonly poolTimeoutMs: number
  readonly connectTimeoutMs: number
  readonly closeTimeoutMs: number
  readonly localPeerId: string
  /** Whether a peer was dialled at this instant: asked only where the table leaves it open. */
  readonly wasDialled: (peerId: string, at: number) => boolean
  /** Whether a peer was evicted by this command: asked likewise. */
  readonly wasEvicted: (peerId: string) => boolean
}

/** What was seen of a peer after an event of which the table leaves the result open. */
export interface Seen {
  readonly state: PeerState | undefined
  /** Whether the link that arrived is over. */
  readonly over: boolean
  /** Whether a dial of ours is still under way. */
  readonly dialing: boolean
}

export class Model {
  now: number
  limit: number
  ttl: number
  stopped = false
  readonly peers = new Map<string, ModelPeer>()
  readonly told: Told[] = []
  /** Messages that may be lost or delivered: they waited on a link that has ended. */
  readonly orphaned = new Set<number>()
  readonly globalReaders: Reader[] = []
  hits = 0
  dials = 0
  opened = 0
  failed = 0
  accepted = 0
  rejected = 0
  expired = 0
  evicted = 0
  /** Duels between two links are counted as the implementation likes. */
  duels = 0
  forced = 0
  held = 0
  shutdownCall: Call | undefined
  #shutdownDeadline = Infinity
  #pooledOrder = 0
  readonly #options: ModelOptions

  constructor(options: ModelOptions) {
    this.#options = options
    this.now = options.now
    this.limit = options.maxConnections
    this.ttl = options.poolTimeoutMs
  }

  // What is.

  get slots(): number {
    return this.#count((peer) => holdsSlot(peer.state))
  }

  /** Slots that inbound links of ours use: Connected, pooled or closing. */
  get inboundSlots(): number {
    return this.#count((p) => !p.app && p.direction === 'inbound' && holdsSlot(p.state) && p.state !== 'Connecting.dialing')
  }

  /** How many slots inbound links may use: four fifths, rounded down, at least one. */
  get inboundLimit(): number {
    return Math.max(1, Math.floor((this.limit * 4) / 5))
  }

  get appSlots(): number {
    return this.#count((peer) => peer.app && holdsSlot(peer.state))
  }

  status(peerId: string): ConnectionStatus | undefined {
    const peer = this.peers.get(peerId)
    return peer && statusOf(peer.state)
  }

  /** The next instant at which anything is due. */
  get next(): number {
    return this.#due()?.at ?? Infinity
  }

  // What the user does.

  connect(peerId: string, call: Call): void {
    if (this.stopped) return settle(call, 'ERR_STOPPED')
    const peer = this.peers.get(peerId)
    if (peer?.app === true && holdsSlot(peer.state)) return settle(call, 'ERR_INVALID_TRANSITION')
    switch (peer?.state) {
      case 'Connected':
        return this.#serve(peer, call)
      case 'Connecting.dialing':
      case 'Disconnected.closing':
        peer.waiters.push(call)
        return
      case 'Disconnected.pooled':
        this.hits++
        this.#move(peer, 'Connected', 'reused')
        return this.#serve(peer, call)
      default: {
        if (!this.#takeSlot('any')) return settle(call, 'ERR_MAX_CONNECTIONS')
        const dialled = peer ?? this.#newPeer(peerId)
        dialled.waiters.push(call)
        this.#dial(dialled)
      }
    }
  }

  abortCaller(call: Call): void {
    if (call.expected[0] !== 'pending') return
    settle(call, 'reason')
    for (const peer of this.peers.values()) {
      if (!peer.waiters.includes(call)) continue
      peer.waiters = peer.waiters.filter((waiter) => waiter !== call)
      if (peer.waiters.length > 0 || peer.state !== 'Connecting.dialing') continue
      peer.dialing = false
      this.#end(peer, 'aborted')
    }
  }

  /** What the other side opened is closed, unless the pool is asked for. */
  disconnect(peerId: string, asked: boolean | undefined, call: Call, seen: Seen): void {
    const peer = this.peers.get(peerId)
    if (peer === undefined) return settle(call, 'ok')
    const pool = asked ?? peer.direction === 'outbound'
    if (this.stopped) {
      // It resolves; whether at once or with the close is left open.
      call.expected = ['ok', 'pending']
      peer.closers.push(call)
      return
    }
    switch (peer.state) {
      case 'Connecting.reported':
      case 'Connecting.dialing':
        settle(call, 'ok')
        peer.dialing = false
        this.#refuse(peer, 'ERR_DISCONNECTED')
        return this.#end(peer, 'disconnect')
      case 'Connected':
        if (!peer.app) return this.#letGo(peer, pool, call, seen)
        settle(call, 'ok')
        return this.#end(peer, 'disconnect')
      case 'Disconnected.pooled':
        if (pool) return settle(call, 'ok')
        return this.#close(peer, call)
      case 'Disconnected.closing':
        this.#refuse(peer, 'ERR_DISCONNECTED')
        call.expected = ['pending', 'ok']
        peer.closers.push(call)
        return
      default:
        settle(call, 'ok')
        return this.#forget(peer, 'forgotten')
    }
  }

  release(hold: ModelHold, call: Call, seen: Seen): void {
    const { peer } = hold
    call.expected = ['ok']
    if (hold.ended !== undefined) {
      call.expected = ['ok', 'pending']
      peer.closers.push(call)
      return
    }
    hold.ended = 'local'
    peer.holds = peer.holds.filter((other) => other !== hold)
    if (peer.holds.length === 0) this.#letGo(peer, peer.direction === 'outbound', call, seen)
    // Whether a release waits for a close that it caused is left open.
    if (call.expected[0] === 'pending') call.expected = ['pending', 'ok']
  }

  /** Hangs up for everybody. */
  hangUp(hold: ModelHold, call: Call, seen: Seen): void {
    const { peer } = hold
    if (hold.ended === undefined) this.#letGo(peer, false, call, seen)
    else peer.closers.push(call)
    call.expected = ['pending', 'ok']
  }

  updateStatus(peerId: string, status: ConnectionStatus, call: Call): void {
    this.updateStatuses([[peerId, status]], call)
  }

  updateStatuses(entries: readonly (readonly [string, ConnectionStatus])[], call: Call): void {
    if (this.stopped) return settle(call, 'ERR_STOPPED')
    const verdict = this.#rehearse(entries)
    settle(call, verdict ?? 'ok')
    if (verdict !== undefined) return
    for (const [peerId, status] of entries) this.#report(peerId, status)
  }

  setLimits(maxConnections: number | undefined, poolTimeoutMs: number | undefined): void {
    if (maxConnections !== undefined) this.limit = maxConnections
    if (poolTimeoutMs !== undefined) {
      this.ttl = poolTimeoutMs
      for (const peer of this.#pooled('any')) {
        if (this.now - peer.pooledAt < this.ttl) continue
        this.expired++
        this.#forget(peer, 'pool-expired')
      }
    }
    while (this.slots > this.limit && this.#evictOne('any'));
    this.#trimInbound()
  }

  // What the other side does.

  openDial(peerId: string): void {
    const peer = this.#known(peerId)
    peer.dialing = false
    if (peer.state === 'Connecting.dialing') {
      peer.direction = 'outbound'
      this.#move(peer, 'Connected', 'opened')
      this.opened++
      this.#serveWaiters(peer)
    } else {
      this.duels++
      peer.direction = 'outbound'
      this.#orphan(peer)
    }
  }

  failDial(peerId: string, code: string): void {
    const peer = this.#known(peerId)
    peer.dialing = false
    if (peer.state !== 'Connecting.dialing') {
      this.duels++
      return
    }
    this.#dialLost(peer, 'dial-failed', 'ERR_DIAL_FAILED', code)
  }

  /** A link arrives from a peer that is not app-owned and live. Returns whether it must be over now. */
  arrive(peerId: string, seen: Seen): 'over' | 'kept' {
    if (this.stopped) return 'over'
    const peer = this.peers.get(peerId)
    switch (peer?.state) {
      case 'Connecting.dialing':
        // The dial goes on beside it where it will win, so that both ends keep the same link.
        peer.dialing = this.#options.localPeerId < peerId
        // Nobody waits for it any more: it is given its time anew.
        peer.dialDeadline = this.now + this.#options.connectTimeoutMs
        this.#accept(peer)
        return 'kept'
      case 'Connected':
        this.duels++
        if (!this.#arrivingWins(peer)) return 'over'
        peer.direction = 'inbound'
        // A dial of ours may go on beside the newer inbound link as it did beside the older.
        peer.dialing &&= seen.dialing
        this.#orphan(peer)
        this.#trimInbound()
        return 'kept'
      case 'Disconnected.closing':
      case 'Disconnected.pooled':
        // Above a limit that was lowered nothing is admitted, not even into the slot that a closing link leaves.
        if (peer.state === 'Disconnected.closing' && this.slots > this.limit) {
          this.rejected++
          return 'over'
        }
        // The table is silent: the peer becomes Connected on the new link, or the new link goes.
        this.duels++
        if (seen.over) return 'over'
        this.#orphan(peer)
        this.#accept(peer)
        this.#closed(peer)
        return 'kept'
      default:
        if (!this.#takeInboundSlot()) {
          this.rejected++
          return 'over'
        }
        this.#accept(peer ?? this.#newPeer(peerId))
        return 'kept'
    }
  }

  remoteClosed(peerId: string): void {
    const peer = this.#known(peerId)
    if (peer.state !== 'Connected') return this.#linkGone(peer)
    this.#endHolds(peer, 'remote')
    this.#orphan(peer)
    peer.dialing = false
    this.#move(peer, 'Disconnected.closed', 'remote-closed')
    this.#forgetUnproven(peer)
  }

  linkFailed(peerId: string, code: string): void {
    const peer = this.#known(peerId)
    if (peer.state !== 'Connected') return this.#linkGone(peer)
    this.#endHolds(peer, 'error')
    this.#orphan(peer)
    peer.dialing = false
    peer.failure = code
    this.#move(peer, 'Failed', 'link-error')
    this.#forgetUnproven(peer)
  }

  closeFinished(peerId: string): void {
    this.#linkGone(this.#known(peerId))
  }

  receive(peerId: string, message: number): void {
    const peer = this.#known(peerId)
    if (peer.state === 'Disconnected.closing') {
      this.orphaned.add(message)
      return
    }
    const readers = [...peer.holds.flatMap((hold) => hold.readers), ...this.globalReaders]
    if (readers.length === 0) peer.unread.push(message)
    for (const reader of readers) reader.expected.push(message)
  }

  read(hold: ModelHold): Reader {
    const reader: Reader = { expected: hold.peer.unread }
    hold.peer.unread = []
    hold.readers.push(reader)
    return reader
  }

  readAll(): Reader {
    const reader: Reader = { expected: [...this.peers.values()].flatMap((peer) => peer.unread.splice(0)) }
    this.globalReaders.push(reader)
    return reader
  }

  // What time does.

  advanceTo(at: number): void {
    for (;;) {
      const due = this.#due()
      if (due === undefined || due.at > at) break
      this.now = Math.max(this.now, due.at)
      due.fire()
    }
    this.now = at
  }

  shutdown(timeoutMs: number, call: Call): void {
    if (this.stopped) {
      call.expected = this.shutdownCall?.expected ?? ['ok']
      this.#alsoShutdown.push(call)
      return
    }
    this.stopped = true
    this.shutdownCall = call
    this.#shutdownDeadline = this.now + timeoutMs
    for (const peer of this.peers.values()) {
      this.#refuse(peer, 'ERR_STOPPED')
      peer.dialing = false
      if (peer.app || !holdsSlot(peer.state) || peer.state === 'Connecting.dialing') {
        this.#move(peer, 'Disconnected.closed', 'shutdown')
        this.#forget(peer, 'shutdown', 'forgotten')
        continue
      }
      this.held++
      if (peer.state === 'Disconnected.closing') continue
      this.#endHolds(peer, 'local')
      this.#orphan(peer)
      peer.closeDeadline = this.now + this.#options.closeTimeoutMs
      this.#move(peer, 'Disconnected.closing', 'shutdown')
    }
    this.#maybeStopped()
  }

  /** The supervisor's actor is stopped: nothing is left. */
  stop(calls: Iterable<Call>): void {
    this.stopped = true
    for (const peer of this.peers.values()) this.#endHolds(peer, 'local')
    this.peers.clear()
    for (const call of calls) if (call.expected.includes('pending')) call.expected = ['ok', 'ERR_STOPPED']
  }

  readonly #alsoShutdown: Call[] = []

  // How it works.

  #count(matches: (peer: ModelPeer) => boolean): number {
    let count = 0
    for (const peer of this.peers.values()) if (matches(peer)) count++
    return count
  }

  #known(peerId: string): ModelPeer {
    const peer = this.peers.get(peerId)
    if (peer === undefined) throw new Error(`the model does not know ${peerId}: the run itself is wrong`)
    return peer
  }

  #newPeer(peerId: string): ModelPeer {
    return {
      peerId,
      state: 'Disconnected.closed',
      app: false,
      direction: 'outbound',
      waiters: [],
      holds: [],
      closers: [],
      dialing: false,
      dialDeadline: Infinity,
      closeDeadline: Infinity,
      pooledAt: Infinity,
      pooledOrder: 0,
      failure: undefined,
      unread: [],
    }
  }

  #move(peer: ModelPeer, state: PeerState, ...reasons: TransitionReason[]): void {
    const from = this.peers.has(peer.peerId) ? statusOf(peer.state) : undefined
    this.peers.set(peer.peerId, peer)
    peer.state = state
    if (state !== 'Failed') peer.failure = undefined
    const to = statusOf(state)
    if (from !== to) this.told.push({ peerId: peer.peerId, from, to, reasons })
  }

  #forget(peer: ModelPeer, ...reasons: TransitionReason[]): void {
    this.#orphan(peer)
    this.peers.delete(peer.peerId)
    this.told.push({ peerId: peer.peerId, from: statusOf(peer.state), to: undefined, reasons })
    this.#closed(peer)
    this.#maybeStopped()
  }

  /** An explicit end passes through Disconnected before it is forgotten. */
  #end(peer: ModelPeer, reason: TransitionReason): void {
    this.#move(peer, 'Disconnected.closed', reason)
    this.#forget(peer, 'forgotten')
  }

  /** A peer that proved no id cannot come back under its name: it is not remembered. */
  #forgetUnproven(peer: ModelPeer): void {
    if (peer.peerId.startsWith('inbound+')) this.#forget(peer, 'forgotten')
  }

  #dial(peer: ModelPeer): void {
    peer.app = false
    peer.dialing = true
    peer.dialDeadline = this.now + this.#options.connectTimeoutMs
    peer.direction = 'outbound'
    this.dials++
    this.#move(peer, 'Connecting.dialing', 'connect')
  }

  #dialLost(peer: ModelPeer, reason: TransitionReason, refusal: Outcome, code: string): void {
    this.failed++
    this.#refuse(peer, refusal)
    this.#move(peer, 'Failed', reason)
    peer.failure = code
    this.#forgetUnproven(peer)
  }

  #accept(peer: ModelPeer): void {
    peer.app = false
    peer.direction = 'inbound'
    this.accepted++
    this.#move(peer, 'Connected', 'inbound')
    this.#serveWaiters(peer)
    // A peer that is in a slot already joins on its link whatever the share of the inbound ones; then pooled ones yield.
    this.#trimInbound()
  }

  #serve(peer: ModelPeer, call: Call): void {
    const hold: ModelHold = { peer, ended: undefined, readers: [] }
    peer.holds.push(hold)
    call.hold = hold
    settle(call, 'ok')
  }

  #serveWaiters(peer: ModelPeer): void {
    const { waiters } = peer
    peer.waiters = []
    for (const waiter of waiters) this.#serve(peer, waiter)
  }

  #refuse(peer: ModelPeer, code: Outcome): void {
    for (const waiter of peer.waiters) settle(waiter, code)
    peer.waiters = []
  }

  #endHolds(peer: ModelPeer, ended: 'local' | 'remote' | 'error'): void {
    for (const hold of peer.holds) hold.ended = ended
    peer.holds = []
  }

  #orphan(peer: ModelPeer): void {
    for (const message of peer.unread) this.orphaned.add(message)
    peer.unread = []
  }

  #letGo(peer: ModelPeer, pool: boolean, call: Call, seen: Seen): void {
    this.#endHolds(peer, 'local')
    peer.dialing = false
    // While a lowered limit is exceeded, a link that could be pooled may as well be closed or evicted at once.
    const overLimit = this.slots > this.limit
    if (pool && this.ttl > 0 && !(overLimit && seen.state !== 'Disconnected.pooled')) {
      settle(call, 'ok')
      peer.pooledAt = this.now
      peer.pooledOrder = this.#pooledOrder++
      this.#move(peer, 'Disconnected.pooled', 'disconnect')
      this.#trimInbound()
    } else if (pool && this.ttl > 0 && seen.state === undefined) {
      settle(call, 'ok')
      this.evicted++
      this.#move(peer, 'Disconnected.pooled', 'disconnect')
      this.#forget(peer, 'pool-evicted')
    } else this.#close(peer, call)
  }

  #close(peer: ModelPeer, call: Call): void {
    call.expected = ['pending']
    // Whether what nobody has read is still to be had while the link closes is left open.
    this.#orphan(peer)
    peer.closers.push(call)
    peer.closeDeadline = this.now + this.#options.closeTimeoutMs
    this.#move(peer, 'Disconnected.closing', 'disconnect')
  }

  #closed(peer: ModelPeer): void {
    for (const closer of peer.closers) settle(closer, 'ok')
    peer.closers = []
  }

  /** The link of a pooled or closing peer is over. */
  #linkGone(peer: ModelPeer): void {
    this.#forget(peer, peer.state === 'Disconnected.pooled' ? 'remote-closed' : 'forgotten')
    if (peer.waiters.length === 0) return
    // The slot stays its own; but while a lowered limit is exceeded, nothing needs to be admitted into it.
    const isFull = this.slots >= this.limit
    if (isFull && !this.#options.wasDialled(peer.peerId, this.now)) return this.#refuse(peer, 'ERR_MAX_CONNECTIONS')
    if (isFull && this.#pooled('any').some(({ peerId }) => this.#options.wasEvicted(peerId))) this.#evictOne('any')
    this.#dial(peer)
  }

  #arrivingWins(peer: ModelPeer): boolean {
    return peer.direction === 'inbound' || peer.peerId < this.#options.localPeerId
  }

  /** Longest idle first. */
  #pooled(of: 'any' | 'inbound'): ModelPeer[] {
    return [...this.peers.values()]
      .filter((peer) => peer.state === 'Disconnected.pooled' && (of === 'any' || peer.direction === of))
      .toSorted((a, b) => a.pooledAt - b.pooledAt || a.pooledOrder - b.pooledOrder)
  }

  #evictOne(of: 'any' | 'inbound'): boolean {
    const [victim] = this.#pooled(of)
    if (victim === undefined) return false
    this.evicted++
    this.#forget(victim, 'pool-evicted')
    return true
  }

  #takeSlot(of: 'any' | 'inbound'): boolean {
    return this.slots < this.limit || (this.slots === this.limit && this.#evictOne(of))
  }

  /** Under the ceiling of inbound links, and under the limit of all: room is made by a pooled inbound link, or there is none. */
  #takeInboundSlot(): boolean {
    if (this.slots < this.limit && this.inboundSlots < this.inboundLimit) return true
    return this.slots <= this.limit && this.inboundSlots <= this.inboundLimit && this.#evictOne('inbound')
  }

  /** Above their ceiling, pooled inbound links yield at once. */
  #trimInbound(): void {
    while (this.inboundSlots > this.inboundLimit && this.#evictOne('inbound'));
  }

  /** What a batch would come to: undefined where all of it can be. */
  #rehearse(entries: readonly (readonly [string, ConnectionStatus])[]): Outcome | undefined {
    const states = new Map(Array.from(this.peers.values(), (peer) => [peer.peerId, { state: peer.state, app: peer.app }] as const))
    const idle = this.#pooled('any').map((peer) => peer.peerId)
    for (const [peerId, status] of entries) {
      const peer = states.get(peerId)
      if (peer !== undefined && !peer.app && holdsSlot(peer.state)) {
        if (statusOf(peer.state) === status) continue
        if (status === 'Connecting' || status === 'Connected') return 'ERR_INVALID_TRANSITION'
      }
      const slots = [...states.values()].filter(({ state }) => holdsSlot(state)).length
      if ((status === 'Connecting' || status === 'Connected') && !(peer !== undefined && holdsSlot(peer.state))) {
        if (slots > this.limit) return 'ERR_MAX_CONNECTIONS'
        if (slots === this.limit) {
          const victim = idle.find((id) => states.get(id)?.state === 'Disconnected.pooled')
          if (victim === undefined) return 'ERR_MAX_CONNECTIONS'
          states.delete(victim)
        }
      }
      states.set(peerId, { state: reportedState(status), app: true })
    }
    return undefined
  }

  #report(peerId: string, status: ConnectionStatus): void {
    const known = this.peers.get(peerId)
    const ours = known !== undefined && !known.app && holdsSlot(known.state)
    if (ours && statusOf(known.state) === status) return
    if ((status === 'Connecting' || status === 'Connected') && !(known !== undefined && holdsSlot(known.state))) this.#takeSlot('any')
    const peer = known ?? this.#newPeer(peerId)
    if (ours) {
      peer.dialing = false
      this.#refuse(peer, 'ERR_DISCONNECTED')
      this.#endHolds(peer, 'local')
      this.#orphan(peer)
      this.#closed(peer)
    }
    peer.app = true
    peer.direction = 'outbound'
    this.#move(peer, reportedState(status), 'reported')
  }

  #due(): { readonly at: number; readonly fire: () => void } | undefined {
    let first: { readonly at: number; readonly fire: () => void } | undefined
    const offer = (at: number, fire: () => void): void => {
      if (first === undefined || at < first.at) first = { at, fire }
    }
    for (const peer of this.peers.values()) {
      if (peer.dialing) {
        offer(peer.dialDeadline, () => {
          peer.dialing = false
          if (peer.state === 'Connecting.dialing') this.#dialLost(peer, 'timeout', 'ERR_CONNECT_TIMEOUT', 'ERR_CONNECT_TIMEOUT')
        })
      }
      if (peer.state === 'Disconnected.pooled') {
        offer(peer.pooledAt + this.ttl, () => {
          this.expired++
          this.#forget(peer, 'pool-expired')
        })
      }
      if (peer.state === 'Disconnected.closing') {
        offer(Math.min(peer.closeDeadline, this.#shutdownDeadline), () => {
          if (this.stopped) this.forced++
          this.#linkGone(peer)
        })
      }
    }
    return first
  }

  #maybeStopped(): void {
    if (!this.stopped || this.peers.size > 0 || this.shutdownCall === undefined) return
    settle(this.shutdownCall, 'ok')
    for (const call of this.#alsoShutdown) settle(call, 'ok')
  }
}

function settle(call: Call, outcome: Outcome): void {
  call.expected = [outcome]
}

function reportedState(status: ConnectionStatus): PeerState {
  return status === 'Connecting' ? 'Connecting.reported' : status === 'Disconnected' ? 'Disconnected.closed' : status
}
