/** The stream of metrics always has a latest value, renewed by one timer, and the last one outlives the stream. */
import { type Observable, ReplaySubject } from 'rxjs'
import { assertDuration } from '../../machines/domain/limits.ts'
import { LONGEST_WAIT_MS, type Clock } from '../clock.ts'
import { Timeline } from '../runtime/time/timeline.ts'
import type { AppErrors } from '../runtime/callbacks/app-callback.ts'
import { GuardedObservable } from '../runtime/callbacks/guarded-observable.ts'
import type { FoldInput, LimitsChange } from './fold-input.ts'
import { initialMetrics, partsOf, readParts, reduceMetrics, type MetricsParts, type MetricsState } from './fold.ts'
import { MoveTally } from './move-tally.ts'
import type { NetworkMetrics } from './network-metrics.ts'
import type { TrafficMeter } from './traffic-meter.ts'

/** What a metrics stream is made of. */
export interface MetricsStreamOptions {
  readonly clock: Clock
  /** How often traffic is sampled and metrics are emitted, in milliseconds, at least 1. */
  readonly sampleMs: number
  /** What rates and latency are of, in milliseconds, at least 1. */
  readonly windowMs: number
  /** `maxConnections`. */
  readonly limit: number
  /** The most links that may wait in the pool. */
  readonly maxIdle: number
  /** Bytes resident now; asked once a sample. Where it throws, the last value stays and is called stale. */
  readonly memoryUsage: () => number
  /** Counts the traffic; only this stream takes from it. */
  readonly meter: TrafficMeter
  /** Is told what subscribers throw. @default RxJS throws it out of a timer */
  readonly errors?: AppErrors
}

/**
 * Lifts the fold into a stream. Moves are folded as they happen; traffic is sampled every `sampleMs`.
 * Whoever makes it must {@link MetricsStream.stop} it: until then it holds a timer.
 *
 * @throws TypeError or RangeError that names the option
 */
export class MetricsStream {
  /** The latest metrics at once (there is one from the start, and after the end), then one every `sampleMs`. */
  readonly metrics$: Observable<NetworkMetrics>
  readonly #subject = new ReplaySubject<NetworkMetrics>(1)
  readonly #options: MetricsStreamOptions
  readonly #time: Timeline
  readonly #start: number
  /** Folded when somebody looks. */
  readonly #moves = new MoveTally()
  #state: MetricsState
  /** The state that was read last, and the parts of its reading. */
  #readLast: MetricsState | undefined = undefined
  #parts: MetricsParts | undefined = undefined
  #ticks = 0
  #dueAt = 0
  /** The last that could be read. */
  #memory = 0
  #timer: unknown
  #emitting = false
  #stopped = false

  constructor(options: MetricsStreamOptions) {
    assertDuration('sampleMs', options.sampleMs, 1)
    this.#options = options
    this.#time = Timeline.of(options.clock)
    this.#start = this.#time.awake()
    this.#state = initialMetrics({ ...options, at: this.#start })
    const { errors } = options
    this.metrics$ =
      errors === undefined
        ? this.#subject.asObservable()
        : new GuardedObservable(errors, (subscriber) => this.#subject.subscribe(subscriber))
    this.#arm(this.#start)
    this.#sample(this.#start)
  }

  /** Gauges and counters as of now; rates, latency and memory as of the last sample. O(1). */
  get current(): NetworkMetrics {
    const state = this.#moves.take(this.#state)
    this.#state = state
    if (this.#parts === undefined || this.#readLast !== state) {
      this.#parts = partsOf(state)
      this.#readLast = state
    }
    return readParts(state, this.#parts, this.#time.instant(this.#time.now()), this.#options.meter.pending)
  }

  /** A peer has moved. @param at in milliseconds since the epoch @param code that of its kind */
  move(at: number, code: number): void {
    this.#moves.add(at, code)
  }

  /** A link that another opened to us was taken, or refused. */
  inbound(accepted: boolean): void {
    this.#fold({ kind: 'inbound', accepted })
  }

  /** The limits are these from here on. */
  limits({ limit, maxIdle }: Omit<LimitsChange, 'kind'>): void {
    this.#fold({ kind: 'limits', limit, maxIdle })
  }

  /** Takes a last sample, emits it and completes; clears the timer. Idempotent. `current` goes on answering. */
  stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#options.clock.clearTimeout(this.#timer)
    // Stopped from within an emission: the others are told that one first, and the end after it.
    if (!this.#emitting) this.#end()
  }

  #fold(input: FoldInput): void {
    this.#state = reduceMetrics(this.#moves.take(this.#state), input)
  }

  #end(): void {
    this.#sample(this.#time.awake())
    this.#subject.complete()
  }

  /** @param at of the time that was awake: of that are rates, and what was slept over is not part of any */
  #sample(at: number): void {
    const bytes = this.#readMemory()
    if (bytes !== undefined) this.#memory = bytes
    this.#fold(this.#options.meter.take(at, this.#memory, bytes === undefined))
    this.#subject.next(this.current)
  }

  /** Undefined: the platform cannot say. It may have to open a file, which fails in a process with no descriptor left. */
  #readMemory(): number | undefined {
    try {
      const bytes = this.#options.memoryUsage()
      return Number.isFinite(bytes) ? bytes : undefined
    } catch {
      return undefined
    }
  }

  readonly #tick = (): void => {
    const at = this.#time.awake()
    if (at < this.#dueAt - 1 && this.#dueAt - this.#start > LONGEST_WAIT_MS) return this.#wait(at)
    // Before the emission, so that a subscriber that stops the stream finds the timer to clear.
    this.#arm(at)
    this.#emitting = true
    this.#sample(at)
    this.#emitting = false
    if (this.#stopped) this.#end()
  }

  /** Aims at the next multiple of `sampleMs` since the start: a late tick is not passed on, a missed one not made up for. */
  #arm(now: number): void {
    const { sampleMs } = this.#options
    this.#ticks = Math.max(this.#ticks + 1, Math.floor((now - this.#start) / sampleMs) + 1)
    this.#dueAt = this.#start + this.#ticks * sampleMs
    this.#wait(now)
  }

  /** What is later than a timer can be is reached in steps. */
  #wait(now: number): void {
    this.#timer = this.#options.clock.setTimeout(this.#tick, Math.min(LONGEST_WAIT_MS, this.#dueAt - now))
  }
}
