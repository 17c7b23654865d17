/** `select` picks among those that are Connected now, and what it gives keeps nothing open. */
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type SelectionCandidate } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const PEERS = ['scripted://a', 'scripted://b', 'scripted://c']
const [A, B, C] = PEERS as [string, string, string]

async function setUp(options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(10, { transport, clock, ...options })
  for (const peerId of PEERS) await manager.connect(peerId)
  return { clock, transport, manager }
}

describe('select', () => {
  test('round-robin takes turns, also as peers come and go', async () => {
    const { manager } = await setUp()
    const pick = (): string | undefined => manager.select(PEERS, 'round-robin')?.peerId
    expect([pick(), pick(), pick(), pick()]).toEqual([A, B, C, A])
    await manager.disconnect(B)
    expect([pick(), pick(), pick()]).toEqual([C, A, C])
    await manager.connect(B)
    expect([pick(), pick(), pick(), pick()]).toEqual([B, A, C, B])
  })

  test('least-used picks by the holds there are now', async () => {
    const { manager } = await setUp()
    await manager.connect(A)
    const second = await manager.connect(B)
    expect(manager.select(PEERS, 'least-used')?.peerId).toBe(C)
    await manager.connect(C)
    await second.release()
    expect(manager.select(PEERS, 'least-used')?.peerId).toBe(B)
  })

  test('fastest picks by the last round trip', async () => {
    const clock = new VirtualClock()
    const transport = scripted({ autoOpen: true, autoClose: 'sync', ping: true })
    const manager = new ConnectionManager(10, { transport, clock })
    for (const [peerId, ms] of [
      [A, 30],
      [B, 5],
      [C, 60],
    ] as const) {
      transport.script.autoPing = ms
      await manager.connect(peerId)
    }
    await clock.advanceAsync(100)
    expect(manager.select(PEERS, 'fastest')?.peerId).toBe(B)
    expect(manager.select([A, C], 'fastest')?.peerId).toBe(A)
    await manager.shutdown()
  })

  test('weighted picks by score, with the injected randomness', async () => {
    const numbers = [0, 0.74, 0.76, 0.99]
    const { manager } = await setUp({ random: () => numbers.shift() ?? 0 })
    manager.tag(A, 'capacity', 3)
    manager.tag(C, 'capacity', 1)
    expect(numbers.length).toBe(4)
    expect([0, 0, 0, 0].map(() => manager.select(PEERS, 'weighted')?.peerId)).toEqual([A, A, C, C])
  })

  test('a function is given the connected ones and their numbers, and names one', async () => {
    const { manager } = await setUp()
    manager.tag(B, 'capacity', 7)
    await manager.disconnect(C)
    let given: readonly SelectionCandidate[] = []
    const connection = manager.select(['unknown', C, B, B, A], (candidates) => {
      given = candidates
      return candidates[0]?.peerId
    })
    expect(connection?.peerId).toBe(B)
    expect(given.map(({ peerId, holds, score }) => [peerId, holds, score])).toEqual([
      [B, 1, 7],
      [A, 1, 0],
    ])
    expect(manager.select(PEERS, () => C)).toBeUndefined()
  })

  test('gives nobody where nobody is Connected, and what it gives is no hold', async () => {
    const { manager } = await setUp()
    const hold = await manager.connect(A)
    const picked = manager.select([A], 'round-robin')
    expect(picked).toBe(manager.get(A))
    await picked?.release()
    expect(manager.status(A)).toBe('Connected')
    await hold.release()
    expect(manager.select([], 'fastest')).toBeUndefined()
    await manager.updateStatus('app', 'Connected')
    expect(manager.select(['app', 'unknown'], 'fastest')).toBeUndefined()
  })

  test('a wrong argument is an error that names it', async () => {
    const { manager } = await setUp()
    expect(() => manager.select(A, 'fastest')).toThrow(/^peerIds must/)
    expect(() => manager.select(PEERS, 'best' as never)).toThrow(/^strategy must/)
  })
})
