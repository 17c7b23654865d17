import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const PEER = 'scripted://peer'

function setUp(options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(10, { transport, clock, random: () => 0, ...options })
  const fail = async (times: number): Promise<void> => {
    transport.autoFail = new Error('nobody there')
    for (let i = 0; i < times; i++) await expect(manager.connect(PEER)).rejects.toMatchObject({ code: 'ERR_DIAL_FAILED' })
    transport.autoFail = undefined
  }
  return { clock, transport, manager, fail }
}

describe('the breaker of a peer', () => {
  test('opens after five failures in a row: ERR_CIRCUIT_OPEN with the time to wait, no dial, nothing else changes', async () => {
    const { transport, manager, fail } = setUp()
    await fail(5)
    await expect(manager.connect(PEER)).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN', peerId: PEER, retryAfterMs: 30_000 })
    expect([transport.ledger.dials, manager.status(PEER), manager.metrics.dials.started]).toEqual([5, 'Failed', 5])
  })

  test('half open it lets exactly one probe through; a success closes it', async () => {
    const { clock, transport, manager, fail } = setUp()
    await fail(5)
    await clock.advanceAsync(30_000)
    transport.autoOpen = false
    const probe = manager.connect(PEER)
    const joined = manager.connect(PEER)
    expect(transport.ledger.dials).toBe(6)
    transport.lastDial(PEER)?.open()
    await Promise.all([probe, joined])
    await manager.disconnect(PEER, { pool: false })
    await fail(4)
    transport.autoOpen = true
    expect((await manager.connect(PEER)).peerId).toBe(PEER)
  })

  test('a probe that fails opens it for longer, up to the most', async () => {
    const { clock, manager, fail } = setUp()
    await fail(5)
    let openMs = 30_000
    for (let k = 2; k <= 12; k++) {
      await clock.advanceAsync(openMs)
      await fail(1)
      openMs = Math.min(300_000, 30_000 * k)
      await expect(manager.connect(PEER)).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: openMs })
    }
  })

  test('our own limits, aborts and missing addresses never count', async () => {
    const { transport, manager } = setUp()
    transport.autoOpen = false
    for (let i = 0; i < 10; i++) {
      const leaver = new AbortController()
      const left = manager.connect(PEER, { signal: leaver.signal })
      leaver.abort()
      await left.catch(() => {})
      await manager.connect('nowhere').catch(() => {})
    }
    await expect(manager.connect('nowhere')).rejects.toMatchObject({ code: 'ERR_NO_ADDRESS' })
    transport.autoOpen = true
    expect((await manager.connect(PEER)).peerId).toBe(PEER)
  })

  test('a wait for a turn that was too long never counts', async () => {
    const { clock, transport, manager } = setUp({ limits: { dialing: 1 }, waitTimeoutMs: 100, connectTimeoutMs: 60_000 })
    transport.autoOpen = false
    manager.connect('scripted://other').catch(() => {})
    for (let i = 0; i < 10; i++) {
      const waiting = manager.connect(PEER).catch((error: unknown) => error)
      await clock.advanceAsync(100)
      expect(await waiting).toMatchObject({ code: 'ERR_CONNECT_TIMEOUT' })
    }
    expect(manager.explain(PEER)?.breaker).toEqual({ state: 'closed', failures: 0 })
  })

  test('is forgotten with the peer', async () => {
    const { manager, fail } = setUp()
    await fail(5)
    await manager.disconnect(PEER)
    expect((await manager.connect(PEER)).peerId).toBe(PEER)
  })

  test('is off when it is turned off', async () => {
    const { manager, fail } = setUp({ breaker: false })
    await fail(20)
    expect((await manager.connect(PEER)).peerId).toBe(PEER)
  })

  test('an inbound link of the peer closes it', async () => {
    const { transport, manager } = setUp({ resolve: (peerId) => `scripted://${peerId}` })
    await manager.listen('scripted://here')
    transport.autoFail = new Error('nobody there')
    for (let i = 0; i < 5; i++) await manager.connect('bob').catch(() => {})
    await expect(manager.connect('bob')).rejects.toMatchObject({ code: 'ERR_CIRCUIT_OPEN' })
    transport.arrive({ remotePeerId: 'bob' })
    expect((await manager.connect('bob')).direction).toBe('inbound')
  })
})

test('a kept peer of an earlier run whose breaker is open for longer than its pause is dialled when it is half open', async () => {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const at = clock.now()
  const breaker = { failures: 5, opened: 1, openUntil: at + 20_000 }
  const saved = { peerId: PEER, addresses: [], tags: [], protections: {}, breaker, backoff: { attempt: 1, until: at + 1_000 } }
  const manager = new ConnectionManager(10, { transport, clock, random: () => 0, restore: { version: 1, at, peers: [saved] } })
  await clock.advanceAsync(19_999)
  expect([transport.ledger.dials, manager.status(PEER)]).toEqual([0, undefined])
  await clock.advanceAsync(1)
  expect([transport.ledger.dials, manager.status(PEER)]).toEqual([1, 'Connected'])
})

test('a command by event to dial a peer whose breaker is open is refused, and says so', async () => {
  const { transport, manager, fail } = setUp()
  await fail(5)
  const refused: unknown[] = []
  manager.supervisor.on('peer.refused', ({ peerId, error }) => refused.push([peerId, error]))
  manager.supervisor.send({ type: 'backoff.elapsed', peerId: PEER })
  expect(refused).toEqual([[PEER, expect.objectContaining({ code: 'ERR_CIRCUIT_OPEN', retryAfterMs: 30_000 })]])
  expect([transport.ledger.dials, manager.status(PEER)]).toEqual([5, 'Failed'])
})
