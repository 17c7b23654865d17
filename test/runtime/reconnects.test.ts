import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type Transition } from 'qudag-connections'
import { flush, scripted, VirtualClock, type ScriptedOptions } from 'qudag-connections/testing'

const PEER = 'scripted://peer'

function setUp(options: ManagerOptions = {}, script: ScriptedOptions = {}, limit = 100) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: 'sync', ...script })
  const manager = new ConnectionManager(limit, { transport, clock, random: () => 0.5, ...options })
  const told: Transition[] = []
  manager.transitions$.subscribe((transition) => told.push(transition))
  return { clock, transport, manager, told }
}

describe('a kept peer', () => {
  test('is dialled again when its link is lost, after a pause drawn from 0 to the base', async () => {
    const { clock, transport, manager, told } = setUp({}, { autoOpen: true })
    await manager.connect(PEER, { keep: true })
    transport.linkOf(PEER)?.fail(new Error('cut'))
    expect(manager.status(PEER)).toBe('Failed')
    await clock.advanceAsync(499)
    expect(manager.status(PEER)).toBe('Failed')
    await clock.advanceAsync(1)
    expect(manager.status(PEER)).toBe('Connected')
    expect(told.map(({ reason }) => reason)).toEqual(['connect', 'opened', 'link-error', 'backoff', 'opened'])
  })

  test('is tried without end, each pause drawn from twice as much, up to the maximum', async () => {
    const { clock, transport, manager, told } = setUp({ breaker: false })
    transport.autoFail = new Error('nobody there')
    await expect(manager.connect(PEER, { keep: true })).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
    const begun = clock.now()
    await clock.advanceAsync(200_000)
    const dials = told.filter(({ reason }) => reason === 'backoff').map(({ at }) => at - begun)
    const pauses = dials.map((at, i) => at - (dials[i - 1] ?? 0)).slice(0, 10)
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000])
  })

  test('stays connected when its last hold is given back, and is let go by disconnect', async () => {
    const { clock, transport, manager } = setUp({}, { autoOpen: true })
    const connection = await manager.connect(PEER, { keep: true })
    await connection.release()
    expect(manager.status(PEER)).toBe('Connected')
    transport.linkOf(PEER)?.remoteClose()
    await manager.disconnect(PEER)
    await clock.advanceAsync(120_000)
    expect([manager.status(PEER), transport.ledger.dials]).toEqual([undefined, 1])
  })

  test('is not forgotten because there was no slot: it is dialled when there is room', async () => {
    const { clock, manager, told } = setUp({}, { autoOpen: true }, 1)
    await manager.connect('scripted://taken')
    await expect(manager.connect(PEER, { keep: true })).rejects.toMatchObject({ code: 'ERR_MAX_CONNECTIONS' })
    expect(manager.status(PEER)).toBe(undefined)
    expect(manager.explain(PEER)).toMatchObject({ kept: true, waiting: { for: 'backoff' } })
    await clock.advanceAsync(60_000)
    expect(manager.status(PEER)).toBe(undefined)
    await manager.disconnect('scripted://taken', { pool: false })
    await clock.advanceAsync(60_000)
    expect(manager.status(PEER)).toBe('Connected')
    expect(told.filter(({ peerId }) => peerId === PEER).map(({ reason }) => reason)).toEqual(['connect', 'opened'])
  })

  test('is not forgotten because it waited too long for a slot, nor because its breaker is open', async () => {
    const { clock, manager } = setUp({ admission: 'queue', waitTimeoutMs: 100 }, { autoOpen: true }, 1)
    await manager.connect('scripted://taken')
    const waiting = manager.connect(PEER, { keep: true })
    await Promise.all([expect(waiting).rejects.toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' }), clock.advanceAsync(100)])
    expect(manager.explain(PEER)).toMatchObject({ kept: true, waiting: { for: 'backoff' } })

    const broken = setUp({ breaker: { failures: 1 } })
    broken.transport.autoFail = new Error('nobody there')
    await broken.manager.connect(PEER).catch(() => {})
    await expect(broken.manager.connect(PEER, { keep: true })).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })
    expect(broken.manager.explain(PEER)).toMatchObject({ kept: true, breaker: { state: 'open' }, waiting: { for: 'backoff' } })
    await broken.manager.disconnect(PEER)
    expect(broken.manager.explain(PEER)).toBe(undefined)
  })

  test('is never forgotten because others failed', async () => {
    const { transport, manager } = setUp({ breaker: false, poolTimeoutMs: 0 }, { autoOpen: true }, 20_000)
    await manager.connect(PEER, { keep: true })
    transport.linkOf(PEER)?.fail(new Error('cut'))
    transport.autoFail = new Error('nobody there')
    await Promise.allSettled(Array.from({ length: 10_050 }, (_, i) => manager.connect(`scripted://gone-${i}`)))
    expect([manager.status(PEER), manager.status('scripted://gone-0')]).toEqual(['Failed', undefined])
  })

  test('is tried at once by retryNow, and counts from zero again', async () => {
    const { clock, transport, manager } = setUp({ breaker: false })
    transport.autoFail = new Error('nobody there')
    await manager.connect(PEER, { keep: true }).catch(() => {})
    await clock.advanceAsync(20_000)
    const before = transport.ledger.dials
    manager.retryNow(PEER)
    await flush()
    expect(transport.ledger.dials).toBe(before + 1)
    await clock.advanceAsync(1_000)
    expect(transport.ledger.dials).toBe(before + 2)
  })
})

describe('reconnect for every peer', () => {
  test('gives up after five attempts in a row', async () => {
    const { clock, transport, manager } = setUp({ reconnect: {}, breaker: false })
    transport.autoFail = new Error('nobody there')
    await manager.connect(PEER).catch(() => {})
    await clock.advanceAsync(600_000)
    expect(transport.ledger.dials).toBe(6)
  })

  test('counts attempts from zero after a stable connection', async () => {
    const { clock, transport, manager } = setUp({ reconnect: {}, breaker: false }, { autoOpen: true })
    await manager.connect(PEER)
    for (let round = 0; round < 20; round++) {
      await clock.advanceAsync(30_000)
      transport.linkOf(PEER)?.fail(new Error('cut'))
      await clock.advanceAsync(500)
      expect(manager.status(PEER)).toBe('Connected')
    }
  })

  test('asks shouldRetry', async () => {
    const { clock, transport, manager } = setUp({ reconnect: { shouldRetry: ({ code }) => code !== 'ERR_DIAL_FAILED' } })
    transport.autoFail = new Error('nobody there')
    await manager.connect(PEER).catch(() => {})
    await clock.advanceAsync(600_000)
    expect(transport.ledger.dials).toBe(1)
  })

  test('is off unless asked for', async () => {
    const { clock, transport, manager } = setUp({}, { autoOpen: true })
    await manager.connect(PEER)
    transport.linkOf(PEER)?.fail(new Error('cut'))
    await clock.advanceAsync(600_000)
    expect([manager.status(PEER), transport.ledger.dials]).toEqual(['Failed', 1])
  })
})

test('a reconnect storm: after an outage at most `concurrency` dials are under way, spread in time, and all come back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 8 }),
      fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
      async (concurrency, randoms) => {
        const clock = new VirtualClock()
        const transport = scripted({ autoOpen: true, autoClose: 'sync' })
        const random = (): number => randoms.next().value as number
        const manager = new ConnectionManager(200, { transport, clock, random, reconnect: { concurrency } })
        for (let i = 0; i < 60; i++) await manager.connect(`scripted://kept-${i}`, { keep: true })
        let most = 0
        manager.transitions$.subscribe(() => {
          most = Math.max(most, manager.metrics.dialing)
        })
        for (const link of transport.links) link.fail(new Error('outage'))
        await clock.advanceAsync(60_000)
        expect(most).toBeLessThanOrEqual(concurrency)
        expect(manager.metrics.connections).toBe(60)
        await manager.shutdown()
      },
    ),
    { numRuns: 10 },
  )
})

test('shutdown ends every pause: nothing is dialled again', async () => {
  const { clock, transport, manager } = setUp({}, { autoOpen: true })
  await manager.connect(PEER, { keep: true })
  transport.linkOf(PEER)?.fail(new Error('cut'))
  await manager.shutdown()
  expect(clock.pending).toBe(0)
  expect(transport.ledger.dials).toBe(1)
})
