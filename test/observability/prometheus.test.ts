import { afterEach, describe, expect, test } from 'vitest'
import { Registry, register as globalRegistry } from 'prom-client'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { collect } from 'qudag-connections/prometheus'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { INSTRUMENTS, prometheusName } from '../../src/observability/instruments.ts'
import { expose } from '../../src/observability/exposition.ts'
import { runningOf } from '../../src/observability/observation.ts'

const SCRIPTED = { autoOpen: true, autoClose: 'sync', proveIds: true } as const

function managed(options: ManagerOptions = {}, max = 2) {
  const clock = new VirtualClock()
  const transport = scripted(SCRIPTED)
  const manager = new ConnectionManager(max, { transport, clock, resolve: (peerId) => `scripted://${peerId}`, ...options })
  return { manager, clock, transport }
}

/** The value of a series, its labels in the order of the exposition. */
async function valueOf(registry: Registry, series: string): Promise<number | undefined> {
  return valueIn(await registry.metrics(), series)
}

function valueIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

function openMetrics(): Registry {
  const register = new Registry()
  register.setContentType('application/openmetrics-text; version=1.0.0; charset=utf-8' as never)
  return register
}

afterEach(() => globalRegistry.clear())

describe('collect', () => {
  test('shows every instrument under the name that OpenTelemetry gives it, each with its type and its help', async () => {
    const { manager } = managed()
    const register = new Registry()
    collect(manager, { register })

    const text = await register.metrics()

    for (const instrument of INSTRUMENTS) expect(text).toContain(`# TYPE ${prometheusName(instrument)} ${instrument.kind}`)
    expect(text).not.toContain('NaN')
    await manager.shutdown()
  })

  test('counts links by state, dials by outcome and links that ended by reason', async () => {
    const { manager, clock, transport } = managed()
    const register = new Registry()
    collect(manager, { register })
    const ann = await manager.connect('ann')
    clock.advance(2_000)
    transport.autoFail = new Error('nobody there')
    await expect(manager.connect('ben')).rejects.toThrow('nobody there')

    expect(
      await valueOf(
        register,
        'qudag_connection_count{manager="default",qudag_connection_state="used",qudag_connection_direction="outbound"}',
      ),
    ).toBe(1)
    expect(await valueOf(register, 'qudag_connection_max{manager="default"}')).toBe(2)
    expect(await valueOf(register, 'qudag_connection_attempts_total{manager="default",qudag_connection_transport="scripted"}')).toBe(1)
    const failed = 'qudag_connection_attempts_total{manager="default",qudag_connection_transport="scripted",error_type="ERR_DIAL_FAILED"}'
    expect(await valueOf(register, failed)).toBe(1)
    expect(await valueOf(register, 'qudag_connection_create_time_seconds_count{manager="default"}')).toBe(1)

    await ann.close()
    const ended =
      'qudag_connection_disconnections_total{manager="default",qudag_connection_direction="outbound",qudag_connection_reason="disconnect"}'
    expect(await valueOf(register, ended)).toBe(1)
    expect(await valueOf(register, 'qudag_connection_use_time_seconds_sum{manager="default"}')).toBe(2)
    expect(await valueOf(register, 'qudag_connection_duration_seconds_bucket{manager="default",le="1"}')).toBe(0)
    expect(await valueOf(register, 'qudag_connection_duration_seconds_bucket{manager="default",le="5"}')).toBe(1)
    await manager.shutdown()
  })

  test('a link that lasted through the pool is one link, whose first reason to end counts', async () => {
    const { manager, clock } = managed({ poolTimeoutMs: 1_000 })
    const register = new Registry()
    collect(manager, { register })
    for (let cycle = 0; cycle < 3; cycle++) {
      await (await manager.connect('ann')).release()
      clock.advance(500)
    }
    clock.advance(600)
    await flush()

    const text = await register.metrics()
    expect(text.match(/qudag_connection_disconnections_total\{.* [1-9]\d*/g)).toEqual([
      'qudag_connection_disconnections_total{manager="default",qudag_connection_direction="outbound",qudag_connection_reason="pool-expired"} 1',
    ])
    expect(valueIn(text, 'qudag_connection_duration_seconds_sum{manager="default"}')).toBe(2)
    expect(valueIn(text, 'qudag_connection_pool_requests_total{manager="default",qudag_connection_pool_result="hit"}')).toBe(2)
    await manager.shutdown()
  })

  test('times a wait for a slot, counts those that took too long, and connects that were refused', async () => {
    const { manager, clock } = managed({ admission: 'queue', waitTimeoutMs: 5_000, maxWaiting: 1 }, 1)
    const register = new Registry()
    collect(manager, { register })
    await manager.connect('ann')
    const waiting = manager.connect('ben')
    const late = waiting.catch(({ code }: { code: string }) => code)
    await expect(manager.connect('cleo')).rejects.toMatchObject({ code: 'ERR_QUEUE_FULL' })
    expect(await valueOf(register, 'qudag_connection_pending_requests{manager="default",qudag_connection_wait="slot"}')).toBe(1)
    clock.advance(5_000)
    expect(await late).toBe('ERR_CONNECT_TIMEOUT')

    const text = await register.metrics()
    expect(valueIn(text, 'qudag_connection_timeouts_total{manager="default"}')).toBe(1)
    expect(valueIn(text, 'qudag_connection_wait_time_seconds_sum{manager="default"}')).toBe(5)
    const refused =
      'qudag_connection_rejected_total{manager="default",qudag_connection_direction="outbound",qudag_connection_reason="ERR_QUEUE_FULL"}'
    expect(valueIn(text, refused)).toBe(1)
    await manager.shutdown()
  })

  test('counts open breakers and kept peers that are down', async () => {
    const { manager, clock, transport } = managed({ breaker: { failures: 1 }, reconnect: { attempts: 3 } })
    const register = new Registry()
    collect(manager, { register })
    await manager.connect('ann', { keep: true })
    expect(await valueOf(register, 'qudag_connection_kept_peers{manager="default",qudag_connection_up="true"}')).toBe(1)
    transport.autoFail = new Error('gone')
    for (const link of transport.links) link.remoteClose()
    await flush()
    clock.advance(1_100)
    await flush()

    const text = await register.metrics()
    expect(valueIn(text, 'qudag_connection_kept_peers{manager="default",qudag_connection_up="false"}')).toBe(1)
    expect(valueIn(text, 'qudag_connection_breakers_open{manager="default"}')).toBe(1)
    await manager.shutdown()
  })

  test('tells managers apart by a label, and each takes its series along', async () => {
    const one = managed()
    const two = managed()
    const register = new Registry()
    collect(one.manager, { register, manager: 'one' })
    const undo = collect(two.manager, { register, manager: 'two' })
    expect(() => collect(two.manager, { register, manager: 'one' })).toThrow("'one' is collected there already")
    expect(await valueOf(register, 'qudag_connection_max{manager="one"}')).toBe(2)
    expect(await valueOf(register, 'qudag_connection_max{manager="two"}')).toBe(2)

    await one.manager.shutdown()
    await flush()
    expect(await valueOf(register, 'qudag_connection_max{manager="one"}')).toBeUndefined()
    expect(await valueOf(register, 'qudag_connection_max{manager="two"}')).toBe(2)
    undo()
    undo()
    expect(register.getMetricsAsArray()).toEqual([])
    await two.manager.shutdown()
    collect(two.manager, { register })
    await flush()
    expect(register.getMetricsAsArray()).toEqual([])
  })

  test('leaves nothing in the manager when it is undone', async () => {
    const { manager } = managed()
    const { world } = runningOf(manager).supervisor
    const register = new Registry()
    const first = collect(manager, { register })
    const second = collect(manager, { register, prefix: 'app_' })
    expect(await valueOf(register, 'app_qudag_connection_max{manager="default"}')).toBe(2)
    first()
    expect(world.observer).toBeDefined()
    second[Symbol.dispose]()
    expect(world.observer).toBeUndefined()
    await manager.shutdown()
  })

  test('registers with the global registry unless told otherwise', async () => {
    const { manager } = managed()
    using _ = collect(manager)
    expect(await valueOf(globalRegistry, 'qudag_connection_accepting{manager="default"}')).toBe(1)
    await manager.shutdown()
  })

  test('a name that is taken in the registry is an error that leaves nothing', async () => {
    const { manager } = managed()
    const register = new Registry()
    register.registerMetric({ name: 'qudag_connection_peers' } as never)
    expect(() => collect(manager, { register })).toThrow('qudag_connection_peers has already been registered')
    expect(register.getMetricsAsArray()).toHaveLength(1)
    expect(runningOf(manager).supervisor.world.observer).toBeUndefined()
    await manager.shutdown()
  })

  test('OpenMetrics has the same values', async () => {
    const { manager } = managed()
    const register = openMetrics()
    collect(manager, { register })
    await manager.connect('ann')
    const text = await register.metrics()
    expect(text).toContain('# TYPE qudag_connection_attempts counter')
    expect(valueIn(text, 'qudag_connection_attempts_total{manager="default",qudag_connection_transport="scripted"}')).toBe(1)
    await manager.shutdown()
  })

  test('names no peer and no address, and has few series, however many peers there are', async () => {
    const { manager, transport } = managed({}, 2_000)
    const register = new Registry()
    collect(manager, { register })
    for (let peer = 0; peer < 500; peer++) {
      transport.autoFail = peer % 2 === 0 ? undefined : new Error(`secret-${peer}`)
      await manager.connect(`peer-${peer}`).catch(() => {})
    }

    const text = await register.metrics()
    expect(text).not.toMatch(/peer-\d|secret|scripted:/)
    expect(text.split('\n').filter((line) => !line.startsWith('#')).length).toBeLessThan(160)
    await manager.shutdown()
  })

  test.each([
    [{ prefix: '1a' }, RangeError, 'prefix'],
    [{ prefix: 1 }, TypeError, 'prefix'],
    [{ manager: 1 }, TypeError, 'manager'],
    [{ register: {} }, TypeError, 'register'],
    [{ registry: 1 }, TypeError, 'registry'],
  ])('refuses %j', async (options, kind, name) => {
    const { manager } = managed()
    expect(() => collect(manager, options as never)).toThrow(kind)
    expect(() => collect(manager, options as never)).toThrow(name)
    await manager.shutdown()
  })
})

test('the exposition without any package is the one that prom-client writes', async () => {
  const { manager } = managed()
  const register = new Registry()
  collect(manager, { register })
  const exposed = expose(manager)
  await manager.connect('ann')

  const theirs = await register.metrics()
  expect(
    exposed
      .text()
      .split('\n')
      .filter((line) => line !== ''),
  ).toEqual(theirs.split('\n').filter((line) => line !== ''))
  exposed.end()
  await manager.shutdown()
})
