import { describe, expect, test } from 'vitest'
import type { Observable } from 'rxjs'
import { codeOfState } from '../../machines/domain/peer-state.ts'
import { moveKind } from '../../machines/domain/move-kind.ts'
import { MetricsStream, type MetricsStreamOptions } from '../../src/metrics/metrics-stream.ts'
import type { NetworkMetrics } from '../../src/metrics/network-metrics.ts'
import { TrafficMeter } from '../../src/metrics/traffic-meter.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { Model, START } from './legal-moves.ts'

describe('MetricsStream', () => {
  test('has metrics from the start, then one every sampleMs', () => {
    const { clock, stream, meter } = streamOf()
    const told = watch(stream.metrics$)
    expect(told.metrics).toEqual([expect.objectContaining({ at: START, messagesPerSecond: 0, memoryUsage: 4096, limit: 10 })])

    meter.messageIn(100)
    meter.messageOut(50)
    meter.roundTrip(20)
    clock.advance(2_500)

    expect(told.metrics.map(({ at }) => at - START)).toEqual([0, 1_000, 2_000])
    expect(told.metrics[1]).toMatchObject({ messagesPerSecond: 2, bytesPerSecond: { in: 100, out: 50 }, avgLatency: 20 })
    expect(told.metrics[2]).toMatchObject({ messagesPerSecond: 1, avgLatency: 20 })
  })

  test('current has gauges as of now, and rates as of the last sample', () => {
    const { clock, stream, meter } = streamOf()
    clock.advance(1_000)
    meter.messageIn(1)
    clock.advance(500)

    const { fromState, toState, reason } = new Model().move('a', 2, clock.now())
    stream.move(clock.now(), moveKind(codeOfState(fromState), codeOfState(toState), reason).code)
    stream.inbound(true)
    stream.limits({ limit: 20, maxIdle: 5 })

    expect(stream.current).toMatchObject({ at: START + 1_500, connections: 1, inbound: { accepted: 1 }, limit: 20, messagesPerSecond: 0 })
    expect(stream.current.pool.capacity).toBe(5)
    clock.advance(500)
    expect(stream.current).toMatchObject({ messagesPerSecond: 0.5 })
  })

  test('readings share what has not changed between them, and each has its own instant and the traffic until then', () => {
    const { clock, stream, meter } = streamOf()
    const first = stream.current
    clock.advance(10)
    meter.messageIn(3)
    const second = stream.current
    stream.inbound(true)
    const third = stream.current

    expect([second.pool, second.byStatus, second.dials, second.inbound]).toEqual([first.pool, first.byStatus, first.dials, first.inbound])
    expect(second.pool).toBe(first.pool)
    expect([first.at, second.at]).toEqual([START, START + 10])
    expect([first.totals.bytes.in, second.totals.bytes.in]).toEqual([0, 3])
    expect([first.inbound, third.inbound]).toEqual([
      { accepted: 0, rejected: 0 },
      { accepted: 1, rejected: 0 },
    ])
  })

  test('reading neither samples nor arms a timer', () => {
    const { clock, stream, meter } = streamOf()
    meter.messageIn(1)
    const { armed } = clock

    const reads = [stream.current, stream.current]

    expect(reads[0]).toEqual(reads[1])
    expect(clock.armed).toBe(armed)
    expect(meter.take(0, 0).messages).toBe(1)
  })

  test('a late subscriber gets the latest', () => {
    const { clock, stream } = streamOf()
    clock.advance(3_000)

    expect(watch(stream.metrics$).metrics.map(({ at }) => at - START)).toEqual([3_000])
  })

  test('stop takes a last sample, emits it, completes and leaves no timer; the last value outlives it', () => {
    const { clock, stream, meter } = streamOf()
    const early = watch(stream.metrics$)
    clock.advance(1_500)
    meter.messageIn(6)

    stream.stop()
    stream.stop()

    expect(early.metrics.map(({ at }) => at - START)).toEqual([0, 1_000, 1_500])
    expect(early.metrics.at(-1)).toMatchObject({ bytesPerSecond: { in: 4, out: 0 } })
    expect(early.completed).toBe(true)
    expect(clock.pending).toBe(0)
    expect(watch(stream.metrics$)).toEqual({ metrics: early.metrics.slice(-1), completed: true })
    clock.advance(10)
    expect(stream.current.at).toBe(START + 1_510)
  })

  test('stopped from within an emission, every subscriber is told in order, and nothing is left', () => {
    const { clock, stream, meter } = streamOf()
    stream.metrics$.subscribe(({ at }) => {
      if (at > START) stream.stop()
    })
    const second = watch(stream.metrics$)
    meter.messageIn(1)

    clock.advance(5_000)

    expect(second.metrics.map(({ at, messagesPerSecond }) => [at - START, messagesPerSecond])).toEqual([
      [0, 0],
      [1_000, 1],
      [1_000, 1],
    ])
    expect(second.completed).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test('a timer that is late delays one sample, not those after it; samples that were slept through are not made up for', () => {
    const clock = new LooseClock()
    const { stream } = streamOf({ clock })
    const told = watch(stream.metrics$)

    for (const lateBy of [30, 0, 3_500, 0]) clock.fire(lateBy)

    expect(told.metrics.map(({ at }) => at - START)).toEqual([0, 1_030, 2_000, 6_500, 7_000])
  })

  test('a timer that is early gives no second sample for the same tick', () => {
    const clock = new LooseClock()
    const { stream } = streamOf({ clock })
    const told = watch(stream.metrics$)

    for (const lateBy of [-0.5, 0]) clock.fire(lateBy)

    expect(told.metrics.map(({ at }) => at - START)).toEqual([0, 999.5, 2_000])
  })

  test('memory that cannot be read keeps its last value and is called stale, from the first sample on, and nothing is thrown', () => {
    let read: () => number = () => {
      throw Object.assign(new Error('EMFILE: too many open files, uv_resident_set_memory'), { code: 'EMFILE' })
    }
    const { clock, stream } = streamOf({ memoryUsage: () => read() })
    const told = watch(stream.metrics$)
    const fail = read
    clock.advance(1_000)
    read = () => 4096
    clock.advance(1_000)
    read = fail
    clock.advance(1_000)
    read = () => Number.NaN
    clock.advance(1_000)
    read = () => 8192
    clock.advance(1_000)

    expect(told.metrics.map(({ memoryUsage, memoryUsageStale }) => [memoryUsage, memoryUsageStale])).toEqual([
      [0, true],
      [0, true],
      [4096, undefined],
      [4096, true],
      [4096, true],
      [8192, undefined],
    ])
  })

  test('refuses a wrong interval by name, and arms nothing', () => {
    const clock = new VirtualClock(START)

    expect(() => streamOf({ clock, sampleMs: 0 })).toThrow(/^sampleMs must be/)
    expect(() => streamOf({ clock, windowMs: Number.NaN })).toThrow(/^windowMs must be/)
    expect(clock.pending).toBe(0)
  })
})

function streamOf<C extends MetricsStreamOptions['clock'] = VirtualClock>(options: Partial<MetricsStreamOptions> & { clock?: C } = {}) {
  const clock = (options.clock ?? new VirtualClock(START)) as C
  const meter = new TrafficMeter()
  const defaults = { sampleMs: 1_000, windowMs: 10_000, limit: 10, maxIdle: Infinity, memoryUsage: () => 4096 }
  return { clock, meter, stream: new MetricsStream({ ...defaults, ...options, clock, meter }) }
}

function watch(metrics$: Observable<NetworkMetrics>): { readonly metrics: NetworkMetrics[]; completed: boolean } {
  const told = { metrics: [] as NetworkMetrics[], completed: false }
  metrics$.subscribe({
    next: (metrics) => told.metrics.push(metrics),
    complete: () => (told.completed = true),
  })
  return told
}

/** Fires its one timer when it is told to, as late or early as it is told to. */
class LooseClock {
  #now = START
  #due: { f: () => void; at: number } | undefined

  now(): number {
    return this.#now
  }

  setTimeout(f: () => void, ms: number): unknown {
    this.#due = { f, at: this.#now + ms }
    return this.#due
  }

  clearTimeout(): void {
    this.#due = undefined
  }

  fire(lateBy: number): void {
    const { f, at } = this.#due!
    this.#now = at + lateBy
    f()
  }
}
