/** A supervisor that is restored from JSON is a running one, with the limits that its configuration and its app want. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AnyActorRef, createActor, setup } from 'xstate'
import { ConnectionManager, createSupervisorLogic } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const id = (name: string): string => `scripted://${name}`

interface Configured {
  readonly maxConnections: number
  readonly poolTimeoutMs?: number
  readonly maxIdle?: number
}

function logicOf(options: Configured) {
  const transport = scripted({ autoOpen: true, autoClose: 'microtask' })
  return createSupervisorLogic({ ...options, transport, clock: new VirtualClock() })
}

const started = (options: Configured, snapshot?: unknown) =>
  createActor(logicOf(options), snapshot === undefined ? {} : { snapshot: snapshot as never }).start()

const throughJson = (snapshot: unknown): unknown => JSON.parse(JSON.stringify(snapshot))

/** What a restored supervisor says when it is asked: its limits, by its metrics too, and whether it works. */
async function used(actor: AnyActorRef) {
  const manager = ConnectionManager.from(actor as never)
  const { limit, pool } = manager.metrics
  const hold = await manager.connect(id('a'))
  await hold.release()
  const { pooled } = manager.metrics
  return { limit, utilization: pool.utilization, pooled, limits: actor.getSnapshot().context.limits as unknown, manager }
}

describe('a supervisor that is restored', () => {
  test('from JSON, with no bound on the pool, pools, and takes new limits', async () => {
    const before = started({ maxConnections: 4 })
    const { pooled, limits, manager } = await used(started({ maxConnections: 4 }, throughJson(before.getPersistedSnapshot())))
    expect([pooled, limits]).toEqual([1, { maxConnections: 4, poolTimeoutMs: 300_000, maxIdle: Infinity }])
    manager.setLimits({ maxConnections: 5 })
    expect(manager.metrics.limit).toBe(5)
  })

  test('takes new work, though it was draining, closing or stopped', async () => {
    const before = started({ maxConnections: 4 })
    const manager = ConnectionManager.from(before)
    await manager.connect(id('a'))
    void manager.drain()
    const draining = before.getPersistedSnapshot()
    const ending = manager.shutdown()
    const closing = before.getPersistedSnapshot()
    await ending
    for (const snapshot of [draining, closing, before.getPersistedSnapshot()]) {
      expect(await used(started({ maxConnections: 4 }, throughJson(snapshot)))).toMatchObject({ limit: 4, pooled: 1 })
    }
  })

  test('has the limits of its configuration, where that has changed and they were not', async () => {
    const before = started({ maxConnections: 4 })
    expect(await used(started({ maxConnections: 9 }, before.getPersistedSnapshot()))).toMatchObject({
      limit: 9,
      limits: { maxConnections: 9 },
    })
  })

  test('keeps what was changed at run time, says it in its metrics, and takes the rest from its configuration', async () => {
    const before = started({ maxConnections: 4 })
    ConnectionManager.from(before).setLimits({ maxConnections: 6 })
    const after = started({ maxConnections: 9, maxIdle: 3 }, throughJson(before.getPersistedSnapshot()))
    expect(await used(after)).toMatchObject({ limit: 6, limits: { maxConnections: 6, maxIdle: 3 } })
  })

  test('within the machine of an app is restored with it', async () => {
    const options = { maxConnections: 4 }
    const app = setup({ actors: { network: logicOf(options) } }).createMachine({ invoke: { src: 'network', id: 'network' } })
    const before = createActor(app).start()
    ConnectionManager.from(before.getSnapshot().children.network as never).setLimits({ maxConnections: 2, maxIdle: Infinity })
    const after = createActor(app, { snapshot: throughJson(before.getPersistedSnapshot()) as never }).start()
    expect(await used(after.getSnapshot().children.network as never)).toMatchObject({ limit: 2, pooled: 1 })
  })

  test('of an earlier version, which says not what was changed, has the limits of its configuration', async () => {
    const old = {
      status: 'active',
      value: 'Draining',
      context: { limits: { maxConnections: 4, poolTimeoutMs: 1, maxIdle: null } },
      children: {},
      historyValue: {},
    }
    expect(await used(started({ maxConnections: 9 }, old))).toMatchObject({ limit: 9, pooled: 1 })
  })

  test.each([
    ['no snapshot', 7, 'snapshot must be an object'],
    ['the snapshot of another machine', { value: 'Red', context: {} }, 'snapshot.value'],
    ['no context', { value: 'Accepting' }, 'snapshot.context must be'],
    ['another version', { value: 'Accepting', context: { version: 2 } }, 'snapshot.context.version must be 1, got 2'],
    ['no changes', { value: 'Accepting', context: { version: 1, changed: [] } }, 'snapshot.context.changed must be'],
    ['a limit below one', changed({ maxConnections: 0 }), 'snapshot.context.changed: maxConnections must be an integer >= 1'],
    ['a limit that is text', changed({ poolTimeoutMs: '1' }), 'snapshot.context.changed: poolTimeoutMs must be a number'],
    ['a limit that is null', changed({ maxConnections: null }), 'snapshot.context.changed: maxConnections must be a number'],
    ['an unknown limit', changed({ maxPeers: 3 }), "snapshot.context.changed: unknown option 'maxPeers'"],
    ['a prototype', JSON.parse('{"value":"Accepting","context":{"version":1,"changed":{"__proto__":{}}}}'), 'snapshot.context.changed: '],
  ])('from what is %s says which field is wrong', (_name, snapshot, message) => {
    const actor = createActor(logicOf({ maxConnections: 4 }), { snapshot: snapshot as never })
    const errors: unknown[] = []
    actor.subscribe({ error: (error) => errors.push(error) })
    actor.start()
    expect(String(errors[0])).toContain(message)
    expect(() => ConnectionManager.from(actor)).toThrow(TypeError)
  })

  test('any limits, at any moment, come through JSON as often as they like', async () => {
    const limits = fc.record({
      maxConnections: fc.integer({ min: 1, max: 50 }),
      poolTimeoutMs: fc.integer({ min: 1, max: 1e6 }),
      maxIdle: fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Infinity)),
    })
    const changes = fc.record(
      {
        maxConnections: fc.integer({ min: 51, max: 99 }),
        poolTimeoutMs: fc.integer({ min: 1e6 + 1, max: 2e6 }),
        maxIdle: fc.integer({ min: 51, max: 99 }),
      },
      { requiredKeys: [] },
    )
    const moment = fc.constantFrom('accepting', 'draining', 'closing', 'stopped')
    const run = async (first: Configured, change: Partial<Configured>, then: Configured, at: string, times: number): Promise<void> => {
      let actor = started(first)
      ConnectionManager.from(actor).setLimits(change)
      for (let i = 0; i < times; i++) {
        const manager = ConnectionManager.from(actor)
        await manager.connect(id('a'))
        if (at === 'draining') void manager.drain()
        const ending = at === 'closing' || at === 'stopped' ? manager.shutdown() : undefined
        if (at === 'stopped') await ending
        const snapshot = actor.getPersistedSnapshot()
        expect(throughJson(snapshot)).toEqual(snapshot)
        await manager.shutdown()
        actor = started(then, throughJson(snapshot))
        const expected = { ...then, ...change }
        expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'Accepting', context: { limits: expected } })
        expect(ConnectionManager.from(actor).metrics.limit).toBe(expected.maxConnections)
      }
      actor.stop()
    }
    await fc.assert(fc.asyncProperty(limits, changes, limits, moment, fc.integer({ min: 1, max: 3 }), run), { numRuns: 100 })
  })
})

function changed(limits: object): unknown {
  return { value: 'Accepting', context: { version: 1, changed: limits } }
}
