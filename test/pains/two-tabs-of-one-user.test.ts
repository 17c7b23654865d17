/** Two tabs of one user do not take each other's link for ever, and the app says which of them stays. */
import fc from 'fast-check'
import { filter, firstValueFrom, take, toArray } from 'rxjs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectionManager, type ManagerOptions, type Transport } from 'qudag-connections'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { memory, MemoryNetwork } from 'qudag-connections/transports/memory'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'

const ALICE = 'alice'

/** A transport whose links all prove to be of one user, as behind a login. */
function loggedIn(transport: Transport): Transport {
  return {
    schemes: transport.schemes,
    dial: (address, options) => transport.dial(address, options),
    listen: (address, options) =>
      transport.listen!(address, {
        ...options,
        onArrival: (arrival) =>
          options.onArrival!({
            remoteAddress: arrival.remoteAddress,
            remotePeerId: ALICE,
            admit: () => {
              const link = arrival.admit()
              Object.defineProperty(link, 'remotePeerId', { value: ALICE })
              return link
            },
            refuse: (refusal) => arrival.refuse(refusal),
            onGone: (f) => arrival.onGone(f),
          }),
      }),
  }
}

const KINDS: readonly (readonly [string, string, () => { server: Transport; tab(): Transport }])[] = [
  ['tcp', 'tcp://127.0.0.1:0', () => ({ server: loggedIn(tcp()), tab: () => tcp() })],
  ['websocket', 'ws://127.0.0.1:0', () => ({ server: loggedIn(websocket()), tab: () => websocket() })],
  [
    'memory',
    'memory://hub:0',
    () => {
      const network = new MemoryNetwork()
      return { server: memory({ network, localPeerId: 'hub' }), tab: () => memory({ network, localPeerId: ALICE }) }
    },
  ],
]

async function setUp(kind: (typeof KINDS)[number], duplicates: ManagerOptions['duplicates']) {
  const [, at, make] = kind
  const { server, tab } = make()
  const hub = new ConnectionManager(8, { transport: server, ...(duplicates === undefined ? {} : { duplicates }) })
  const { address } = await hub.listen(at)
  const tabs = [0, 1].map(() => new ConnectionManager(2, { transport: tab(), reconnect: { baseMs: 1, maxMs: 2 } })) as [
    ConnectionManager,
    ConnectionManager,
  ]
  onTestFinished(async () => void (await Promise.all([hub, ...tabs].map((manager) => manager.shutdown()))))
  return { hub, tabs, peerId: address.href }
}

const names = (hub: ConnectionManager): string[] => Array.from(hub.peers(), ({ peerId }) => peerId).toSorted()

describe.each(KINDS)('two tabs of one user over %s', (...kind) => {
  test.each([undefined, 'newest'] as const)(
    'the newest stays (%s): the older is told, and does not come back by itself',
    async (option) => {
      const { hub, tabs, peerId } = await setUp(kind, option)
      const older = await tabs[0].connect(peerId, { keep: true })
      await tabs[1].connect(peerId, { keep: true })
      expect(await older.closed).toMatchObject({ kind: 'remote', reason: 'replaced' })
      expect([tabs[0].explain(peerId)?.waiting, tabs[1].status(peerId), names(hub)]).toEqual([undefined, 'Connected', [ALICE]])
    },
  )

  test('the oldest stays: the newer is refused as duplicate, comes again, and gets in once the older has gone', async () => {
    const { hub, tabs, peerId } = await setUp(kind, 'oldest')
    const older = await tabs[0].connect(peerId)
    await expect(tabs[1].connect(peerId, { keep: true })).rejects.toMatchObject({
      code: 'ERR_REJECTED_BY_PEER',
      remoteCode: 'ERR_INVALID_TRANSITION',
      reason: 'duplicate',
    })
    expect([tabs[0].status(peerId), hub.explain().inbound.refusals.duplicate]).toEqual(['Connected', 1])
    const isIn = firstValueFrom(tabs[1].transitions$.pipe(filter(({ to }) => to === 'Connected')))
    await older.close()
    await isIn
    expect(names(hub)).toEqual([ALICE])
  })

  test('several: each is a peer of its own, whose name goes with it', async () => {
    const { hub, tabs, peerId } = await setUp(kind, 'several')
    const came = firstValueFrom(hub.connections$.pipe(take(2), toArray()))
    const both = [await tabs[0].connect(peerId), await tabs[1].connect(peerId)]
    const seen = await came
    expect([seen.map((one) => one.peerId), names(hub)]).toEqual([
      [ALICE, `${ALICE}#2`],
      [ALICE, `${ALICE}#2`],
    ])
    const heard = firstValueFrom(hub.messages$.pipe(take(2), toArray()))
    for (const [i, connection] of both.entries()) connection.send(Uint8Array.of(i))
    expect((await heard).map(({ peerId: from, data }) => `${from}: ${data[0]}`).toSorted()).toEqual([`${ALICE}#2: 1`, `${ALICE}: 0`])
    const gone = firstValueFrom(hub.transitions$.pipe(filter(({ to }) => to === undefined)))
    await both[1]!.close()
    expect((await gone).peerId).toBe(`${ALICE}#2`)
    expect(names(hub)).toEqual([ALICE])
  })
})

describe('the links that a proven peer opens', () => {
  const hub = async (duplicates: 'newest' | 'oldest' | 'several', options: ManagerOptions = {}) => {
    const transport = scripted({ localPeerId: 'hub', autoOpen: true, autoClose: 'sync' })
    const manager = new ConnectionManager(20, { transport, clock: new VirtualClock(), duplicates, ...options })
    await manager.listen('scripted://here')
    return { transport, manager }
  }

  test('are judged by the id that it proved: whatever suffix a link gets, the gate and the lists are asked of the peer', async () => {
    const asked: string[] = []
    const { manager, transport } = await hub('several', {
      gate: ({ peerId }) => asked.push(peerId) > 0,
      limits: { inbound: 1 },
      allow: [ALICE],
    })
    for (let i = 0; i < 3; i++) transport.arrive({ remotePeerId: ALICE })
    expect([asked, names(manager)]).toEqual([
      [ALICE, ALICE, ALICE],
      [ALICE, `${ALICE}#2`, `${ALICE}#3`],
    ])
  })

  test('count each for the limit of their host', async () => {
    const { manager, transport } = await hub('several', { limits: { perHost: 2 } })
    for (let i = 0; i < 4; i++) transport.arrive({ remotePeerId: ALICE, remoteAddress: `tcp://203.0.113.5:${1 + i}` })
    expect([names(manager), manager.explain().inbound.refusals['host-limit']]).toEqual([[ALICE, `${ALICE}#2`], 2])
  })

  test('cannot pass for one another: an id that ends like a suffix is refused where suffixes are given, and nowhere else', async () => {
    const several = await hub('several')
    const link = several.transport.arrive({ remotePeerId: `${ALICE}#2` })
    expect([link.state, several.manager.explain().inbound.refusals['invalid-id']]).toEqual(['over', 1])
    const newest = await hub('newest')
    newest.transport.arrive({ remotePeerId: `${ALICE}#2` })
    expect(names(newest.manager)).toEqual([`${ALICE}#2`])
  })

  test('with no room for a suffix are one', async () => {
    const { manager, transport } = await hub('several')
    const long = 'a'.repeat(511)
    for (let i = 0; i < 2; i++) transport.arrive({ remotePeerId: long })
    expect([names(manager), manager.explain().inbound.refusals.duplicate]).toEqual([[long], 1])
  })

  test('leave no tag behind for the next that gets the same suffix', async () => {
    const { manager, transport } = await hub('several')
    transport.arrive({ remotePeerId: ALICE })
    const second = transport.arrive({ remotePeerId: ALICE })
    manager.tag(`${ALICE}#2`, 'good', 5)
    second.remoteClose()
    transport.arrive({ remotePeerId: ALICE })
    expect(manager.explain(`${ALICE}#2`)?.tags).toEqual({})
  })

  test('leave the duel between our dial and theirs as it is', async () => {
    for (const duplicates of ['newest', 'oldest', 'several'] as const) {
      for (const [peerId, stays] of [
        ['scripted://zoe', 'ours'],
        ['aaron', 'theirs'],
      ] as const) {
        const { manager, transport } = await hub(duplicates, { resolve: (id) => `scripted://${id.replace('scripted://', '')}` })
        await manager.connect(peerId)
        const ours = transport.linkOf(peerId)!
        const theirs = transport.arrive({ remotePeerId: peerId })
        expect([ours.state, theirs.state]).toEqual(stays === 'ours' ? ['open', 'over'] : ['over', 'open'])
        expect(names(manager)).toEqual([peerId])
      }
    }
  })

  test('option: anything else is refused by name', () => {
    expect(() => new ConnectionManager(1, { duplicates: 'both' as never })).toThrow(
      "duplicates must be 'newest', 'oldest' or 'several', got both",
    )
  })

  test('however they come and go: newest keeps the last, oldest the first, several each, and the metrics count them', async () => {
    const step = fc.oneof(fc.record({ come: fc.constantFrom('a', 'b') }), fc.record({ go: fc.nat(9) }))
    const run = async (duplicates: 'newest' | 'oldest' | 'several', steps: readonly ({ come: string } | { go: number })[]) => {
      const { manager, transport } = await hub(duplicates, { limits: { inbound: 20 } })
      type Open = { readonly user: string; readonly link: ReturnType<typeof transport.arrive> }
      let open: Open[] = []
      for (const one of steps) {
        if ('go' in one) {
          const leaver = open[one.go % Math.max(1, open.length)]
          leaver?.link.remoteClose()
          open = open.filter((other) => other !== leaver)
        } else {
          const user = one.come
          const arrived = { user, link: transport.arrive({ remotePeerId: user }) }
          const isThere = open.some((other) => other.user === user)
          if (duplicates === 'newest') open = open.filter((other) => other.user !== user)
          if (duplicates !== 'oldest' || !isThere) open.push(arrived)
        }
        expect([...transport.links].filter(({ state }) => state === 'open').length).toBe(open.length)
        expect(open.every(({ link }) => link.state === 'open')).toBe(true)
        expect(manager.metrics.connections).toBe(open.length)
        const connected = Array.from(manager.peers()).filter(({ status }) => status === 'Connected')
        expect(connected.map(({ peerId }) => peerId.replace(/#\d+$/, '')).toSorted()).toEqual(open.map(({ user }) => user).toSorted())
      }
      await manager.shutdown()
    }
    await fc.assert(fc.asyncProperty(fc.constantFrom('newest', 'oldest', 'several'), fc.array(step, { maxLength: 18 }), run), {
      numRuns: 100,
    })
  })
})
