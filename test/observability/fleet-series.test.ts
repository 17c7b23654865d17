/** The series of a manager that is a node of a fleet: they say which node, and how it stands; without a fleet there is nothing of it. */
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { Registry } from 'prom-client'
import { ConnectionManager } from 'qudag-connections'
import { instrument } from 'qudag-connections/opentelemetry'
import { collect } from 'qudag-connections/prometheus'
import { scripted } from 'qudag-connections/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expose } from '../../src/observability/exposition.ts'
import { FLEET_INSTRUMENTS } from '../../src/observability/fleet-instruments.ts'
import { prometheusName } from '../../src/observability/instruments.ts'
import { readinessOf } from '../../src/cli/readiness.ts'
import { cuttable, LEASE_MS, meeting, type TestNode } from '../fleet/fleet-kit.ts'

const NODE = 'manager="default",fleet="fleet",node="n1"'

/** What only a node's series have. */
const NODES = /qudag_fleet|fleet=|node=/

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

function ended({ manager }: Pick<TestNode, 'manager'>): void {
  onTestFinished(async () => void (await manager.shutdown()))
}

/** What a series says; NaN: it is not there. */
function valueIn(text: string, series: string): number {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return Number(line?.slice(series.length + 1) ?? NaN)
}

/** The states that a node is in. */
function statesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/^qudag_fleet_state\{.*qudag_fleet_state="([^"]+)"\} 1$/gm), ([, state = '']) => state)
}

describe('the series of a node', () => {
  test('carry its name and that of its fleet, and say how it stands', async () => {
    const { add, pass } = meeting()
    const [one, two] = [add({ limit: 64 }), add({ limit: 64 })]
    ended(one)
    ended(two)
    const exposed = expose(one.manager)
    expect(statesIn(exposed.text())).toEqual(['joining'])
    await Promise.all([one.node.joined(), two.node.joined()])
    await one.manager.connect('scripted://a')
    await pass(LEASE_MS)

    const text = exposed.text()
    const lines = text.split('\n').filter((line) => line.startsWith('qudag_'))
    for (const line of lines) expect(line).toContain(`{${NODE}`)
    expect(statesIn(text)).toEqual(['joined'])
    const { permits } = one.node.explain()
    expect(permits.granted).toBeGreaterThan(0)
    expect(valueIn(text, `qudag_fleet_permits_granted{${NODE}}`)).toBe(permits.granted)
    expect(valueIn(text, `qudag_fleet_permits_held{${NODE}}`)).toBe(1)
    expect(valueIn(text, `qudag_fleet_limit{${NODE}}`)).toBe(64)
    expect(valueIn(text, `qudag_fleet_owned{${NODE}}`)).toBe(1)
    expect(valueIn(text, `qudag_fleet_nodes{${NODE}}`)).toBe(2)
    expect(valueIn(text, `qudag_fleet_taking_over{${NODE}}`)).toBe(0)
    expect(valueIn(text, `qudag_fleet_handed_over_total{${NODE}}`)).toBe(0)
    const lease = valueIn(text, `qudag_fleet_lease_seconds{${NODE}}`)
    expect(lease).toBeGreaterThan(0)
    expect(lease).toBeLessThanOrEqual(LEASE_MS / 1_000)
    exposed.end()
  })

  test('say when the store is away and when the lease is lost, and so does whoever asks whether it is ready', async () => {
    const { add, pass, store } = meeting()
    const net = cuttable(store.client())
    const one = add({}, {}, net.store)
    ended(one)
    const exposed = expose(one.manager)
    await one.node.joined()
    net.cut = 'reject'
    await pass(LEASE_MS / 2)
    expect(statesIn(exposed.text())).toEqual(['store away'])
    expect(valueIn(exposed.text(), `qudag_fleet_lease_seconds{${NODE}}`)).toBeGreaterThan(0)
    expect(readinessOf(one.manager, [], [])).toEqual({
      isReady: false,
      lines: ['ok takes new work: Accepting', "NOT node 'n1' of fleet 'fleet': store away (unreachable)"],
    })

    await pass(LEASE_MS)
    expect(statesIn(exposed.text())).toEqual(['lost'])
    expect(valueIn(exposed.text(), `qudag_fleet_lease_seconds{${NODE}}`)).toBe(0)
    expect(readinessOf(one.manager, [], [])).toEqual({
      isReady: false,
      lines: ['ok takes new work: Accepting', "NOT node 'n1' of fleet 'fleet': lost (unreachable)"],
    })

    net.cut = 'no'
    await pass(LEASE_MS)
    expect(statesIn(exposed.text())).toEqual(['joined'])
    expect(readinessOf(one.manager, [], []).isReady).toBe(true)
    exposed.end()
  })

  test('are there while a node is collected, beside managers without a fleet, whose series are as ever', async () => {
    const { add } = meeting()
    const node = add()
    ended(node)
    const alone = new ConnectionManager(1, { transport: scripted({ autoOpen: true, autoClose: 'sync' }) })
    ended({ manager: alone })
    const register = new Registry()
    collect(alone, { register, manager: 'alone' })
    const before = await register.metrics()
    expect(before).not.toMatch(NODES)

    const undo = collect(node.manager, { register, manager: 'node' })
    const text = await register.metrics()
    for (const one of FLEET_INSTRUMENTS) expect(text).toContain(`# TYPE ${prometheusName(one)} ${one.kind}`)
    expect(text.split('\n').filter((line) => line.includes('manager="alone"') && NODES.test(line))).toEqual([])

    undo()
    expect(await register.metrics()).toBe(before)
  })

  test('a name that is taken in the registry is an error that leaves nothing', () => {
    const node = meeting().add()
    ended(node)
    const register = new Registry()
    register.registerMetric({ name: 'qudag_fleet_owned' } as never)
    expect(() => collect(node.manager, { register })).toThrow('qudag_fleet_owned has already been registered')
    expect(register.getMetricsAsArray()).toHaveLength(1)
  })

  test('are instruments of OpenTelemetry too, with the same words', async () => {
    const reader = new Reader()
    const meter = new MeterProvider({ readers: [reader] }).getMeter('test')
    const { add } = meeting()
    const one = add()
    ended(one)
    instrument(one.manager, { meter })
    await one.node.joined()

    const { resourceMetrics } = await reader.collect()
    const points = resourceMetrics.scopeMetrics
      .flatMap(({ metrics }) => metrics)
      .flatMap(({ descriptor: { name }, dataPoints }) => dataPoints.map(({ attributes, value }) => ({ name, attributes, value })))
    const node = { manager: 'default', fleet: 'fleet', node: 'n1' }
    for (const { attributes } of points) expect(attributes).toMatchObject(node)
    for (const { name } of FLEET_INSTRUMENTS) expect(points.map((point) => point.name)).toContain(name)
    expect(points).toContainEqual({ name: 'qudag.fleet.state', attributes: { ...node, 'qudag.fleet.state': 'joined' }, value: 1 })
  })
})
