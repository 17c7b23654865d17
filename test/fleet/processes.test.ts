/** Fleets of real processes on a real store: what the judge, a process of its own, has seen of them. */
import { afterEach, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { ending, endAll, fleetOf, ids, keepBy, note, type NodeProcess } from './process-kit.ts'
import { dataFolder, freePort, type Server, startEtcd, startRedis } from './servers.ts'

const LEASE_MS = 6_000
/** A node that is gone is noticed after this, at the latest. */
const GONE_MS = LEASE_MS * 1.2 + 1_000

afterEach(endAll)

/** Four nodes that have joined. */
const four = (store: string, limit: number) => fleetOf([store, store, store, store], { limit, leaseMs: LEASE_MS })

async function redis(folder?: string, port?: number): Promise<Server> {
  const server = await startRedis({ ...(folder === undefined ? {} : { folder }), ...(port === undefined ? {} : { port }) })
  return ending(server, (it) => it.kill('SIGKILL'))
}

describe('a fleet of four processes', () => {
  const engines: readonly [string, number, () => Promise<string>][] = [
    ['redis', 500, async () => `redis://127.0.0.1:${(await redis()).port}`],
    [
      'etcd',
      200,
      async () => {
        const server = ending(await startEtcd(), (it) => it.kill('SIGKILL'))
        return `http://127.0.0.1:${server.port}`
      },
    ],
  ]
  test.each(engines)(
    'on %s: 200 contenders for 50 peers give 50 owners, and a limit of %i asked four times as often admits exactly so many',
    async (_engine, limit, start) => {
      const { judge, fleet } = await four(await start(), limit)
      const outcomes = await Promise.all(fleet.map((node) => node.ask<Record<string, number>>('connect', { peers: ids(50) })))
      expect(merged(outcomes)).toEqual({ connected: 50, ERR_OWNED_ELSEWHERE: 150 })
      await judge.until('each peer has one holder', () => judge.isPlaced(ids(50)), 10_000)
      await Promise.all(fleet.map((node) => node.ask('release')))
      await judge.until('all links are closed', () => judge.open.size === 0, 10_000)

      const asked = await Promise.all(
        fleet.map((node, n) => node.ask<Record<string, number>>('connect', { peers: ids(limit).map((peer) => `${n}-${peer}`) })),
      )
      expect(merged(asked)).toEqual({ connected: limit, 'ERR_MAX_CONNECTIONS fleet-limit': 3 * limit })
      await judge.until('the judge has all links', () => judge.open.size === limit, 30_000)
      expect(judge.most).toBe(limit)
      expect([judge.overlaps, judge.late]).toEqual([[], []])
      expect(fleet.flatMap(({ faults }) => faults)).toEqual([])
    },
    DEBIAN_MS,
  )

  test(
    'on redis: the kept peers of a node that is killed, and of one that is stopped past its lease, go to the others; the stopped one says nothing when it goes on',
    async () => {
      const { judge, fleet } = await four(`redis://127.0.0.1:${(await redis()).port}`, 200)
      await keepBy(fleet, ids(40))
      await judge.until('all kept peers are placed', () => judge.isPlaced(ids(40)), 10_000)
      const [a, b] = fleet as [NodeProcess, NodeProcess]
      expect([judge.heldBy(a.pid), judge.heldBy(b.pid)].every((count) => count > 0)).toBe(true)
      await a.kill()
      const killedMs = await judge.until('the peers of the killed node are placed', () => judge.isPlaced(ids(40), [a.pid]), 4 * GONE_MS)
      note(`lease ${LEASE_MS} ms, one of four nodes killed: placed again after`, killedMs)
      b.signal('SIGSTOP')
      const stopped = (): boolean => ids(40).every((peer) => [...(judge.holders.get(peer)?.values() ?? [])].some((pid) => pid !== b.pid))
      const stoppedMs = await judge.until('the peers of the stopped node are held by others too', stopped, 4 * GONE_MS)
      note(`lease ${LEASE_MS} ms, one of four nodes stopped: placed again after`, stoppedMs)
      b.signal('SIGCONT')
      const wokenMs = await judge.until('the stopped node has let go of everything', () => judge.isPlaced(ids(40)), 4 * GONE_MS)
      note(`lease ${LEASE_MS} ms, one of four nodes stopped: it has closed everything, from when it goes on, after`, wokenMs)
      expect([judge.overlaps, judge.late]).toEqual([[], []])
      expect(killedMs).toBeLessThan(4 * GONE_MS)
      await b.ask('joined')
    },
    DEBIAN_MS,
  )

  test(
    'on redis: a store that restarts is another one, with its data or without: everything is closed once, and placed again a lease later',
    async () => {
      const folder = dataFolder()
      const port = await freePort()
      const first = await redis(folder, port)
      const { judge, fleet } = await four(`redis://127.0.0.1:${port}`, 200)
      await keepBy(fleet, ids(20))
      await judge.until('all kept peers are placed', () => judge.isPlaced(ids(20)), 10_000)
      let server = first
      for (const again of [folder, undefined]) {
        const { closed } = judge
        await server.kill('SIGKILL')
        server = await redis(again, port)
        const closedMs = await judge.until('the links are closed', () => judge.closed >= closed + 20, 4 * GONE_MS)
        const placedMs = await judge.until('all kept peers are placed again', () => judge.isPlaced(ids(20)), 8 * GONE_MS)
        const what = `lease ${LEASE_MS} ms, Redis restarted ${again === undefined ? 'without' : 'with'} its data`
        note(`${what}: closed after`, closedMs)
        note(`${what}: placed again after that`, placedMs)
      }
      expect([judge.overlaps, judge.late]).toEqual([[], []])
      expect(judge.opened).toBe(60)
    },
    DEBIAN_MS,
  )
})

/** How often each outcome came, on all nodes together. */
function merged(outcomes: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const all: Record<string, number> = {}
  for (const counts of outcomes) for (const [what, count] of Object.entries(counts)) all[what] = (all[what] ?? 0) + count
  return all
}
