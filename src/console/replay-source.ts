/** A recorded run is shown as a run is, and can be moved through while it is looked at. */
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import { platform } from '#platform'
import { BehaviorSubject, Subject } from 'rxjs'
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { Move } from '../../machines/domain/transition.ts'
import type { Clock } from '../clock.ts'
import type { PeerFacts, PeerInside, Step } from '../inspect/index.ts'
import { isMove, type Replay, type ReplayedPeer, type ReplayStep } from '../inspect/record/index.ts'
import { initialMetrics, readMetrics, reduceMetrics, type MetricsState } from '../metrics/fold.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'
import type { ConsoleSource, ReplayControl } from './source.ts'
import type { ReplayStatus } from './wire.ts'

/** How often a recording that plays goes on, in milliseconds. */
const EVERY_MS = 50
/** How many steps are taken in one turn at most: what is more waits for the next, so that no page waits for all of it. */
const STEPS_A_TURN = 20_000

/** How a recording is shown. @since 0.1.0 */
export interface ReplaySourceOptions {
  /** How many times as fast as it was. @default 1 */
  readonly speed?: number
  /** Whether it plays at once. @default false */
  readonly playing?: boolean
  /** Paces it. @default the platform's */
  readonly clock?: Clock
}

const KNOWN = { speed: true, playing: true, clock: true } as const satisfies Known<ReplaySourceOptions>

/** A recording to be shown. @since 0.1.0 */
export interface ReplaySource extends ConsoleSource {
  readonly replay: ReplayControl
  /** Stops playing; the pages are told that it is over. Idempotent. */
  close(): void
}

/**
 * Shows a recording in a console: `serveConsole(replaySource(await readRecording(file)))`. It belongs to the caller, who
 * closes it. Of a recorded run only states, failures and times are known: no addresses, round trips or traffic.
 *
 * @throws RangeError where `speed` is not above 0
 * @since 0.1.0
 */
export function replaySource(replay: Replay, options: ReplaySourceOptions = {}): ReplaySource {
  assertKnown('', options, KNOWN)
  assertSpeed(options.speed ?? 1)
  return new RecordedRun(replay, options)
}

class RecordedRun implements ReplaySource {
  readonly moves$ = new Subject<Move>()
  readonly jumps$ = new Subject<void>()
  readonly metrics$: BehaviorSubject<NetworkMetrics>
  readonly replay: ReplayControl
  readonly #replay: Replay
  readonly #clock: Clock
  readonly #status: BehaviorSubject<ReplayStatus>
  readonly #lookers = new Map<PeerId, Set<(step: Step) => void>>()
  #metrics: MetricsState
  #speed: number
  /** While it plays: when that began, and which instant was shown then. */
  #playing: { readonly began: number; readonly at: number; readonly timer: unknown } | undefined = undefined

  constructor(replay: Replay, { speed = 1, playing = false, clock = platform.clock }: ReplaySourceOptions) {
    this.#replay = replay
    this.#clock = clock
    this.#speed = speed
    this.#metrics = this.#recount()
    this.metrics$ = new BehaviorSubject(this.#measured())
    this.#status = new BehaviorSubject(this.#standing())
    this.replay = { status$: this.#status, control: (request) => this.#control(request) }
    if (playing) this.#play(clock.now(), replay.at)
    this.#tell()
  }

  get supervisorState(): string {
    return this.#replay.supervisor.state
  }

  now(): number {
    return this.#replay.at
  }

  *peers(): Generator<PeerFacts, void, undefined> {
    for (const peer of this.#replay.peers()) yield factsOf(peer)
  }

  facts(peerId: PeerId): PeerFacts | undefined {
    const peer = this.#replay.peer(peerId)
    return peer && factsOf(peer)
  }

  inside(peerId: PeerId): PeerInside {
    const peer = this.#replay.peer(peerId)
    return { peerId, state: peer?.state, context: peer?.failure && { failure: peer.failure }, explanation: peer, valid: [] }
  }

  /** What the supervisor took is folded already when a recording is shown. */
  listen(): () => void {
    return () => {}
  }

  look(peerId: PeerId, seen: (step: Step) => void): () => void {
    const lookers = this.#lookers.get(peerId) ?? new Set()
    this.#lookers.set(peerId, lookers.add(seen))
    return () => {
      lookers.delete(seen)
      if (lookers.size === 0) this.#lookers.delete(peerId)
    }
  }

  commandsFor(): readonly never[] {
    return []
  }

  close(): void {
    this.#pause()
    for (const subject of [this.moves$, this.jumps$, this.metrics$, this.#status]) subject.complete()
  }

  #control({ action, speed, position }: Parameters<ReplayControl['control']>[0]): void {
    switch (action) {
      case 'play':
        if (this.#replay.next === undefined) this.#seek(0)
        this.#restart()
        break
      case 'pause':
        this.#pause()
        break
      case 'step':
        this.#pause()
        this.#steps(Infinity, 1)
        break
      case 'back':
        this.#pause()
        this.#seek(Math.max(0, this.#replay.position - 1))
        break
      case 'seek':
        if (position !== undefined && Number.isSafeInteger(position) && position >= 0) this.#seek(position)
        if (this.#playing !== undefined) this.#restart()
        break
      case 'speed':
        if (speed === undefined || !(speed > 0 && Number.isFinite(speed))) return
        this.#speed = speed
        if (this.#playing !== undefined) this.#restart()
        break
    }
    this.#tell()
  }

  #restart(): void {
    this.#pause()
    this.#play(this.#clock.now(), this.#replay.at)
  }

  #play(began: number, at: number): void {
    this.#playing = { began, at, timer: this.#clock.setTimeout(() => this.#goOn(began, at), EVERY_MS) }
  }

  #pause(): void {
    if (this.#playing !== undefined) this.#clock.clearTimeout(this.#playing.timer)
    this.#playing = undefined
  }

  #goOn(began: number, at: number): void {
    const until = at + (this.#clock.now() - began) * this.#speed
    this.#steps(until)
    this.#playing = undefined
    if (this.#replay.next !== undefined) this.#play(began, at)
    this.#tell()
  }

  /**
   * Takes the steps up to an instant, as many as fit a turn. What no move tells is looked up once for all of them: each
   * peer of a crowd that stands elsewhere after a loss would cost a look at the whole crowd.
   */
  #steps(until: number, most = STEPS_A_TURN): void {
    let hasJumped = false
    for (let taken = 0; taken < most && (this.#replay.next?.at ?? Infinity) <= until; taken++) {
      const step = this.#replay.step()
      if (step === undefined) break
      for (const seen of this.#lookers.get(step.peerId) ?? []) seen(seenOf(step))
      hasJumped ||= !isMove(step)
      if (hasJumped || !isMove(step)) continue
      this.#metrics = reduceMetrics(this.#metrics, step)
      this.moves$.next(step)
    }
    if (!hasJumped) return
    this.#metrics = this.#recount()
    this.jumps$.next()
  }

  /** Whoever watches is told once, wherever that leads. */
  #seek(position: number): void {
    this.#replay.seek(position)
    this.#metrics = this.#recount()
    this.jumps$.next()
  }

  #tell(): void {
    this.metrics$.next(this.#measured())
    this.#status.next(this.#standing())
  }

  /** The gauges as they stand; what was counted before is not known after a jump. */
  #recount(): MetricsState {
    const { at, supervisor, position: seq } = this.#replay
    const { maxConnections: limit, maxIdle } = supervisor.limits
    let metrics = initialMetrics({ at, limit, maxIdle })
    for (const { peerId, state, status } of this.#replay.peers()) {
      const known: Move = { seq, at, peerId, from: undefined, to: status, fromState: undefined, toState: state, reason: 'reported' }
      metrics = reduceMetrics(metrics, known)
    }
    return metrics
  }

  #measured(): NetworkMetrics {
    return { ...readMetrics(this.#metrics), at: this.#replay.at }
  }

  #standing(): ReplayStatus {
    const { file, position, length, at } = this.#replay
    return { file, position, length, playing: this.#playing !== undefined, speed: this.#speed, at }
  }
}

function factsOf({ peerId, state, failure }: ReplayedPeer): PeerFacts {
  return { peerId, state, direction: 'outbound', remoteAddress: '', latency: null, failure }
}

function seenOf({ at, reason, toState }: ReplayStep): Step {
  return { at, event: reason, state: toState ?? 'gone', actions: [] }
}

function assertSpeed(speed: number): void {
  if (!(speed > 0 && Number.isFinite(speed))) throw new RangeError(`speed must be a number above 0, got ${speed}`)
}
