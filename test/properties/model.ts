/**
 * A plain model of design §3, the oracle of the properties: slow, synchronous, and written from the behaviour table alone,
 * so that what the contract says of a run is computed without the code that it is said of.
 *
 * Where the table leaves two ways open, the model is told which one was taken, and checks that it is one of them.
 */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { holdsSlot, statusOf } from '../../machines/domain/peer-state.ts'
import { ModelLinks, type Seen } from './model-links.ts'
import { type Call, type ModelHold, newPeer, reportedState, settle } from './model-peer.ts'
import { rehearse } from './rehearsal.ts'

/** What the user does, and what time does. */
export class Model extends ModelLinks {
  #shutdownDeadline = Infinity

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
        return this.serve(peer, call)
      case 'Connecting.dialing':
      case 'Disconnected.closing':
        peer.waiters.push(call)
        return
      case 'Disconnected.pooled':
        this.hits++
        this.move(peer, 'Connected', 'reused')
        return this.serve(peer, call)
      default: {
        if (!this.takeSlot('any')) return settle(call, 'ERR_MAX_CONNECTIONS')
        const dialled = peer ?? newPeer(peerId)
        dialled.waiters.push(call)
        this.dial(dialled)
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
      this.end(peer, 'aborted')
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
        this.refuse(peer, 'ERR_DISCONNECTED')
        return this.end(peer, 'disconnect')
      case 'Connected':
        if (!peer.app) return this.letGo(peer, pool, call, seen)
        settle(call, 'ok')
        return this.end(peer, 'disconnect')
      case 'Disconnected.pooled':
        if (pool) return settle(call, 'ok')
        return this.close(peer, call)
      case 'Disconnected.closing':
        this.refuse(peer, 'ERR_DISCONNECTED')
        call.expected = ['pending', 'ok']
        peer.closers.push(call)
        return
      default:
        settle(call, 'ok')
        return this.forget(peer, 'forgotten')
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
    if (peer.holds.length === 0) this.letGo(peer, peer.direction === 'outbound', call, seen)
    // Whether a release waits for a close that it caused is left open.
    if (call.expected[0] === 'pending') call.expected = ['pending', 'ok']
  }

  /** Hangs up for everybody. */
  hangUp(hold: ModelHold, call: Call, seen: Seen): void {
    const { peer } = hold
    if (hold.ended === undefined) this.letGo(peer, false, call, seen)
    else peer.closers.push(call)
    call.expected = ['pending', 'ok']
  }

  updateStatus(peerId: string, status: ConnectionStatus, call: Call): void {
    this.updateStatuses([[peerId, status]], call)
  }

  updateStatuses(entries: readonly (readonly [string, ConnectionStatus])[], call: Call): void {
    if (this.stopped) return settle(call, 'ERR_STOPPED')
    const verdict = rehearse(this, entries)
    settle(call, verdict ?? 'ok')
    if (verdict !== undefined) return
    for (const [peerId, status] of entries) this.#report(peerId, status)
  }

  setLimits(maxConnections: number | undefined, poolTimeoutMs: number | undefined): void {
    if (maxConnections !== undefined) this.limit = maxConnections
    if (poolTimeoutMs !== undefined) {
      this.ttl = poolTimeoutMs
      for (const peer of this.pooled('any')) {
        if (this.now - peer.pooledAt < this.ttl) continue
        this.expired++
        this.forget(peer, 'pool-expired')
      }
    }
    while (this.slots > this.limit && this.evictOne('any'));
    this.trimInbound()
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
      this.alsoShutdown.push(call)
      return
    }
    this.stopped = true
    this.shutdownCall = call
    this.#shutdownDeadline = this.now + timeoutMs
    for (const peer of this.peers.values()) {
      this.refuse(peer, 'ERR_STOPPED')
      peer.dialing = false
      if (peer.app || !holdsSlot(peer.state) || peer.state === 'Connecting.dialing') {
        this.move(peer, 'Disconnected.closed', 'shutdown')
        this.forget(peer, 'shutdown', 'forgotten')
        continue
      }
      this.held++
      if (peer.state === 'Disconnected.closing') continue
      this.endHolds(peer, 'local')
      this.orphan(peer)
      peer.closeDeadline = this.now + this.options.closeTimeoutMs
      this.move(peer, 'Disconnected.closing', 'shutdown')
    }
    this.maybeStopped()
  }

  /** The supervisor's actor is stopped: nothing is left. */
  stop(calls: Iterable<Call>): void {
    this.stopped = true
    for (const peer of this.peers.values()) this.endHolds(peer, 'local')
    this.peers.clear()
    for (const call of calls) if (call.expected.includes('pending')) call.expected = ['ok', 'ERR_STOPPED']
  }

  // How it works.

  #report(peerId: string, status: ConnectionStatus): void {
    const known = this.peers.get(peerId)
    const ours = known !== undefined && !known.app && holdsSlot(known.state)
    if (ours && statusOf(known.state) === status) return
    if ((status === 'Connecting' || status === 'Connected') && !(known !== undefined && holdsSlot(known.state))) this.takeSlot('any')
    const peer = known ?? newPeer(peerId)
    if (ours) {
      peer.dialing = false
      this.refuse(peer, 'ERR_DISCONNECTED')
      this.endHolds(peer, 'local')
      this.orphan(peer)
      this.closed(peer)
    }
    peer.app = true
    peer.direction = 'outbound'
    this.move(peer, reportedState(status), 'reported')
  }

  #due(): { readonly at: number; readonly fire: () => void } | undefined {
    let first: { readonly at: number; readonly armed: number; readonly fire: () => void } | undefined
    for (const peer of this.peers.values()) {
      // At the timeout of a shutdown all end at once.
      const armed = this.stopped ? 0 : peer.armed
      const offer = (at: number, fire: () => void): void => {
        if (first === undefined || at < first.at || (at === first.at && armed < first.armed)) first = { at, armed, fire }
      }
      if (peer.dialing) {
        offer(peer.dialDeadline, () => {
          peer.dialing = false
          if (peer.state === 'Connecting.dialing') this.dialLost(peer, 'timeout', 'ERR_CONNECT_TIMEOUT', 'ERR_CONNECT_TIMEOUT')
        })
      }
      if (peer.state === 'Disconnected.pooled') {
        offer(peer.pooledAt + this.ttl, () => {
          this.expired++
          this.forget(peer, 'pool-expired')
        })
      }
      if (peer.state === 'Disconnected.closing') {
        offer(Math.min(peer.closeDeadline, this.#shutdownDeadline), () => {
          if (this.stopped) this.forced++
          this.linkGone(peer)
        })
      }
    }
    return first
  }
}
