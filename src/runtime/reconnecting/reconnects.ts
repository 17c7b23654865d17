/** Reconnects: a peer that is wanted and lost is dialled again, later each time, never all at once. */
import { isUnproven, type PeerId } from '../../../machines/domain/peer-id.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import { attemptsAfter, backoffPause, LEAST_DIAL_MS } from '../../../machines/policy/backoff.ts'
import { mayRestart } from '../../../machines/policy/supervision.ts'
import type { ConnectionError } from '../../errors.ts'
import type { Backoff } from '../peers/backoff.ts'
import { booleanFrom } from '../callbacks/app-callback.ts'
import type { Breakers } from '../peers/breakers.ts'
import type { Deadline } from '../time/deadline-queue.ts'
import type { PeerRecord } from '../peers/peer-record.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import type { Effect, World } from '../world/world.ts'
import { LinkedMap } from '../collections/linked-map.ts'

const LOST: ReadonlySet<string> = new Set(['remote-closed', 'link-error', 'heartbeat-lost', 'dial-failed', 'timeout', 'crashed'])

const readAnswer = booleanFrom('reconnect.shouldRetry')

/** Dials lost peers again. */
export class Reconnects {
  readonly #world: World
  readonly #breakers: Breakers
  readonly #redial: (peer: PeerRecord) => ConnectionError | undefined
  /** Peers whose time has come, in the order it came. */
  readonly #ready = new LinkedMap<PeerId, PeerRecord>()
  /** When the places of dials that ended at once are free again; at most `concurrency` of them. */
  #resting: readonly number[] = []
  readonly #rested: Deadline = { at: 0, order: 0, index: -1, due: () => this.#restsOver() }
  readonly #unwatch: (() => void) | undefined
  #dialing = 0
  /** Peers that pause because there was no slot for them, in the order they asked: they need not pause once there is one. */
  readonly #slotless = new LinkedMap<PeerId, PeerRecord>()

  /** @param redial asks the supervisor for a slot and dials; says why it cannot */
  constructor(world: World, breakers: Breakers, redial: (peer: PeerRecord) => ConnectionError | undefined) {
    this.#world = world
    this.#breakers = breakers
    this.#redial = redial
    this.#unwatch = world.settings.watchWakeUps?.(() => this.retryNow(undefined, world.peers.values()))
  }

  /** How many reconnecting dials are under way. */
  get dialing(): number {
    return this.#dialing
  }

  /** How many peers whose pause is over wait for one of them to end. */
  get waiting(): number {
    return this.#ready.size
  }

  /** Who is dialled first when there is a slot; undefined: nobody pauses for want of one. */
  get slotless(): PeerRecord | undefined {
    return firstOf(this.#slotless)
  }

  /** How many pause for want of a slot. */
  get slotlessCount(): number {
    return this.#slotless.size
  }

  /** There is room for so many: as many of those that had no slot are dialled now. */
  roomFor(count: number): void {
    for (let left = count; left > 0; left--) {
      const peer = firstOf(this.#slotless)
      if (peer === undefined) break
      takeOut(this.#slotless, peer)
      if (peer.backoff !== undefined) this.#makeReady(peer, peer.backoff)
    }
    this.#next()
  }

  /** A peer has moved. @param connectedMs how long it was in the status that it left */
  moved(peer: PeerRecord, { from, to, reason, failure }: Move, connectedMs: number): void {
    const { backoff } = peer
    if (backoff !== undefined && from === 'Connecting' && to !== 'Connecting') this.#dialEnded(backoff)
    if (to === 'Connecting' || to === 'Connected' || to === undefined) this.#cancel(peer)
    // Who had to yield is no less wanted: it comes back when there is room, or someone who is worth less.
    const isLost = (to === 'Failed' || to === 'Disconnected') && (LOST.has(reason) || (reason === 'evicted' && peer.kept))
    if (!isLost || !this.#isWanted(peer)) return
    if (failure?.code === 'ERR_SELF_DIAL') return this.#giveUp(peer)
    // The other side has taken another link of this peer instead: coming back would replace that one, and so for ever.
    if (reason === 'remote-closed' && peer.farewell === 'replaced') return this.#giveUp(peer)
    const leastMs = restOf(peer, failure)
    const { shouldRetry, stableMs } = this.#world.settings.reconnect
    if (peer.restarts !== undefined && !mayRestart(peer.restarts)) return
    const attempt = attemptsAfter(backoff?.attempt ?? 0, from === 'Connected' ? connectedMs : 0, stableMs)
    if (failure === undefined || shouldRetry === undefined) return this.#schedule(peer, attempt, leastMs)
    // The app is asked when no machine is moving: it may throw, and it may command this manager.
    this.#world.later(peer, this.#ask, { failure, attempt, leastMs, place: peer.place })
  }

  readonly #ask: Effect<{ readonly failure: Failure; readonly attempt: number; readonly leastMs: number; readonly place: number }> = (
    world,
    peer,
    asked,
  ) => {
    const { failure, attempt } = asked
    const { reconnect, errors } = world.settings
    // Lost, and nothing else since.
    const isAsLost = (): boolean => world.peers.get(peer.peerId) === peer && peer.place === asked.place && this.#isWanted(peer)
    if (reconnect.shouldRetry === undefined || !isAsLost()) return
    const answer = errors.ask('reconnect.shouldRetry', reconnect.shouldRetry, { ...failure }, readAnswer, true, peer.peerId)
    if (answer && isAsLost()) this.#schedule(peer, attempt, asked.leastMs)
  }

  /** Tries those that pause now, or one of them: whatever kept them from being reached may be over, so their breakers are half open. */
  retryNow(only: PeerRecord | undefined, all: Iterable<PeerRecord>): void {
    const now = this.#world.now()
    for (const peer of only === undefined ? all : [only]) {
      const { backoff } = peer
      if (only !== undefined || this.#isWanted(peer)) this.#breakers.halfOpen(peer, now)
      if (backoff === undefined || backoff.index < 0) continue
      backoff.attempt = 0
      this.#makeReady(peer, backoff)
    }
    this.#next()
  }

  #makeReady(peer: PeerRecord, backoff: Backoff): void {
    this.#world.expiries.clear(backoff)
    takeOut(this.#slotless, peer)
    this.#ready.set(peer.peerId, peer)
    backoff.isReady = true
  }

  /** Whether a peer is dialled again by itself: it pauses before that, or waits for its turn. */
  isPending({ backoff }: PeerRecord): boolean {
    return backoff !== undefined && (backoff.index >= 0 || backoff.isReady || backoff.isDialing)
  }

  /** Has a peer of an earlier run dialled when its pause is over. */
  resume(peer: PeerRecord, attempt: number, pauseMs: number): void {
    const backoff = this.#backoffOf(peer)
    backoff.attempt = attempt
    this.#world.expiries.set(backoff, this.#world.now() + pauseMs)
  }

  /** Has a peer that gets no slot just now dialled later, unless that is to come already. @param isSlotless whether it is for want of a slot @param leastMs no sooner than that */
  putOff(peer: PeerRecord, isSlotless: boolean, leastMs = 0): void {
    if (isSlotless) this.#slotless.set(peer.peerId, peer)
    const { backoff } = peer
    if (this.isPending(peer)) return
    this.#schedule(peer, (backoff?.attempt ?? 0) - 1, leastMs)
  }

  /** A peer is kept no longer: it is dialled again only where all are. */
  release(peer: PeerRecord): void {
    if (this.#isWanted(peer)) return
    this.#cancel(peer)
    peer.backoff = undefined
    this.#world.moves.remember(peer)
  }

  /** Nothing is dialled again from here on. */
  stop(): void {
    this.#unwatch?.()
    this.#world.deadlines.clear(this.#rested)
    this.#ready.clear()
    this.#slotless.clear()
  }

  /** No attempt could ever succeed: the peer is kept no longer. */
  #giveUp(peer: PeerRecord): void {
    peer.backoff = undefined
    peer.kept = peer.wanted = false
    this.#world.moves.remember(peer)
  }

  #isWanted(peer: PeerRecord): boolean {
    const world = this.#world
    if (world.isClosing || isUnproven(peer.peerId) || world.ownerOf(peer) === 'app') return false
    return peer.kept || (world.settings.reconnect.isForAll && peer.direction === 'outbound')
  }

  #schedule(peer: PeerRecord, attempt: number, leastMs = 0): void {
    const { reconnect, random } = this.#world.settings
    const policy = peer.kept ? { ...reconnect, attempts: Infinity } : reconnect
    const pause = backoffPause(Math.max(0, attempt), random(), policy)
    if (pause === undefined) {
      peer.backoff = undefined
      this.#world.moves.remember(peer)
      return
    }
    // What the app asked for is not forgotten because others come and go: only its own attempts end it.
    this.#world.moves.keepInMind(peer)
    const backoff = this.#backoffOf(peer)
    backoff.attempt = Math.max(0, attempt + 1)
    this.#world.expiries.set(backoff, this.#world.now() + Math.max(pause, leastMs))
  }

  #backoffOf(peer: PeerRecord): Backoff {
    return (peer.backoff ??= {
      at: 0,
      order: 0,
      index: -1,
      attempt: 0,
      isDialing: false,
      begunAt: 0,
      isReady: false,
      due: () => this.#due(peer),
    })
  }

  #due(peer: PeerRecord): void {
    if (peer.backoff === undefined) return
    this.#makeReady(peer, peer.backoff)
    this.#next()
  }

  #next(): void {
    const { concurrency } = this.#world.settings.reconnect
    this.#world.enter()
    try {
      for (let peer = firstOf(this.#ready); peer !== undefined && this.#dialing < concurrency; peer = firstOf(this.#ready))
        this.#begin(peer)
    } finally {
      this.#world.leaveOrGoOn()
    }
  }

  #begin(peer: PeerRecord): void {
    const { backoff } = peer
    takeOut(this.#ready, peer)
    if (backoff === undefined) return
    backoff.isReady = false
    const refusal = this.#redial(peer)
    if (refusal !== undefined) {
      // No slot, or a breaker: another pause, and no attempt was made that could count. A gate that denies is an answer, and counts.
      this.#schedule(peer, refusal.code === 'ERR_DENIED' ? backoff.attempt : backoff.attempt - 1, refusal.retryAfterMs)
      if (refusal.code === 'ERR_MAX_CONNECTIONS' && peer.backoff !== undefined) this.#slotless.set(peer.peerId, peer)
    } else if (peer.state === 'Connecting.dialing' || peer.state === 'Connecting.waiting') {
      backoff.isDialing = true
      backoff.begunAt = this.#world.now()
      this.#dialing++
    }
  }

  #dialEnded(backoff: Backoff): void {
    if (!backoff.isDialing) return
    backoff.isDialing = false
    const freeAt = backoff.begunAt + LEAST_DIAL_MS
    if (freeAt > this.#world.now()) return this.#rest(freeAt)
    this.#dialing--
    this.#world.afterwards(() => this.#next())
  }

  /** Has the place of a dial that ended at once stay taken for a while. */
  #rest(freeAt: number): void {
    this.#resting = [...this.#resting, freeAt]
    if (this.#rested.index < 0) this.#world.deadlines.set(this.#rested, freeAt)
  }

  #restsOver(): void {
    const now = this.#world.now()
    const over = this.#resting.filter((freeAt) => freeAt <= now).length
    this.#resting = this.#resting.filter((freeAt) => freeAt > now)
    this.#dialing -= over
    if (this.#resting.length > 0) this.#world.deadlines.set(this.#rested, Math.min(...this.#resting))
    this.#next()
  }

  #cancel(peer: PeerRecord): void {
    const { backoff } = peer
    if (backoff === undefined) return
    this.#world.expiries.clear(backoff)
    backoff.isReady = false
    takeOut(this.#ready, peer)
    takeOut(this.#slotless, peer)
  }
}

/** How long the other side has asked to be left alone, where it turned the last dial away, in milliseconds. */
function restOf({ error }: PeerRecord, failure: Failure | undefined): number {
  return failure?.code === 'ERR_REJECTED_BY_PEER' && error?.code === failure.code ? (error.retryAfterMs ?? 0) : 0
}

function firstOf(peers: LinkedMap<PeerId, PeerRecord>): PeerRecord | undefined {
  return peers.first === undefined ? undefined : peers.get(peers.first)
}

/** Takes a peer out, and no other that has its id now. */
function takeOut(peers: LinkedMap<PeerId, PeerRecord>, peer: PeerRecord): void {
  if (peers.get(peer.peerId) === peer) peers.delete(peer.peerId)
}
