/** A laptop that slept, and a board whose clock was set, find their links, pauses and instants right again. */
import fc from 'fast-check'
import { ConnectionManager, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, type ScriptedLink, type ScriptedOptions, VirtualClock } from 'qudag-connections/testing'
import { afterEach, describe, expect, test, vi } from 'vitest'

const A = 'scripted://a'
const HOUR = 3_600_000
const YEARS = 50 * 365 * 24 * HOUR

describe('instants', () => {
  test('follow a wall clock that leaps ahead, from the next event on', async () => {
    const { manager, clock, transitions } = await connected()
    clock.leap(8 * HOUR)
    await manager.updateStatus('b', 'Failed')
    const [peer] = [...manager.peers()].filter(({ peerId }) => peerId === 'b')
    const wall = clock.wall()
    expect([transitions.at(-1)?.at, peer?.since, peer?.failure?.at]).toEqual([wall, wall, wall])
    expect([manager.metrics.at, manager.export().at, manager.explain('b')?.moves[0]?.at]).toEqual([wall, wall, wall])
  })

  test('of every stream never go backwards, whichever way the clock leaps, and are right again when it has caught up', async () => {
    const leap = fc.integer({ min: -12 * HOUR, max: 12 * HOUR })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(leap, fc.integer({ min: 0, max: 90_000 })), { maxLength: 8 }), async (leaps) => {
        const { manager, clock, transitions } = kit()
        const metrics: number[] = []
        manager.metrics$.subscribe(({ at }) => metrics.push(at))
        for (const [ms, passMs] of leaps) {
          clock.leap(ms)
          await manager.updateStatus('b', 'Connected')
          clock.advance(passMs)
          await manager.updateStatus('b', 'Failed')
        }
        for (const stream of [metrics, transitions.map(({ at }) => at)]) {
          for (const [place, at] of stream.entries()) expect(at).toBeGreaterThanOrEqual((stream[place - 1] ?? 0) - 0.01)
        }
        const aheadMs = Math.max(0, manager.metrics.at - clock.wall())
        // Nobody looks at each second of a day.
        await manager.shutdown()
        clock.advance(aheadMs * 1.12 + 1)
        expect(Math.abs(manager.metrics.at - clock.wall())).toBeLessThan(0.01)
      }),
      { numRuns: 30 },
    )
  })
})

describe('a process that slept', () => {
  test('never reuses a link that was pooled for longer than its TTL, the sleep included, though no timer came', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 400_000 }), fc.integer({ min: 2_000, max: 12 * HOUR }), async (pooledMs, sleptMs) => {
        const { manager, clock, transport, link } = await connected()
        const first = transport.lastDial(A)
        await manager.disconnect(A)
        await clock.advanceAsync(pooledMs)
        clock.leap(sleptMs)
        if (pooledMs + sleptMs < 300_000) return
        void manager.connect(A).catch(() => {})
        await flush()
        expect([link.state, manager.status(A), transport.lastDial(A) === first]).toEqual(['over', 'Connecting', false])
        await manager.shutdown()
      }),
      { numRuns: 30 },
    )
  })

  test('asks a pooled link at once, and uses it only once it has answered', async () => {
    const { manager, clock, link } = await connected({}, { autoPing: undefined })
    link.answerPing(5)
    await manager.disconnect(A)
    await clock.advanceAsync(100)
    clock.leap(60_000)
    await clock.advanceAsync(1_000)
    expect(link.pings).toBe(1)
    const connecting = manager.connect(A)
    await flush()
    expect(manager.status(A)).toBe('Disconnected')
    while (link.pings > 0) link.answerPing(5)
    await connecting
    expect([manager.status(A), link.state]).toEqual(['Connected', 'open'])
  })

  test('dials anew where the pooled link answers nothing', async () => {
    const { manager, clock, link, transport } = await connected({}, { autoPing: undefined })
    link.answerPing(5)
    await manager.disconnect(A)
    clock.leap(60_000)
    const connecting = manager.connect(A)
    await clock.advanceAsync(5_000)
    expect(link.state).toBe('over')
    transport.lastDial(A)?.open()
    await connecting
    expect(manager.status(A)).toBe('Connected')
  })

  test('asks a Connected link for a sign of life at once, and gives no verdict for the sleep', async () => {
    const { manager, clock, link } = await connected({}, { autoPing: undefined })
    link.answerPing(5)
    await clock.advanceAsync(4_000)
    expect(link.pings).toBe(0)
    clock.leap(8 * HOUR)
    await clock.advanceAsync(1_000)
    expect([link.pings, manager.status(A)]).toEqual([1, 'Connected'])
    // The time asleep is no silence: a link that is dead all the same is found as late as any.
    await clock.advanceAsync(50_000)
    expect(manager.status(A)).toBe('Connected')
    await clock.advanceAsync(30_000)
    expect(manager.status(A)).toBe('Failed')
  })

  test('is done with pauses, tags and breakers that ended meanwhile, and dials no more at once than it may', async () => {
    const { manager, clock, transport } = kit(
      { random: () => 0.9, reconnect: { concurrency: 3, baseMs: 600_000, maxMs: 600_000 } },
      {},
      100,
    )
    const names = Array.from({ length: 20 }, (_, i) => `scripted://p${i}`)
    for (const name of names) {
      void manager.connect(name, { keep: true }).catch(() => {})
      manager.tag(name, 'of the day', 1, { ttlMs: HOUR })
    }
    await flush()
    for (const name of names) transport.lastDial(name)?.fail(new Error('no network'))
    await flush()
    expect(manager.metrics.dialing).toBe(0)
    clock.leap(8 * HOUR)
    let most = 0
    for (let tick = 0; tick < 100; tick++) {
      await clock.advanceAsync(100)
      most = Math.max(most, manager.metrics.dialing)
    }
    expect(most).toBe(3)
    expect(names.map((name) => manager.explain(name)?.tags)).toEqual(names.map(() => ({})))
  })
})

describe('a board whose clock is set while it dials', () => {
  test.each([YEARS, -YEARS, HOUR, -HOUR])('by %d ms: the dial times out when its time is over, neither at once nor never', async (ms) => {
    const { manager, clock } = kit()
    let code: string | undefined
    manager.connect(A).catch((error: { code: string }) => (code = error.code))
    await clock.advanceAsync(4_000)
    clock.leap(ms)
    await clock.advanceAsync(5_999)
    expect([manager.status(A), code]).toEqual(['Connecting', undefined])
    await clock.advanceAsync(1)
    expect([manager.status(A), code]).toEqual(['Failed', 'ERR_CONNECT_TIMEOUT'])
  })

  test('set back, a pooled link has its TTL and no more, and pauses end', async () => {
    const { manager, clock, link } = await connected()
    await manager.disconnect(A)
    clock.leap(-8 * HOUR)
    await clock.advanceAsync(299_999)
    expect(link.state).toBe('open')
    await clock.advanceAsync(1)
    expect([link.state, manager.status(A)]).toEqual(['over', undefined])
  })

  test('a leap is no part of a rate', async () => {
    const { manager, clock, connection } = await connected()
    await clock.advanceAsync(10_000)
    clock.leap(YEARS)
    for (let second = 0; second < 10; second++) {
      for (let message = 0; message < 5; message++) connection.send(new Uint8Array(1))
      await clock.advanceAsync(1_000)
    }
    expect(manager.metrics.messagesPerSecond).toBeCloseTo(5, 5)
  })
})

test('a clock of one hand that is set back by an hour holds up no deadline for an hour', async () => {
  const steady = new VirtualClock()
  let setBack = 0
  const clock = {
    now: () => steady.now() - setBack,
    setTimeout: (f: () => void, ms: number) => steady.setTimeout(f, ms),
    clearTimeout: (id: unknown) => steady.clearTimeout(id),
  }
  const manager = new ConnectionManager(4, { clock, transport: scripted() })
  let code: string | undefined
  manager.connect(A).catch((error: { code: string }) => (code = error.code))
  await steady.advanceAsync(5_000)
  setBack = HOUR
  await steady.advanceAsync(6_000)
  expect(code).toBe('ERR_CONNECT_TIMEOUT')
})

test('a tag that was saved by a clock of the future goes after what it had left', async () => {
  const first = kit()
  first.clock.leap(YEARS)
  void first.manager.connect(A, { keep: true }).catch(() => {})
  first.manager.tag(A, 'seen', 1, { ttlMs: HOUR })
  const restore = first.manager.export()
  const { manager, clock } = kit({ restore })
  expect(manager.explain(A)?.tags).toEqual({ seen: 1 })
  await clock.advanceAsync(HOUR)
  expect(manager.explain(A)?.tags).toEqual({})
})

describe("with the platform's own clock", () => {
  afterEach(() => void vi.restoreAllMocks())

  test.each([8 * HOUR, YEARS])(
    'a wall clock that leaps %d ms ahead is followed by every instant, and by the TTL of the pool',
    async (ms) => {
      const transport = scripted()
      await using manager = new ConnectionManager(4, { transport })
      const connecting = manager.connect(A)
      await flush()
      const link = transport.lastDial(A)?.open()
      await connecting
      await manager.disconnect(A)
      const { now } = Date
      vi.spyOn(Date, 'now').mockImplementation(() => now() + ms)
      const before = Date.now()
      void manager.connect(A).catch(() => {})
      const at = manager.explain(A)?.moves[0]?.at ?? 0
      expect([link?.state, at >= before, at <= Date.now(), manager.metrics.at >= before]).toEqual(['over', true, true, true])
    },
  )

  test('a wall clock that is set back takes no instant along', async () => {
    await using manager = new ConnectionManager(4, { transport: scripted() })
    const seen: number[] = []
    manager.transitions$.subscribe(({ at }) => seen.push(at))
    await manager.updateStatus('b', 'Connected')
    const { now } = Date
    vi.spyOn(Date, 'now').mockImplementation(() => now() - HOUR)
    await manager.updateStatus('b', 'Failed')
    vi.spyOn(Date, 'now').mockImplementation(() => now())
    await manager.updateStatus('b', 'Connected')
    expect(seen.toSorted((a, b) => a - b)).toEqual(seen)
  })
})

function kit(options: ManagerOptions = {}, script: ScriptedOptions = {}, max = 4) {
  const clock = new VirtualClock()
  const transport = scripted({ ping: true, autoPing: 5, ...script })
  const manager = new ConnectionManager(max, { clock, transport, ...options })
  const transitions: Transition[] = []
  manager.transitions$.subscribe((transition) => transitions.push(transition))
  return { manager, transport, clock, transitions }
}

async function connected(options: ManagerOptions = {}, script: ScriptedOptions = {}) {
  const made = kit(options, script)
  const connecting = made.manager.connect(A)
  await flush()
  const link = made.transport.lastDial(A)?.open() as ScriptedLink
  const connection = await connecting
  await flush()
  return { ...made, link, connection }
}
