/** OpenTelemetry: the instruments of a manager, read when they are collected, and spans of its dials and of those who wait. */
/// <reference lib="esnext.disposable" preserve="true" />
import {
  createNoopMeter,
  metrics,
  trace,
  type Histogram,
  type Meter,
  type Observable,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import { assertKnown, type Known } from '../../machines/domain/options.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import { FLEET_INSTRUMENTS } from './fleet-instruments.ts'
import { BOUNDS, INSTRUMENTS, type HistogramName, type Instrument } from './instruments.ts'
import { observe, runningOf, whenEnded } from './observation.ts'
import type { Running } from '../supervisor-logic.ts'
import type { ReadName } from './readings.ts'
import { Spans } from './spans.ts'
import type { Undo } from './undo.ts'

export type { Undo } from './undo.ts'

/** How a manager is instrumented. @since 0.2.0 */
export interface InstrumentOptions {
  /** Where its instruments are made. @default that of the SDK which is registered when this is called; without one, none are made */
  readonly meter?: Meter
  /** Where its spans are made. @default that of the SDK which is registered when this is called; without one, none are made */
  readonly tracer?: Tracer
  /** The value of the attribute `manager`, which tells managers of one process apart. @default 'default' */
  readonly name?: string
}

const KNOWN = { meter: true, tracer: true, name: true } as const satisfies Known<InstrumentOptions>
const SCOPE = 'qudag-connections'

/**
 * Instruments a manager, until the result is called or the manager ends. Without an SDK nothing is measured.
 *
 * A dial is a span of its own trace, `qudag.connection_setup`, with a child for the look-up and each address; a connect
 * that waits within a span of the caller's has a `qudag.wait_for_connection` there, with a link to the dial.
 *
 * @throws TypeError that names the argument or the option
 * @since 0.2.0
 */
export function instrument(manager: ConnectionManager, options: InstrumentOptions = {}): Undo {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object')
  assertKnown('', options, KNOWN)
  const { meter = metrics.getMeter(SCOPE), tracer = registeredTracer(), name = 'default' } = options
  if (typeof meter?.createHistogram !== 'function') throw new TypeError('meter must be a Meter')
  if (tracer !== undefined && typeof tracer?.startSpan !== 'function') throw new TypeError('tracer must be a Tracer')
  if (typeof name !== 'string') throw new TypeError('name must be a string')
  const running = runningOf(manager)
  const stopSpans = tracer === undefined ? () => {} : draw(tracer, running)
  const stopMetrics = meter === createNoopMeter() ? () => {} : measure(meter, manager, name)
  const end = (): void => {
    stopMetrics()
    stopSpans()
  }
  return Object.assign(end, { [Symbol.dispose]: end })
}

/** The tracer of the SDK that is registered. Until there is one, the API has a provider that says so. */
function registeredTracer(): Tracer | undefined {
  const provider: TracerProvider & { getDelegateTracer?(name: string): Tracer | undefined } = trace.getTracerProvider()
  return provider.getDelegateTracer === undefined ? provider.getTracer(SCOPE) : provider.getDelegateTracer(SCOPE)
}

/** Draws spans until the result is called or the manager ends. */
function draw(tracer: Tracer, running: Running): () => void {
  const spans = new Spans(tracer)
  const stopObserving = running.supervisor.world.observe(spans)
  const stop = (): void => {
    leave()
    stopObserving()
    spans.end()
  }
  const leave = whenEnded(running, stop)
  return stop
}

/** Makes the instruments; gives what has them measured no longer. */
function measure(meter: Meter, measured: ConnectionManager, manager: string): () => void {
  // An SDK goes on telling the last values of what it has seen: it has to see how it ended.
  let isOver = false
  const observation = observe(measured, () => (isOver = true))
  const { tally, read, labels, isNode } = observation
  const attributes = { manager, ...labels }
  const histograms = new Map<HistogramName, Histogram>()
  const observables = new Map<ReadName, Observable>()
  for (const one of [...INSTRUMENTS, ...(isNode ? FLEET_INSTRUMENTS : [])]) {
    if (one.kind === 'histogram') histograms.set(one.name, histogramOf(meter, one))
    else observables.set(one.name, observableOf(meter, one))
  }
  const all = [...observables.values()]
  const observeAll: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    const points = read()
    for (const [name, observable] of observables) {
      for (const point of points[name]) result.observe(observable, point.value, { ...point.attributes, ...attributes })
    }
    if (isOver) stop()
  }
  const record = (name: HistogramName, seconds: number): void => histograms.get(name)?.record(seconds, attributes)
  meter.addBatchObservableCallback(observeAll, all)
  tally.listeners.add(record)
  const stop = (): void => {
    meter.removeBatchObservableCallback(observeAll, all)
    tally.listeners.delete(record)
    observation.end()
  }
  return stop
}

function histogramOf(meter: Meter, { name, unit, about }: Instrument): Histogram {
  return meter.createHistogram(name, { unit, description: about, advice: { explicitBucketBoundaries: [...BOUNDS] } })
}

function observableOf(meter: Meter, { name, kind, unit, about }: Instrument): Observable {
  const options = { unit, description: about }
  return kind === 'counter' ? meter.createObservableCounter(name, options) : meter.createObservableUpDownCounter(name, options)
}
