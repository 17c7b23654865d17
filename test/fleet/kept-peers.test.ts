/** A peer that some node of a fleet keeps is kept by the fleet, whoever owns it when its node is gone. */
import { describe, expect, test } from 'vitest'
import { LEASE_MS, meeting, type TestNode } from './fleet-kit.ts'

const PEERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `scripted://${name}`)

/** Who of them keeps a peer. */
const keepers = (nodes: readonly TestNode[], peerId: string): string[] =>
  nodes.filter(({ manager }) => manager.explain(peerId)?.kept === true).map(({ node }) => node.name)

describe('a kept peer of a node that died', () => {
  test.each([1, 2])('that is in use at one of %i others is kept there from then on', async (others) => {
    const { add, pass, store } = meeting()
    const alone = store.client()
    const options = { takeoverGraceMs: 2_000, limit: 1_000 }
    const one = add(options, {}, alone)
    const rest = Array.from({ length: others }, () => add(options))
    await Promise.all([one, ...rest].map(({ node }) => node.joined()))
    for (const peerId of PEERS) one.manager.keep(peerId)
    await pass(100)
    await alone.close()
    await pass(LEASE_MS * 1.2)
    // Within the grace somebody uses them at the last node, and keeps none.
    const [last] = rest.slice(-1) as [TestNode]
    while ((await store.list('fleet/fleet/own/')).length > 0) await pass(10)
    await Promise.all(PEERS.map((peerId) => last.manager.connect(peerId)))
    expect(PEERS.flatMap((peerId) => keepers(rest, peerId))).toEqual([])
    await pass(10 * LEASE_MS)
    expect(PEERS.map((peerId) => keepers(rest, peerId))).toEqual(PEERS.map(() => [last.node.name]))
    const { id = '' } = last.node.explain()
    const inStore = (await store.list('fleet/fleet/kept/')).map(({ key }) => key)
    expect(inStore.filter((key) => key.startsWith(`fleet/fleet/kept/${id}/`))).toHaveLength(PEERS.length)
    expect(inStore).toHaveLength(PEERS.length)
  })
})

describe('a kept peer', () => {
  test('that comes to another node is kept there from then on', async () => {
    const { add, pass } = meeting()
    const [one, two] = [add(), add()]
    await Promise.all([one.node.joined(), two.node.joined()])
    await two.manager.listen('scripted://here')
    const [peerId] = PEERS as [string]
    one.manager.keep(peerId)
    await pass(100)
    const arrived = two.transport.arrive({ remotePeerId: peerId })
    await pass(100)
    expect([one.manager.status(peerId), two.manager.status(peerId)]).toEqual(['Failed', 'Connected'])
    expect(keepers([one, two], peerId)).toEqual(['n2'])
    arrived.fail(new Error('gone'))
    await pass(LEASE_MS)
    expect(two.manager.status(peerId)).toBe('Connected')
    expect(await two.node.whereIs(peerId)).toMatchObject({ node: 'n2' })
  })

  test('of a node that registered anew is left to it, and nothing of its old registration stays', async () => {
    const { add, pass, store } = meeting()
    const one = add({ takeoverGraceMs: 10 * LEASE_MS })
    await one.node.joined()
    one.manager.keep(PEERS[0] ?? '')
    await pass(100)
    const { id = '' } = one.node.explain()
    const [entry] = await store.list(`fleet/fleet/node/${id}`)
    await store.revoke(entry?.lease ?? '')
    await pass(LEASE_MS)
    expect(one.manager.status(PEERS[0] ?? '')).toBe('Connected')
    const { id: next = '' } = one.node.explain()
    expect(next).not.toBe(id)
    expect((await store.list('fleet/fleet/kept/')).map(({ key }) => key.split('/')[3])).toEqual([next])
  })
})
