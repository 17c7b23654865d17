import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type SavedState, type Transition } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'

const id = (name: string): string => `scripted://${name}`

function setUp(limit = 10, options: ManagerOptions = {}, clock = new VirtualClock()) {
  const transport = scripted({ autoClose: false })
  const manager = new ConnectionManager(limit, { transport, clock, random: () => 0.5, ...options })
  const told: Transition[] = []
  manager.transitions$.subscribe((transition) => told.push(transition))
  return { clock, transport, manager, told }
}

/** What comes back from a file. */
const throughJson = (state: SavedState): SavedState => JSON.parse(JSON.stringify(state)) as SavedState

describe('memory across restarts', () => {
  test('kept peers come back with addresses, tags, protections, breaker and backoff', async () => {
    const first = setUp()
    first.transport.autoFail = new Error('nobody there')
    const elsewhere = 'scripted://elsewhere'
    first.manager.tag(id('ann'), 'stake', 7)
    first.manager.tag(id('ann'), 'warm', 2, { ttlMs: 40_000 })
    first.manager.protect(id('ann'), 'validator')
    first.manager.protect(id('ann'), 'validator')
    await first.manager.connect(id('ann'), { keep: true, addresses: [elsewhere] }).catch(() => {})
    for (let i = 0; i < 4; i++) await first.manager.connect(id('ann')).catch(() => {})
    await first.manager.connect(id('passer-by')).catch(() => {})
    const before = first.manager.explain(id('ann'))
    const saved = throughJson(first.manager.export())
    await first.manager.shutdown()
    expect(first.manager.export()).toEqual(saved)
    expect(saved.peers.map(({ peerId }) => peerId)).toEqual([id('ann')])

    const second = setUp(10, { restore: saved }, first.clock)
    expect(second.manager.status(id('ann'))).toBe(undefined)
    expect([...second.manager.peers()]).toEqual([])
    expect(second.manager.explain(id('ann'))).toMatchObject({
      kept: true,
      waiting: before?.waiting,
      attempts: before?.attempts,
      breaker: before?.breaker,
      tags: { stake: 7, warm: 2 },
      protections: { validator: 2 },
    })
    expect(before?.breaker.state).toBe('open')
    expect(throughJson(second.manager.export())).toEqual(saved)

    await second.clock.advanceAsync(29_000)
    expect(second.transport.pendingDials.map(({ address }) => String(address))).toEqual([id('ann'), elsewhere])
    expect(second.told.map(({ from, to, reason }) => [from, to, reason])).toEqual([[undefined, 'Connecting', 'connect']])
    second.transport.pendingDials[1]?.open()
    await second.clock.advanceAsync(0)
    expect(second.manager.explain(id('ann'))).toMatchObject({ status: 'Connected', kept: true, breaker: { state: 'closed' } })
    await second.clock.advanceAsync(11_000)
    expect(second.manager.explain(id('ann'))?.tags).toEqual({ stake: 7 })
  })

  test('a kept peer that waits for a slot is remembered too', async () => {
    const { transport, manager } = setUp(1, { admission: 'queue' })
    transport.autoOpen = true
    await manager.connect(id('first'))
    const waiting = manager.connect(id('second'), { keep: true, addresses: ['scripted://b'] }).catch(() => {})
    expect(manager.export().peers).toEqual([{ peerId: id('second'), addresses: ['scripted://b'], tags: [], protections: {} }])
    void manager.shutdown()
    await waiting
  })

  test('those who come back do not dial together', async () => {
    const peers = Array.from({ length: 200 }, (_, i) => ({ peerId: id(`peer-${i}`), addresses: [], tags: [], protections: {} }))
    let drawn = 0
    const random = (): number => (drawn++ % 200) / 200
    const { clock, transport, manager } = setUp(500, { restore: { version: 1, at: 0, peers }, random, reconnect: { concurrency: 5 } })
    expect(transport.pendingDials.length).toBe(0)
    await clock.advanceAsync(1_000)
    expect(transport.pendingDials.length).toBe(5)
    expect(manager.explain().reconnects).toEqual({ current: 5, limit: 5, waiting: 195 })
    transport.autoOpen = true
    for (const dial of transport.pendingDials) dial.open()
    await clock.advanceAsync(1_000)
    expect(manager.metrics.connections).toBe(200)
  })

  test('a peer that is disconnected before it came back leaves without a word', async () => {
    const peers = [{ peerId: id('ann'), addresses: [], tags: [], protections: {} }]
    const { clock, transport, manager, told } = setUp(10, { restore: { version: 1, at: 0, peers } })
    await manager.disconnect(id('ann'))
    expect(manager.explain(id('ann'))).toBe(undefined)
    await clock.advanceAsync(60_000)
    expect([told, transport.pendingDials.length]).toEqual([[], 0])
    await manager.shutdown()
    expect(clock.pending).toBe(0)
  })

  test('a shutdown before they came back ends without a word, and remembers them', async () => {
    const peers = [{ peerId: id('ann'), addresses: ['scripted://a'], tags: [], protections: { vip: 1 } }]
    const { clock, manager, told } = setUp(10, { restore: { version: 1, at: 0, peers } })
    await manager.shutdown()
    expect(told).toEqual([])
    expect(manager.export().peers).toEqual(peers)
    expect(clock.pending).toBe(0)
  })

  test('a connect before it came back dials at once', async () => {
    const peers = [{ peerId: id('ann'), addresses: [], tags: [], protections: {}, backoff: { attempt: 3, until: 1e15 } }]
    const { transport, manager } = setUp(10, { restore: { version: 1, at: 0, peers } })
    const connecting = manager.connect(id('ann'))
    transport.pendingDials[0]?.open()
    await connecting
    expect(manager.explain(id('ann'))).toMatchObject({ status: 'Connected', kept: true })
  })

  const sound = { version: 1, at: 0, peers: [{ peerId: 'ann', addresses: ['tcp://a'], tags: [], protections: {} }] }
  test.each<[string, unknown]>([
    ['restore must be an object', 'text'],
    ['restore.version must be 1, got 2', { ...sound, version: 2 }],
    ['restore.at must be a number', { ...sound, at: 'now' }],
    ['restore.peers must be an array', { ...sound, peers: {} }],
    ['restore.peers[0] must be an object', { ...sound, peers: [null] }],
    ['restore.peers[0].peerId is no peer id', { ...sound, peers: [{ peerId: '' }] }],
    ['restore.peers[1].peerId is there twice', { ...sound, peers: [{ peerId: 'ann' }, { peerId: 'ann' }] }],
    ['restore.peers[0].addresses[1] must be a string', { ...sound, peers: [{ peerId: 'ann', addresses: ['a', 4] }] }],
    ['restore.peers[0].tags[0].value must be a number', { ...sound, peers: [{ peerId: 'ann', tags: [{ name: 'x' }] }] }],
    ['restore.peers[0].tags[0].name must be a string', { ...sound, peers: [{ peerId: 'ann', tags: [{ name: 1, value: 1 }] }] }],
    ['restore.peers[0].protections.vip must be an integer >= 1', { ...sound, peers: [{ peerId: 'ann', protections: { vip: 0 } }] }],
    ['restore.peers[0].breaker.failures must be a number', { ...sound, peers: [{ peerId: 'ann', breaker: {} }] }],
    [
      'restore.peers[0].breaker.openUntil must be milliseconds since the epoch',
      { ...sound, peers: [{ peerId: 'ann', breaker: { failures: 1, opened: 1, openUntil: -1 } }] },
    ],
    ['restore.peers[0].backoff.attempt must be an integer >= 0', { ...sound, peers: [{ peerId: 'ann', backoff: { attempt: 1.5 } }] }],
  ])('%s', (message, restore) => {
    expect(() => setUp(10, { restore: restore as SavedState })).toThrow(message)
  })
})
