/** A process with an SDK of OpenTelemetry registered as its own documentation says: what a manager gives it is printed as JSON. */
import { context, metrics, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics'
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { ConnectionManager } from 'qudag-connections'
import { alertEvents } from 'qudag-connections/alerting'
import { alerts } from 'qudag-connections/metrics'
import { instrument } from 'qudag-connections/opentelemetry'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const clock = new VirtualClock()
const transport = scripted({ autoClose: 'sync', proveIds: true })
const manager = new ConnectionManager(2, { transport, clock, resolve: async (peerId) => [`scripted://${peerId}`] })

// Before there is an SDK, nothing happens.
instrument(manager)()

const inMemory = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
const periodic = new PeriodicExportingMetricReader({ exporter: inMemory, exportIntervalMillis: 3_600_000 })
const prometheus = new PrometheusExporter({ preventServerStart: true })
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [periodic, prometheus] }))
const spans = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }))
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())

instrument(manager, { name: 'edge' })
const events = new InMemoryLogRecordExporter()
const logger = new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: events })] }).getLogger('app')
alertEvents(alerts(manager.metrics$, [{ name: 'in use', value: 'limit', above: 0 }]), { logger, name: 'edge' })
const request = trace.getTracer('app').startSpan('request')
const within = (f) => context.with(trace.setSpan(context.active(), request), f)
const waiting = within(() => manager.connect('ann'))
await flush()
for (const dial of transport.dials) dial.open()
const ann = await waiting
clock.advance(20)
await ann.release()
clock.advance(1_000)
await flush()
const again = await within(() => manager.connect('ann'))
manager.recordMessage('ann', { latencyMs: 3 })
const failing = within(() => manager.connect('ben')).catch(() => {})
await flush()
transport.dials.at(-1).fail(new Error('nobody there'))
await failing
await again.close()

await periodic.forceFlush()
const [{ scopeMetrics }] = inMemory.getMetrics()
clock.advance(1_000)
await flush()
const { resourceMetrics, errors } = await prometheus.collect()
console.log(
  JSON.stringify({
    metrics: scopeMetrics.flatMap(({ scope, metrics: all }) =>
      all.map(({ descriptor: { name, unit }, dataPoints, isMonotonic }) => ({ scope: scope.name, name, unit, isMonotonic, dataPoints })),
    ),
    errors,
    exposition: new PrometheusSerializer().serialize(resourceMetrics),
    events: events
      .getFinishedLogRecords()
      .map(({ eventName, severityNumber, body, attributes }) => ({ eventName, severityNumber, body, attributes })),
    request: request.spanContext(),
    spans: spans.getFinishedSpans().map((span) => ({
      name: span.name,
      context: span.spanContext(),
      parent: span.parentSpanContext?.spanId,
      links: span.links.map((link) => link.context.spanId),
      attributes: span.attributes,
      status: span.status.code,
    })),
  }),
)
await manager.shutdown()
