/** Each peer is held by one node of a fleet at a time. */
import { describe, expect, test } from 'vitest'
import { LEASE_MS, meeting } from './fleet-kit.ts'

const A = 'scripted://a'

describe('ownership', () => {
  test('a peer is claimed before it is dialled, and the connection shows the fence', async () => {
    const { add, flush } = meeting()
    const one = add()
    await one.node.joined()
    const connecting = one.manager.connect(A)
    await flush()
    const connection = await connecting
    const owner = await one.node.whereIs(A)
    expect(owner).toMatchObject({ node: 'n1', fence: connection.fence })
    expect(one.manager.explain(A)?.fleet).toMatchObject({ owner: 'this node', fence: connection.fence })
  })

  test('a peer that another node owns is not dialled: ERR_OWNED_ELSEWHERE names the node', async () => {
    const { add, flush } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    await one.manager.connect(A)
    await flush()
    await expect(two.manager.connect(A)).rejects.toMatchObject({ code: 'ERR_OWNED_ELSEWHERE', node: 'n1', peerId: A })
    expect(two.transport.ledger.dials).toBe(0)
    expect(two.manager.explain(A)?.fleet).toMatchObject({ owner: 'another node', node: 'n1' })
  })

  test('a peer that is let go of is free at once, and its next fence is higher', async () => {
    const { add, flush } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    const first = await one.manager.connect(A)
    const { fence = 0 } = first
    await one.manager.disconnect(A, { pool: false })
    await flush()
    expect(await two.node.whereIs(A)).toBeUndefined()
    const second = await two.manager.connect(A)
    expect(second.fence).toBeGreaterThan(fence)
  })

  test('a pooled peer is owned still, and reused without a word to the store', async () => {
    const { add, flush, store } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    const connection = await one.manager.connect(A)
    await connection.release()
    await flush()
    await expect(two.manager.connect(A)).rejects.toMatchObject({ code: 'ERR_OWNED_ELSEWHERE' })
    const again = await one.manager.connect(A)
    expect(again.fence).toBe((await one.node.whereIs(A))?.fence)
    await store.close()
  })

  test('a node that shuts down gives everything back at once', async () => {
    const { add, flush } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    await one.manager.connect(A)
    await one.manager.shutdown()
    await flush()
    expect(await two.node.whereIs(A)).toBeUndefined()
    await expect(two.manager.connect(A)).resolves.toBeDefined()
    expect(one.node.explain().state).toBe('left')
  })

  test('a node whose process stops is followed by others after its lease and the lock-delay, and not before', async () => {
    const { add, pass, clock, store } = meeting()
    const stalled = store.client()
    const one = add({}, {}, stalled)
    const two = add()
    await Promise.all([one.node.joined(), two.node.joined()])
    await one.manager.connect(A)
    const from = clock.now()
    await stalled.close()
    let claimedAt = 0
    while (claimedAt === 0 && clock.now() < from + 10 * LEASE_MS) {
      await pass(100)
      const won = await two.manager.connect(A).catch(() => undefined)
      if (won !== undefined) claimedAt = clock.now()
    }
    expect(claimedAt - from).toBeGreaterThanOrEqual(LEASE_MS)
    expect(claimedAt - from).toBeLessThanOrEqual(LEASE_MS * 1.2 + LEASE_MS / 3 + 200)
    expect(one.manager.status(A)).not.toBe('Connected')
  })

  test('an arriving proven peer that another node owns is taken over: the newest link wins, and the old one is told', async () => {
    const { add, flush } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    const [first, second] = [await one.manager.listen('scripted://here'), await two.manager.listen('scripted://here')]
    expect([first.address.href, second.address.href].length).toBe(2)
    const old = one.transport.arrive({ remotePeerId: 'alice' })
    await flush()
    expect(one.manager.status('alice')).toBe('Connected')
    const { fence = 0 } = (await one.node.whereIs('alice')) ?? {}
    two.transport.arrive({ remotePeerId: 'alice' })
    await flush()
    expect(two.manager.status('alice')).toBe('Connected')
    expect(one.manager.status('alice')).not.toBe('Connected')
    expect(one.manager.explain('alice')?.failure?.code).toBe('ERR_OWNED_ELSEWHERE')
    expect(old.farewell).toBe('replaced')
    expect((await one.node.whereIs('alice'))?.fence).toBeGreaterThan(fence)
    expect(two.manager.get('alice')?.fence).toBe((await one.node.whereIs('alice'))?.fence)
  })

  test(`or the owner keeps it: onConflict 'keep' turns the newcomer away, and names the node`, async () => {
    const { add, flush } = meeting()
    const [one, two] = [add({ onConflict: 'keep' }), add({ onConflict: 'keep' })]
    await Promise.all([one.node.joined(), two.node.joined()])
    await one.manager.listen('scripted://here')
    await two.manager.listen('scripted://here')
    one.transport.arrive({ remotePeerId: 'alice' })
    await flush()
    two.transport.arrive({ remotePeerId: 'alice' })
    await flush()
    expect(one.manager.status('alice')).toBe('Connected')
    expect(two.manager.status('alice')).toBeUndefined()
    expect(two.manager.explain().inbound.lastRefusal).toMatchObject({ reason: 'owned-elsewhere', said: 'n1' })
  })
})
