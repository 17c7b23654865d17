import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const id = (name: string): string => `scripted://${name}`

function setUp(limit = 10, options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoClose: false })
  return { clock, transport, manager: new ConnectionManager(limit, { transport, clock, random: () => 0.5, ...options }) }
}

describe('explain', () => {
  test('says what a peer waits for, and until when', async () => {
    const { clock, transport, manager } = setUp(3, { admission: 'queue', limits: { dialing: 1 }, poolTimeoutMs: 5_000 })
    const now = clock.now()
    const connecting = manager.connect(id('dial'), { keep: true })
    manager.connect(id('turn')).catch(() => {})
    manager.connect(id('other')).catch(() => {})
    manager.connect(id('slot')).catch(() => {})
    expect(manager.explain(id('dial'))).toMatchObject({
      waiting: { for: 'dial', until: now + 10_000 },
      callers: 1,
      state: 'Connecting.dialing',
    })
    expect(manager.explain(id('turn'))).toMatchObject({ waiting: { for: 'turn', until: now + 30_000 }, state: 'Connecting.waiting' })
    expect(manager.explain(id('slot'))).toMatchObject({ waiting: { for: 'slot', until: now + 30_000 }, callers: 1, moves: [] })
    expect(manager.explain(id('nobody'))).toBe(undefined)

    transport.pendingDials[0]?.open()
    await connecting
    expect(manager.explain(id('dial'))).toMatchObject({ status: 'Connected', kept: true, holds: 1, callers: 0 })
    expect(manager.explain(id('dial'))).not.toHaveProperty('waiting')
    transport.linkOf(id('dial'))?.fail(new Error('cut'))
    expect(manager.explain(id('dial'))).toMatchObject({
      status: 'Failed',
      waiting: { for: 'backoff', until: now + 500 },
      attempts: 1,
      failure: { message: 'cut' },
      breaker: { state: 'closed' },
      moves: [{ reason: 'link-error', from: 'Connected', to: 'Failed', at: now }, { reason: 'opened' }, { reason: 'connect' }],
    })
  })

  test('says how the breaker stands', async () => {
    const { clock, transport, manager } = setUp()
    transport.autoFail = new Error('nobody there')
    for (let i = 0; i < 5; i++) await manager.connect(id('peer')).catch(() => {})
    const until = clock.now() + 30_000 * 0.95
    expect(manager.explain(id('peer'))?.breaker).toEqual({ state: 'open', failures: 5, until })
    await clock.advanceAsync(30_000)
    expect(manager.explain(id('peer'))?.breaker).toEqual({ state: 'half-open', failures: 5, until })
  })

  test('says what a peer is worth, how its link is known to live, and when it retires', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ ping: true, autoOpen: true })
    const options = { maxLifetimeMs: 100_000, validate: true, metrics: { latencyMs: 1e9 } }
    const manager = new ConnectionManager(10, { clock, transport, random: () => 0.5, ...options })
    manager.tag(id('peer'), 'stake', 3)
    manager.protect(id('peer'), 'validator')
    await manager.connect(id('peer'))
    const opened = clock.now()
    expect(manager.explain(id('peer'))).toMatchObject({
      score: 3,
      tags: { stake: 3 },
      protections: { validator: 1 },
      retiresAt: opened + 95_000,
      heartbeat: { heardAt: opened, misses: 0, answerBy: opened + 5_000 },
    })
    await clock.advanceAsync(30_000)
    expect(manager.explain(id('peer'))?.heartbeat?.misses).toBeGreaterThan(0)
    await manager.disconnect(id('peer'))
    await clock.advanceAsync(501)
    manager.connect(id('peer')).catch(() => {})
    expect(manager.explain(id('peer'))).toMatchObject({ waiting: { for: 'check' }, callers: 1 })
  })

  test('without a peer says how the manager stands, and whom it turned away', async () => {
    const { transport, manager } = setUp(3, { admission: 'queue', limits: { dialing: 1, inbound: 1 }, deny: ['203.0.113.9'] })
    transport.autoOpen = true
    await manager.connect(id('a'))
    await manager.disconnect(id('a'))
    transport.autoOpen = false
    for (const name of ['b', 'c', 'd', 'e']) manager.connect(id(name)).catch(() => {})
    await manager.listen('scripted://here')
    transport.arrive({ remoteAddress: 'tcp://203.0.113.9:1' })
    expect(manager.explain()).toMatchObject({
      state: 'Accepting',
      limits: { maxConnections: 3 },
      slots: { held: 3, pooled: 0 },
      queue: { waiting: 1, limit: 500, next: id('e') },
      dials: { current: 1, limit: 1, waiting: 2 },
      reconnects: { current: 0, limit: 5, waiting: 0 },
      inbound: {
        current: 0,
        limit: 1,
        pending: 0,
        pendingLimit: 10,
        refusals: { denied: 1, gate: 0 },
        lastRefusal: { reason: 'denied', remoteAddress: 'tcp://203.0.113.9:1' },
      },
    })
    void manager.shutdown()
    expect(manager.explain().state).toBe('Closing')
  })

  test('tells the last 32 moves of a peer, the latest first, as long as they are among the last 65,536 of all', async () => {
    const { transport, manager } = setUp(10)
    transport.autoOpen = true
    const cycle = async (name: string, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await manager.connect(id(name))
        await manager.disconnect(id(name))
      }
    }
    await cycle('rare', 1)
    await cycle('busy', 40)
    expect(manager.explain(id('busy'))?.moves).toHaveLength(32)
    expect(
      manager
        .explain(id('busy'))
        ?.moves.slice(0, 2)
        .map(({ reason }) => reason),
    ).toEqual(['disconnect', 'reused'])
    expect(manager.explain(id('rare'))?.moves.map(({ reason }) => reason)).toEqual(['disconnect', 'opened', 'connect'])
    await cycle('busy', 32_768)
    expect([manager.explain(id('rare'))?.moves, manager.explain(id('busy'))?.moves.length]).toEqual([[], 32])
  })

  test('is plain data, good in a log', async () => {
    const { manager } = setUp()
    manager.connect(id('peer')).catch(() => {})
    const explained = manager.explain(id('peer'))
    expect(JSON.parse(JSON.stringify(explained))).toEqual(explained)
  })
})

test('a peer that crashes again and again is not started again and again', async () => {
  const { clock, transport, manager } = setUp()
  transport.autoOpen = true
  let crashes = 0
  manager.transitions$.subscribe(({ reason }) => {
    if (reason === 'crashed') crashes++
  })
  const attach = (): never => {
    throw new Error('a broken transport')
  }
  const dial = transport.dial.bind(transport)
  transport.dial = async (address, options) => Object.assign(await dial(address, options), { attach })
  await manager.connect(id('peer'), { keep: true }).catch(() => {})
  await clock.advanceAsync(9_999)
  expect(crashes).toBeLessThanOrEqual(6)
  const before = crashes
  await clock.advanceAsync(600_000)
  expect(crashes - before).toBeLessThanOrEqual(1 + 600_000 / 10_000)
  expect(manager.status(id('peer'))).toBe('Failed')
})
