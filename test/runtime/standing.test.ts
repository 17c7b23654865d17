/** Tags and protections are the app's word on a peer, known or not, for as long as it said. */
import { describe, expect, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type PeerView, type ScoredPeer } from 'qudag-connections'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'

const PEER = 'scripted://peer'

function setUp(options: ManagerOptions = {}) {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(10, { transport, clock, ...options })
  const view = (): PeerView | undefined => [...manager.peers()].find(({ peerId }) => peerId === PEER)
  return { clock, transport, manager, view }
}

describe('tags', () => {
  test('add up to the score; one name has one value; untag takes it away', async () => {
    const { manager, view } = setUp()
    await manager.connect(PEER)
    expect(view()?.score).toBe(0)
    manager.tag(PEER, 'relay', 5)
    manager.tag(PEER, 'slow', -2)
    manager.tag(PEER, 'relay', 0.1)
    manager.tag(PEER, 'friend', 0.2)
    expect(view()?.score).toBeCloseTo(-1.7)
    manager.untag(PEER, 'slow')
    manager.untag(PEER, 'friend')
    manager.untag(PEER, 'never')
    expect(view()?.score).toBe(0.1)
  })

  test('may come before the peer, and stay when it is forgotten', async () => {
    const { manager, view } = setUp()
    manager.tag(PEER, 'relay', 5)
    expect(manager.status(PEER)).toBeUndefined()
    await manager.connect(PEER)
    expect(view()?.score).toBe(5)
    await manager.disconnect(PEER, { pool: false })
    expect(manager.status(PEER)).toBeUndefined()
    await manager.connect(PEER)
    expect(view()?.score).toBe(5)
  })

  test('go by themselves at exactly their TTL; a new value has its own', async () => {
    const { clock, manager, view } = setUp()
    await manager.connect(PEER)
    manager.tag(PEER, 'recent', 1, { ttlMs: 1_000 })
    manager.tag(PEER, 'useful', 2, { ttlMs: 1_000 })
    await clock.advanceAsync(500)
    manager.tag(PEER, 'useful', 4)
    await clock.advanceAsync(499)
    expect(view()?.score).toBe(5)
    await clock.advanceAsync(1)
    expect(view()?.score).toBe(4)
  })

  test('of unknown peers the 10_000 tagged latest are kept; of known and of protected ones all', async () => {
    const { manager, transport } = setUp()
    manager.tag('protected', 'relay', 1)
    manager.protect('protected', 'relay')
    await manager.connect(PEER)
    manager.tag(PEER, 'relay', 1)
    for (let n = 0; n <= 10_000; n++) manager.tag(`stranger-${n}`, 'seen', 1)
    await manager.listen('scripted://here')
    for (const remotePeerId of ['stranger-0', 'stranger-1', 'stranger-10000', 'protected']) transport.arrive({ remotePeerId })
    expect(Object.fromEntries([...manager.peers()].map(({ peerId, score }) => [peerId, score]))).toEqual({
      [PEER]: 1,
      'stranger-0': 0,
      'stranger-1': 1,
      'stranger-10000': 1,
      protected: 1,
    })
  })

  test('leave no timer behind, and none can be given after the end', async () => {
    const { clock, manager } = setUp()
    manager.tag(PEER, 'recent', 1, { ttlMs: 60_000 })
    await manager.shutdown()
    expect(clock.pending).toBe(0)
    for (const late of [() => manager.tag(PEER, 'a', 1), () => manager.untag(PEER, 'a'), () => manager.protect(PEER, 'a')]) {
      expect(late).toThrow(expect.objectContaining({ code: 'ERR_STOPPED' }))
    }
  })

  test.each([
    ['peerId', (m: ConnectionManager) => m.tag('', 'a', 1)],
    ['name', (m: ConnectionManager) => m.tag(PEER, 1 as never, 1)],
    ['value', (m: ConnectionManager) => m.tag(PEER, 'a', NaN)],
    ['value', (m: ConnectionManager) => m.tag(PEER, 'a', Infinity)],
    ['ttlMs', (m: ConnectionManager) => m.tag(PEER, 'a', 1, { ttlMs: -1 })],
    ['name', (m: ConnectionManager) => m.protect(PEER, undefined as never)],
  ])('a wrong %s is an error that names it', (name, wrong) => {
    const { manager } = setUp()
    expect(() => wrong(manager)).toThrow(new RegExp(`^${name} must`))
  })
})

describe('protection', () => {
  test('is counted by name', async () => {
    const { manager, view } = setUp()
    await manager.connect(PEER)
    manager.protect(PEER, 'session')
    manager.protect(PEER, 'session')
    manager.protect(PEER, 'relay')
    expect(view()?.protected).toBe(true)
    expect([manager.unprotect(PEER, 'session'), manager.unprotect(PEER, 'session'), manager.unprotect(PEER, 'session')]).toEqual([
      true,
      true,
      true,
    ])
    expect(manager.unprotect(PEER, 'relay')).toBe(false)
    expect(view()?.protected).toBe(false)
  })
})

describe('the option score', () => {
  test('is given the peer, its tags and their sum', async () => {
    const asked: ScoredPeer[] = []
    const { manager, view } = setUp({ score: (peer) => (asked.push(peer), peer.sum * 2 + peer.holds) })
    manager.tag(PEER, 'relay', 5)
    await manager.connect(PEER)
    expect(view()?.score).toBe(11)
    expect(asked.at(-1)).toEqual({
      peerId: PEER,
      status: 'Connected',
      direction: 'outbound',
      holds: 1,
      latency: null,
      tags: { relay: 5 },
      sum: 5,
    })
  })

  test('one that throws or gives no number is reported, and the sum of the tags stands in', async () => {
    const reported: unknown[] = []
    const { manager, view } = setUp({ score: () => NaN, onError: ({ message }, where) => reported.push([message, where]) })
    manager.tag(PEER, 'relay', 5)
    await manager.connect(PEER)
    expect(view()?.score).toBe(5)
    await flush()
    expect(reported).toEqual([['score must return a number, got NaN', { callback: 'score', count: 1, peerId: PEER }]])
  })
})
