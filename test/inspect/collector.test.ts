/** A collector gives every reader the whole registry, however often it reads, and watching leaves nothing behind. */
import fc from 'fast-check'
import { ConnectionManager } from 'qudag-connections'
import { Collector, inspectionOf, peerOutline } from 'qudag-connections/inspect'
import { PEER_STATES, type Move } from 'qudag-connections/machines'
import { arbitraries, flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { runningOn } from '../../src/supervisor-logic.ts'
import { Rig } from '../properties/rig.ts'
import { DURATIONS, PEERS, POOL_MS } from '../properties/variant.ts'
import { Mirror } from './mirror.ts'

const { command } = arbitraries(fc)
const steps = fc.array(
  fc.record({
    command: command({ peers: PEERS.length, durations: DURATIONS, maxConnections: 4 }),
    settle: fc.boolean(),
    /** Which readers read after it, and whether one begins anew. */
    reads: fc.subarray([0, 1, 2]),
    reconnects: fc.boolean(),
  }),
  { maxLength: 60, size: 'max' },
)
const VARIANT = {
  maxConnections: 3,
  poolTimeoutMs: POOL_MS,
  onAbort: 'reject',
  tellLocalEnd: 'sync',
  embedded: false,
  ping: true,
} as const

test('every reader knows exactly the peers and states of the registry, also after batches that it skipped, and anew', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      const rig = new Rig(VARIANT, () => undefined)
      const collector = new Collector(inspectionOf(rig.manager), { clock: rig.clock })
      const seats = [0, 1, 2].map(() => ({ reader: collector.reader(), mirror: new Mirror() }))
      await rig.manager.listen('scripted://here:1')
      const readAndCompare = (seat: (typeof seats)[number]): void => {
        const changes = seat.reader.read()
        if (changes !== undefined) seat.mirror.apply(changes)
        expect(seat.mirror.states).toEqual(registryOf(rig.manager))
        expect(seat.mirror.counts).toEqual(countsOf(rig.manager))
        expect(seat.mirror.supervisor).toBe(rig.manager.explain().state)
      }
      for (const { command: next, settle, reads, reconnects } of run) {
        rig.do(next)
        if (settle) await flush()
        for (const index of reads) readAndCompare(seats[index]!)
        if (reconnects) seats[0] = { reader: collector.reader(), mirror: new Mirror() }
      }
      await rig.end()
      for (const seat of seats) readAndCompare(seat)
      collector.close()
    }),
  )
})

test('the flows of the peers sum to the number of moves, and every move is shown or counted as skipped', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (run) => {
      const rig = new Rig(VARIANT, () => undefined)
      const moves: Move[] = []
      const source = inspectionOf(rig.manager)
      source.moves$.subscribe((move) => moves.push(move))
      const collector = new Collector(source, { clock: rig.clock })
      const reader = collector.reader()
      const mirror = new Mirror()
      await rig.manager.listen('scripted://here:1')
      for (const { command: next, settle, reads } of run) {
        rig.do(next)
        if (settle) await flush()
        const changes = reads.length > 0 ? reader.read() : undefined
        if (changes !== undefined) mirror.apply(changes)
      }
      await rig.end()
      mirror.apply(reader.read()!)

      const begun = peerOutline.edges.findIndex(({ source: from }) => from === '(begin)')
      const flows = [...mirror.flows].filter(([key]) => key.startsWith('peer '))
      const along = flows.filter(([key]) => !key.startsWith(`peer ${begun} `)).reduce((sum, [, count]) => sum + count, 0)
      expect(along).toBe(moves.length)
      expect(mirror.flows.get(`peer ${begun} 0`) ?? 0).toBe(moves.filter(({ fromState }) => fromState === undefined).length)
      expect(mirror.shown.length + mirror.skipped).toBe(moves.length)
      expect(mirror.shown).toEqual(mirror.shown.toSorted((a, b) => a - b))
      collector.close()
    }),
  )
})

test('each move is counted along the transition whose source, target and reason are its own', async () => {
  const transport = scripted({ autoOpen: true, autoClose: 'sync' })
  const manager = new ConnectionManager(2, { transport, clock: new VirtualClock() })
  const collector = new Collector(inspectionOf(manager), { clock: new VirtualClock() })
  await manager.connect('scripted://a')
  await manager.disconnect('scripted://a')
  await manager.connect('scripted://a')
  await manager.disconnect('scripted://a', { pool: false })
  const taken = collector
    .reader()
    .read()!
    .flows.filter(([outline]) => outline === 'peer')
    .map(([, edge, transition, count]) => {
      const { source, target, transitions } = peerOutline.edges[edge]!
      return `${source} -${transitions[transition]!.event}-> ${target}: ${count}`
    })
  await manager.shutdown()
  collector.close()

  expect(taken.toSorted()).toEqual([
    '(begin) --> Disconnected.closed: 1',
    'Connected -peer.disconnect-> Disconnected.closing: 1',
    'Connected -peer.disconnect-> Disconnected.pooled: 1',
    'Connecting.dialing -link.opened-> Connected: 1',
    'Disconnected.closed -peer.connect-> Connecting.dialing: 1',
    'Disconnected.closing -link.closed-> (end): 1',
    'Disconnected.pooled -peer.connect-> Connected: 1',
  ])
})

test('addresses, failures and round trips follow, a bounded number of peers at a time', async () => {
  const clock = new VirtualClock()
  const transport = scripted({ autoOpen: true, autoClose: 'sync', ping: true, autoPing: 7 })
  const manager = new ConnectionManager(9_000, { transport, clock })
  const collector = new Collector(inspectionOf(manager), { clock })
  const reader = collector.reader()
  const mirror = new Mirror()
  let most = 0
  collector.subscribe(() => {
    const changes = reader.read()
    if (changes === undefined) return
    most = Math.max(most, changes.facts.length - changes.names.length)
    mirror.apply(changes)
  })
  for (let i = 0; i < 3_000; i++) void manager.connect(`scripted://peer-${i}`)
  await flush()
  transport.autoFail = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  await manager.connect('scripted://other').catch(() => {})
  await clock.advanceAsync(20_000)

  const expected = Object.fromEntries(
    [...manager.peers()]
      .map((peer) => {
        return [peer.peerId, { address: peer.remoteAddress ?? '', failure: peer.failure?.code ?? null, latency: peer.latency }] as const
      })
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
  expect(mirror.facts).toEqual(expected)
  expect(mirror.facts['scripted://other']).toMatchObject({ failure: 'ERR_DIAL_FAILED' })
  expect(most).toBeLessThanOrEqual(3_250)
  collector.close()
  await manager.shutdown()
})

test('attached and detached, it leaves no subscription, timer, listener or observer', async () => {
  const clock = new VirtualClock()
  const manager = new ConnectionManager(4, { transport: scripted({ autoOpen: true, autoClose: 'sync' }), clock })
  const { world } = runningOn(manager.supervisor)!.supervisor
  const timers = clock.pending
  const collector = new Collector(inspectionOf(manager), { clock })
  collector.subscribe(() => {})
  expect([world.streams.moves.observed, world.taps.all === undefined]).toEqual([true, false])
  await manager.connect('scripted://a')
  const before = clock.pending
  collector.close()

  expect([world.streams.moves.observed, world.taps.all]).toEqual([false, undefined])
  expect(before - clock.pending).toBe(1)
  await manager.disconnect('scripted://a', { pool: false })
  collector.close()
  await manager.shutdown()
  expect(timers).toBeGreaterThan(0)
  expect(clock.pending).toBe(0)
})

test('of several who listen in on the machines each hears everything until it leaves', async () => {
  const manager = new ConnectionManager(4, { transport: scripted({ autoOpen: true, autoClose: 'sync' }), clock: new VirtualClock() })
  const { world } = runningOn(manager.supervisor)!.supervisor
  const heard: string[] = []
  const tap = (who: string) => world.taps.add((peerId, { type }) => heard.push(`${who} ${peerId ?? 'supervisor'} ${type}`))
  const [leaveA, leaveB] = [tap('a'), tap('b')]
  await manager.connect('scripted://x')
  leaveA()
  leaveA()
  await manager.disconnect('scripted://x')
  leaveB()
  await manager.shutdown()

  expect(heard).toEqual([
    'a supervisor peer.connect',
    'b supervisor peer.connect',
    'a scripted://x peer.connect',
    'b scripted://x peer.connect',
    'a scripted://x link.opened',
    'b scripted://x link.opened',
    'b scripted://x peer.disconnect',
  ])
})

function registryOf(manager: ConnectionManager): Record<string, string> {
  return Object.fromEntries([...manager.peers()].map(({ peerId, state }) => [peerId, state]))
}

function countsOf(manager: ConnectionManager): readonly number[] {
  const states = [...manager.peers()].map(({ state }) => state)
  return PEER_STATES.map((state) => states.filter((one) => one === state).length)
}
