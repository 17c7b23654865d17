/** The ping before reuse: a pooled link that was idle for long, or slept over, is used only once it has answered, and nobody else takes it meanwhile. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import type { Move } from '../../../machines/domain/transition.ts'
import { checkTimeout, isFresh, needsCheck } from '../../../machines/policy/pooling.ts'
import { systemError } from '../../transports/link-error.ts'
import { asError } from '../errors/failures.ts'
import type { PeerRecord, PoolCheck } from '../peers/peer-record.ts'
import { overtakenError, stoppedError } from '../errors/refusals.ts'
import type { Effect, World } from '../world/world.ts'

/** Checks pooled links before they are reused. */
export class PoolChecks {
  readonly #world: World
  /** Whose links are being checked. */
  readonly #checked = new Set<PeerRecord>()
  readonly #drop: (peer: PeerRecord, error: Error) => void

  /** @param drop aborts a pooled link that is of no use, and has it dialled anew where somebody waits for it */
  constructor(world: World, drop: (peer: PeerRecord, error: Error) => void) {
    this.#world = world
    this.#drop = drop
  }

  /** Has a pooled link reused, within a command: at once, or once it has answered. */
  reuse(peer: PeerRecord, at: number): void {
    if (peer.check !== undefined) return
    if (this.needsCheck(peer, at)) this.#begin(peer, at)
    else this.use(peer, at)
  }

  /** Has a pooled link reused that needs no check, or has answered; within a command. */
  use(peer: PeerRecord, at: number): void {
    const world = this.#world
    world.send(peer, { type: 'peer.connect', at, ttl: world.limits.poolTimeoutMs, turn: world.turns.isFree })
  }

  /** The TTL is another: a link that is being checked must not outlive it. */
  ttlChanged(): void {
    const { deadlines, limits } = this.#world
    for (const peer of this.#checked) {
      const { check, since } = peer
      const ttlOver = since + limits.poolTimeoutMs
      if (check !== undefined && ttlOver < check.at) deadlines.set(check, ttlOver)
    }
  }

  /** The last caller has left: a link that had not answered by then is not worth a place in the pool. */
  left(peer: PeerRecord): void {
    if (peer.check !== undefined) this.#drop(peer, silent(peer))
  }

  /** A peer has moved: where it left the pool, there is nothing to check any more. */
  moved(peer: PeerRecord, { fromState, to, toState, reason }: Move): void {
    const { check } = peer
    if (check === undefined || fromState !== 'Disconnected.pooled') return
    peer.check = undefined
    this.#checked.delete(peer)
    this.#world.deadlines.clear(check)
    this.#world.afterwards(() => check.asking.abort())
    if (toState !== 'Disconnected.closing' && to !== 'Failed') return
    const { callers, peerId } = peer
    peer.callers = undefined
    const error = reason === 'shutdown' ? stoppedError(`connect to '${shownPeerId(peerId)}'`, peerId) : overtakenError(peerId)
    for (const caller of callers ?? []) caller.reject(error)
  }

  /** Whether a pooled link must show that it lives before it is used. */
  needsCheck(peer: PeerRecord, at: number): boolean {
    if (peer.check !== undefined) return true
    const { settings, limits } = this.#world
    const isDoubted = this.#world.waking.doubts(peer)
    if (!settings.validate && !isDoubted) return false
    if (peer.state !== 'Disconnected.pooled' || peer.port?.link.ping === undefined) return false
    return isFresh(peer.since, at, limits.poolTimeoutMs) && (isDoubted || needsCheck(peer.since, at))
  }

  #begin(peer: PeerRecord, at: number): void {
    const world = this.#world
    const link = peer.port?.link
    if (link === undefined) return
    const heard = peer.port?.heard
    const check: PoolCheck = {
      at: 0,
      order: 0,
      index: -1,
      link,
      asking: new AbortController(),
      // Any byte since then proves life as an answer does, which may wait behind it.
      due: () =>
        peer.port?.link === link && (peer.port.isPaused || peer.port.heard !== heard) ? check.answered() : check.failed(silent(peer)),
      answered: () => {
        if (peer.check === check) this.#answered(peer, world.now())
      },
      failed: (error) => {
        if (peer.check !== check) return
        // Where its TTL is over meanwhile, that is why it goes.
        if (isFresh(peer.since, world.now(), world.limits.poolTimeoutMs)) this.#drop(peer, error)
        else this.#answered(peer, world.now())
      },
    }
    peer.check = check
    this.#checked.add(peer)
    // Nobody may evict what somebody waits for.
    peer.line?.remove(peer)
    peer.line = undefined
    const ttlOver = peer.since + world.limits.poolTimeoutMs
    world.deadlines.set(check, Math.min(ttlOver, at + checkTimeout(peer.latency, world.settings.connectTimeoutMs)))
    world.later(peer, ask, check)
  }

  #answered(peer: PeerRecord, at: number): void {
    const world = this.#world
    world.enter()
    try {
      this.use(peer, at)
    } finally {
      world.leave()
    }
  }
}

const ask: Effect<PoolCheck> = (_world, peer, check) => {
  if (peer.check !== check) return
  try {
    check.link.ping?.(check.asking.signal).then(check.answered, (error: unknown) => check.failed(asError(error)))
  } catch (error) {
    check.failed(asError(error))
  }
}

function silent(peer: PeerRecord): Error {
  return systemError('ETIMEDOUT', `the pooled link to '${shownPeerId(peer.peerId)}' did not answer a ping`)
}
