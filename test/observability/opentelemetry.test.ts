import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { MeterProvider, MetricReader, type DataPoint, type Histogram } from '@opentelemetry/sdk-metrics'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { instrument } from 'qudag-connections/opentelemetry'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { BOUNDS, INSTRUMENTS } from '../../src/observability/instruments.ts'
import { runningOf } from '../../src/observability/observation.ts'

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const exporter = new InMemorySpanExporter()
const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = tracers.getTracer('test')

function measured() {
  const reader = new Reader()
  const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
  const collected = async () => {
    const { resourceMetrics, errors } = await reader.collect()
    expect(errors).toEqual([])
    return new Map(resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics).map((metric) => [metric.descriptor.name, metric]))
  }
  const pointsOf = async (name: string) => (await collected()).get(name)?.dataPoints ?? []
  return { meter, collected, pointsOf }
}

function managed(options: ManagerOptions = {}, max = 2) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync', proveIds: true })
  const manager = new ConnectionManager(max, { transport, clock, resolve: (peerId) => `scripted://${peerId}`, ...options })
  return { manager, clock, transport }
}

beforeEach(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  exporter.reset()
})
afterEach(() => context.disable())

describe('instrument', () => {
  test('makes every instrument, with its kind, its unit and one set of buckets', async () => {
    const { manager, transport, clock } = managed()
    const { meter, collected } = measured()
    instrument(manager, { meter, tracer })
    transport.autoOpen = true
    const ann = await manager.connect('ann')
    clock.advance(20)
    await ann.close()
    manager.recordMessage('ann', { latencyMs: 3 })

    const metrics = await collected()
    for (const { name, unit, kind } of INSTRUMENTS) {
      // A histogram is there once it has counted something.
      if (kind === 'histogram' && !metrics.has(name)) continue
      expect(metrics.get(name)?.descriptor).toMatchObject({
        unit,
        type: kind === 'histogram' ? 'HISTOGRAM' : expect.stringMatching(/COUNTER/),
      })
    }
    const [used] = metrics.get('qudag.connection.use_time')!.dataPoints as DataPoint<Histogram>[]
    expect(used).toMatchObject({ attributes: { manager: 'default' }, value: { count: 1, sum: 0.02, buckets: { boundaries: BOUNDS } } })
    await manager.shutdown()
  })

  test('reads gauges and counters when they are collected, under the name of the manager', async () => {
    const { manager, transport } = managed()
    const { meter, pointsOf } = measured()
    const undo = instrument(manager, { meter, tracer, name: 'edge' })
    transport.autoOpen = true
    await manager.connect('ann')

    expect(await pointsOf('qudag.connection.count')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          value: 1,
          attributes: { manager: 'edge', 'qudag.connection.state': 'used', 'qudag.connection.direction': 'outbound' },
        }),
      ]),
    )
    transport.autoFail = new Error('no')
    await manager.connect('ben').catch(() => {})
    expect((await pointsOf('qudag.connection.attempts')).map(({ attributes, value }) => [attributes, value])).toEqual([
      [{ manager: 'edge', 'qudag.connection.transport': 'scripted' }, 1],
      [{ manager: 'edge', 'qudag.connection.transport': 'scripted', 'error.type': 'ERR_DIAL_FAILED' }, 1],
    ])
    undo()
    undo()
    expect(runningOf(manager).supervisor.world.observer).toBeUndefined()
    await manager.connect('cleo').catch(() => {})
    expect(await pointsOf('qudag.connection.attempts')).toMatchObject([{ value: 1 }, { value: 1 }])
    await manager.shutdown()
  })

  test('a manager that ends is measured once more, as it is then, and no longer', async () => {
    const { manager, transport } = managed()
    const { meter, pointsOf } = measured()
    instrument(manager, { meter, tracer })
    transport.autoOpen = true
    await manager.connect('ann')
    expect(await pointsOf('qudag.connection.accepting')).toMatchObject([{ value: 1 }])
    await manager.shutdown()
    await flush()
    expect(await pointsOf('qudag.connection.accepting')).toMatchObject([{ value: 0 }])
    expect((await pointsOf('qudag.connection.count')).map(({ value }) => value)).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(runningOf(manager).supervisor.world.observer).toBeUndefined()
  })

  test('without an SDK nothing is measured', async () => {
    const { manager, transport } = managed()
    transport.autoOpen = true
    using _ = instrument(manager)
    expect(runningOf(manager).supervisor.world.observer).toBeUndefined()
    await (await manager.connect('ann')).release()
    expect(exporter.getFinishedSpans()).toEqual([])
    await manager.shutdown()
  })

  test.each([
    [{ meter: {} }, 'meter'],
    [{ tracer: {} }, 'tracer'],
    [{ name: 1 }, 'name'],
    [{ manager: 'x' }, 'manager'],
  ])('refuses %j', async (options, name) => {
    const { manager } = managed()
    expect(() => instrument(manager, options as never)).toThrow(name)
    expect(() => instrument({} as never)).toThrow('manager must be a ConnectionManager')
    await manager.shutdown()
  })
})

describe('spans', () => {
  test('a dial is a trace of its own, with a child for the look-up and each address; who waits links to it', async () => {
    const { manager, transport } = managed({ resolve: async () => ['scripted://one', 'scripted://two'] })
    instrument(manager, { tracer })
    const caller = tracer.startSpan('request')
    const waiting = [1, 2].map(() => context.with(trace.setSpan(context.active(), caller), () => manager.connect('ann')))
    await flush()
    transport.dials[0]!.fail(new Error('one is down'))
    await flush()
    transport.dials[1]!.open()
    await Promise.all(waiting)
    caller.end()

    const spans = exporter.getFinishedSpans()
    const [setup] = spans.filter(({ name }) => name === 'qudag.connection_setup')
    expect(setup).toMatchObject({
      parentSpanContext: undefined,
      attributes: { 'qudag.peer.id': 'ann', 'qudag.connection.reason': 'opened' },
    })
    const children = spans.filter(({ parentSpanContext }) => parentSpanContext?.spanId === setup!.spanContext().spanId)
    expect(children.map(({ name, attributes, status }) => [name, attributes['url.full'], status.code])).toEqual([
      ['qudag.resolve', undefined, SpanStatusCode.UNSET],
      ['qudag.dial_address', 'scripted://one', SpanStatusCode.ERROR],
      ['qudag.dial_address', 'scripted://two', SpanStatusCode.UNSET],
    ])
    const waits = spans.filter(({ name }) => name === 'qudag.wait_for_connection')
    expect(waits).toHaveLength(2)
    for (const wait of waits) {
      expect(wait.spanContext().traceId).toBe(caller.spanContext().traceId)
      expect(wait.links.map((link) => link.context.spanId)).toEqual([setup!.spanContext().spanId])
    }
    expect(setup!.spanContext().traceId).not.toBe(caller.spanContext().traceId)
    await manager.shutdown()
  })

  test('a reuse has no span, and neither has a wait that nobody traces', async () => {
    const { manager, transport } = managed()
    instrument(manager, { tracer })
    transport.autoOpen = true
    const ann = await manager.connect('ann')
    await ann.release()
    exporter.reset()
    const caller = tracer.startSpan('request')
    await context.with(trace.setSpan(context.active(), caller), () => manager.connect('ann'))
    expect(exporter.getFinishedSpans()).toEqual([])
    await manager.shutdown()
  })

  test('who waits for a slot links to the dial that comes of it', async () => {
    const { manager, transport } = managed({ admission: 'queue' }, 1)
    instrument(manager, { tracer })
    transport.autoOpen = true
    const ann = await manager.connect('ann')
    const caller = tracer.startSpan('request')
    const waiting = context.with(trace.setSpan(context.active(), caller), () => manager.connect('ben'))
    await ann.close()
    await waiting

    const spans = exporter.getFinishedSpans()
    const setup = spans.find(({ name, attributes }) => name === 'qudag.connection_setup' && attributes['qudag.peer.id'] === 'ben')
    const wait = spans.find(({ name }) => name === 'qudag.wait_for_connection')
    expect(wait?.links.map((link) => link.context.spanId)).toEqual([setup!.spanContext().spanId])
    await manager.shutdown()
  })

  test('a dial that fails says of what, and a connect that is aborted has an end', async () => {
    const { manager, transport, clock } = managed({ connectTimeoutMs: 1_000 })
    instrument(manager, { tracer })
    const caller = tracer.startSpan('request')
    const abort = new AbortController()
    const [first, second] = ['ann', 'ben'].map((peerId) =>
      context.with(trace.setSpan(context.active(), caller), () => manager.connect(peerId, { signal: abort.signal }).catch(() => 'failed')),
    )
    clock.advance(1_000)
    expect(await first).toBe('failed')
    expect(await second).toBe('failed')
    const third = context.with(trace.setSpan(context.active(), caller), () =>
      manager.connect('cleo', { signal: abort.signal }).catch(() => 'failed'),
    )
    abort.abort()
    await third
    expect(transport.dials).toHaveLength(3)

    const spans = exporter.getFinishedSpans()
    expect(spans.filter(({ name }) => name === 'qudag.connection_setup').map(({ attributes }) => attributes['error.type'])).toEqual([
      'ERR_CONNECT_TIMEOUT',
      'ERR_CONNECT_TIMEOUT',
      'aborted',
    ])
    expect(spans.filter(({ name }) => name === 'qudag.wait_for_connection').map(({ attributes }) => attributes['error.type'])).toEqual([
      'ERR_CONNECT_TIMEOUT',
      'ERR_CONNECT_TIMEOUT',
      'AbortError',
    ])
    await manager.shutdown()
  })

  test('those that are open end with the instrumentation', async () => {
    const { manager } = managed()
    const undo = instrument(manager, { tracer })
    const caller = tracer.startSpan('request')
    const waiting = context.with(trace.setSpan(context.active(), caller), () => manager.connect('ann')).catch(() => 'stopped')
    undo()
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(
      expect.arrayContaining(['qudag.dial_address', 'qudag.connection_setup', 'qudag.wait_for_connection']),
    )
    await manager.shutdown()
    expect(await waiting).toBe('stopped')
  })
})
