/** The limit of a fleet is a limit of all its nodes together, at every instant. */
import type { FleetStore } from 'qudag-connections/fleet'
import { describe, expect, test } from 'vitest'
import { LEASE_MS, meeting, type TestNode } from './fleet-kit.ts'

const held = (nodes: readonly TestNode[]): number => nodes.reduce((sum, { transport }) => sum + transport.ledger.held, 0)

describe('permits', () => {
  test('a limit of 500 asked 2,000 times by four nodes admits exactly 500', async () => {
    const { add, pass, flush } = meeting()
    const nodes = [1, 2, 3, 4].map(() => add({ limit: 500 }, { max: 1_000 }))
    await Promise.all(nodes.map(({ node }) => node.joined()))
    let most = 0
    const outcomes: Promise<string>[] = []
    for (let i = 0; i < 500; i++) {
      for (const [n, { manager }] of nodes.entries()) {
        outcomes.push(
          manager.connect(`scripted://${n}-${i}`).then(
            () => 'in',
            (error: { code: string; reason?: string }) => `${error.code} ${error.reason}`,
          ),
        )
      }
    }
    for (let i = 0; i < 40; i++) {
      await pass(50)
      most = Math.max(most, held(nodes))
    }
    await flush()
    const counted = new Map<string, number>()
    for (const outcome of await Promise.all(outcomes)) counted.set(outcome, (counted.get(outcome) ?? 0) + 1)
    expect(Object.fromEntries(counted)).toEqual({ in: 500, 'ERR_MAX_CONNECTIONS fleet-limit': 1_500 })
    expect([held(nodes), most]).toEqual([500, 500])
  })

  test('permits that one node does not use flow to the node that wants them', async () => {
    const { add, pass } = meeting()
    const [one, two] = [add({ limit: 8, block: 8 }), add({ limit: 8, block: 8 })]
    await Promise.all([one.node.joined(), two.node.joined()])
    await pass(10)
    expect([one.node.explain().permits.granted, two.node.explain().permits.granted]).toEqual([8, 0])
    const all = [0, 1, 2, 3, 4].map((i) => two.manager.connect(`scripted://${i}`))
    await pass(100)
    await Promise.all(all)
    expect(two.node.explain().permits.granted).toBe(5)
    expect(one.node.explain().permits.granted).toBe(3)
  })

  test('while a block lasts, admission asks nobody', async () => {
    const { add, pass, store } = meeting()
    const one = add({ limit: 100, block: 20 })
    await one.node.joined()
    await pass(10)
    await store.close()
    const connecting = [0, 1, 2].map((i) => one.manager.connect(`scripted://${i}`).catch((error: { code: string }) => error.code))
    // The slot is taken in the call; only the claim needs the store.
    expect(one.manager.metrics.dialing).toBe(3)
    expect(await Promise.all(connecting)).toEqual(['ERR_STORE', 'ERR_STORE', 'ERR_STORE'])
  })

  test('the permits of a node that died come back when its lease and the lock-delay are over', async () => {
    const { add, pass, store } = meeting()
    const alone = store.client()
    const one = add({ limit: 4, block: 4 }, {}, alone)
    const two = add({ limit: 4, block: 4 })
    await Promise.all([one.node.joined(), two.node.joined()])
    await Promise.all([0, 1, 2, 3].map((i) => one.manager.connect(`scripted://${i}`)))
    await alone.close()
    const asked = two.manager.connect('scripted://x').catch((error: { code: string; reason: string }) => error.reason)
    await pass(1_000)
    expect(await asked).toBe('fleet-limit')
    await pass(2 * LEASE_MS)
    const again = two.manager.connect('scripted://x')
    await pass(600)
    await expect(again).resolves.toBeDefined()
  })

  test('the permits of 150 nodes that are gone come back, at an engine that takes no more than 100 conditions', async () => {
    const { add, pass, store } = meeting()
    const gone = Object.fromEntries(Array.from({ length: 150 }, (_, i) => [`gone-${i}`, 1]))
    await store.write([], [{ type: 'put', key: 'fleet/fleet/permits', value: JSON.stringify(gone) }])
    const bounded: FleetStore = Object.assign(store.client(), {
      write: (...[conditions, ...rest]: Parameters<FleetStore['write']>) =>
        conditions.length > 100 ? Promise.reject(new Error('too many operations')) : store.write(conditions, ...rest),
    })
    const { node, manager } = add({ limit: 150, block: 100 }, {}, bounded)
    await node.joined()
    const all = Promise.all(Array.from({ length: 100 }, (_, i) => manager.connect(`scripted://${i}`)))
    await pass(1_000)
    await expect(all).resolves.toHaveLength(100)
  })

  test('an arriving link waits for a permit, and is told when there is none', async () => {
    const { add, pass, flush } = meeting()
    const [one, two] = [add({ limit: 2, block: 2 }), add({ limit: 2, block: 2 })]
    await Promise.all([one.node.joined(), two.node.joined()])
    await two.manager.listen('scripted://here')
    await pass(10)
    await one.manager.connect('scripted://0')
    two.transport.arrive({ remotePeerId: 'alice' })
    two.transport.arrive({ remotePeerId: 'bob' })
    await flush()
    expect(['alice', 'bob'].filter((peerId) => two.manager.status(peerId) === 'Connected').length).toBe(1)
    await pass(1_000)
    expect(two.manager.explain().inbound.refusals['fleet-limit']).toBe(1)
    expect(await two.node.whereIs('bob')).toBeUndefined()
  })
})
