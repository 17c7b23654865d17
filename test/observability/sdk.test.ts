import { describe, expect, test } from 'vitest'
import { BOUNDS, INSTRUMENTS, prometheusName, type Instrument } from '../../src/observability/instruments.ts'
import { node24 } from '../setup/node24.ts'
import { APART_MS, packagesApart } from '../setup/packages-apart.ts'
import { toldBy } from './stranger.ts'

interface Told {
  readonly metrics: readonly {
    readonly scope: string
    readonly name: string
    readonly unit: string
    readonly dataPoints: readonly DataPoint[]
  }[]
  readonly errors: readonly unknown[]
  readonly exposition: string
  readonly events: readonly unknown[]
  readonly request: { readonly traceId: string; readonly spanId: string }
  readonly spans: readonly TracedSpan[]
}

interface DataPoint {
  readonly attributes: Readonly<Record<string, string>>
  readonly value: unknown
}

interface TracedSpan {
  readonly name: string
  readonly context: { readonly traceId: string; readonly spanId: string }
  readonly parent?: string
  readonly links: readonly string[]
  readonly attributes: Readonly<Record<string, string>>
  readonly status: number
}

const SDKS = {
  2: [
    ['api', '1.9.1'],
    ['exporter-prometheus', '0.223.0'],
    ...['sdk-metrics', 'sdk-trace', 'context-async-hooks'].map((name) => [name, '2.12.0']),
    ['sdk-logs', '0.223.0'],
  ],
  3: [
    ['api', '1.10.0'],
    ['exporter-prometheus', '0.301.0'],
    ...['sdk-metrics', 'sdk-trace', 'sdk-logs', 'context-async-hooks'].map((name) => [name, '3.1.0']),
  ],
}

/** As the exporter of the SDK for Node names it, which leaves the unit off; others append it, as the specification has it. */
function nodeName(instrument: Instrument): string {
  return prometheusName({ ...instrument, unit: '' })
}

describe.each([2, 3] as const)('the SDK %i of OpenTelemetry', (version) => {
  test('has every instrument, every span, and what its Prometheus exporter says', { timeout: 3 * APART_MS }, async () => {
    const packages = SDKS[version].map(([name, exact]) => `@opentelemetry/${name}@${exact}`)
    const apart = await packagesApart(`opentelemetry-${version}`, packages)
    const node = version === 2 ? process.execPath : await node24()
    const { metrics, errors, exposition, events, request, spans } = await toldBy<Told>(node, 'test/observability/sdk-side.mjs', apart)

    expect(errors).toEqual([])
    const silent = new Set(['qudag.connection.wait_time'])
    for (const instrument of INSTRUMENTS.filter(({ name }) => !silent.has(name))) {
      const found = metrics.find(({ name }) => name === instrument.name)
      expect(found).toMatchObject({ name: instrument.name, scope: 'qudag-connections', unit: instrument.unit })
      for (const { attributes } of found!.dataPoints) {
        const { manager, ...others } = attributes
        expect(manager).toBe('edge')
        for (const name of Object.keys(others)) expect(instrument.attributes).toContain(name)
      }
      expect(exposition).toContain(`# TYPE ${nodeName(instrument)} ${instrument.kind}\n`)
    }
    const use = metrics.find(({ name }) => name === 'qudag.connection.use_time')
    expect(use?.dataPoints).toMatchObject([{ value: { count: 2, sum: 0.02, buckets: { boundaries: BOUNDS } } }])
    expect(exposition).toMatch(/^qudag_connection_use_time_bucket\{manager="edge",.*le="0.05"\} 2$/m)
    expect(exposition).not.toMatch(/ann|ben/)

    expect(events[0]).toMatchObject({
      eventName: 'qudag.connection.alert',
      severityNumber: 13,
      body: expect.stringContaining('raised: in use: limit is 2'),
      attributes: { 'qudag.alert.name': 'in use', 'qudag.alert.state': 'raised', manager: 'edge' },
    })

    const [ann, ben] = spans.filter(({ name }) => name === 'qudag.connection_setup')
    expect([ann, ben].map((span) => [span?.parent, span?.attributes['qudag.peer.id'], span?.attributes['error.type']])).toEqual([
      [undefined, 'ann', undefined],
      [undefined, 'ben', 'ERR_DIAL_FAILED'],
    ])
    const namesWithin = (span: TracedSpan | undefined) =>
      spans.filter(({ parent }) => parent === span?.context.spanId).map(({ name }) => name)
    expect(namesWithin(ann)).toEqual(['qudag.resolve', 'qudag.dial_address'])
    // A reuse has none.
    const waits = spans.filter(({ name }) => name === 'qudag.wait_for_connection')
    expect(waits.map(({ context, parent, links }) => [context.traceId, parent, links])).toEqual([
      [request.traceId, request.spanId, [ann?.context.spanId]],
      [request.traceId, request.spanId, [ben?.context.spanId]],
    ])
  })
})
