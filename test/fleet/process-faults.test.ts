/** Fleets of real processes whose way to the store, or whose store, fails: what the judge has seen, and how long it took until all was placed again. */
import { faultProxy } from 'qudag-connections/testing/fault-proxy'
import { afterEach, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { ending, endAll, fleetOf, ids, keepBy, note, type Judge, type NodeProcess } from './process-kit.ts'
import { detour, freePort, redisSays, startEtcd, startRedis } from './servers.ts'
import { eventually } from './store-steps.ts'

const LEASE_MS = 2_000
const PEERS = ids(24)
/** Far more than any of it takes: a machine may be slow. */
const MOST_MS = 60_000

afterEach(endAll)

/** No peer has two owners that believe, under one fence or another, and the limit holds. */
function expectSafe({ overlaps, late, doubles, most }: Judge, limit: number): void {
  expect({ overlaps, late, doubles }).toEqual({ overlaps: [], late: [], doubles: [] })
  expect(most).toBeLessThanOrEqual(limit)
}

const redis = () => startRedis().then((server) => ending(server, (it) => it.kill()))
const proxied = async (url: string) => ending(await faultProxy(url), (it) => it.close())

describe('a fleet of processes', () => {
  test.each([
    ['redis', async () => `redis://127.0.0.1:${(await redis()).port}`],
    ['etcd', async () => `http://127.0.0.1:${ending(await startEtcd(), (it) => it.kill()).port}`],
  ] as const)(
    'on %s: a node that is cut off from the store has closed everything before others have its peers',
    async (engine, start) => {
      const url = await start()
      const path = await proxied(url)
      const { judge, fleet } = await fleetOf([path.address.href, url, url], { limit: 40, leaseMs: LEASE_MS })
      const [cut] = fleet as [NodeProcess]
      await keepBy(fleet, PEERS)
      await judge.until('all kept peers are placed', () => judge.isPlaced(PEERS), MOST_MS)
      expect(judge.heldBy(cut.pid)).toBeGreaterThan(0)
      path.vanish()
      const closing = judge.until('the node has closed everything', () => judge.heldBy(cut.pid) === 0, MOST_MS)
      const placedMs = await judge.until('its peers are placed with others', () => judge.isPlaced(PEERS, [cut.pid]), MOST_MS)
      note(`${engine}, lease ${LEASE_MS} ms, one of three nodes cut off: closed after`, await closing)
      note(`${engine}, lease ${LEASE_MS} ms, one of three nodes cut off: placed again after`, placedMs)
      expect(await closing).toBeLessThan(placedMs)
      path.heal()
      await cut.ask('joined')
      expectSafe(judge, 40)
    },
    DEBIAN_MS,
  )

  test(
    'on redis: a store that answers after a second costs a node with a lease of 2 s everything, once, and one with a lease of 4 s nothing',
    async () => {
      const server = await redis()
      const url = `redis://127.0.0.1:${server.port}`
      for (const [leaseMs, isLost] of [
        [2_000, true],
        [4_000, false],
      ] as const) {
        await redisSays(server.port, 'FLUSHALL')
        const path = await proxied(url)
        const way = path.address.href
        const { judge, fleet } = await fleetOf([way, way, way], { limit: 40, leaseMs })
        await keepBy(fleet, PEERS)
        await judge.until('all kept peers are placed', () => judge.isPlaced(PEERS), MOST_MS)
        path.latency(500)
        if (isLost) {
          const ms = await judge.until('everything is closed', () => judge.open.size === 0, MOST_MS)
          note(`lease ${leaseMs} ms, the store answers after a second: closed after`, ms)
          path.calm()
        } else {
          await Promise.all(fleet.map((node) => node.renewed()))
          expect(judge.closed).toBe(0)
          await fleet[0]?.kill()
        }
        const gone = isLost ? [] : [fleet[0]?.pid ?? 0]
        const ms = await judge.until('all are placed again', () => judge.isPlaced(PEERS, gone), MOST_MS)
        note(
          `lease ${leaseMs} ms, ${isLost ? 'the store answers at once again' : 'a node is killed, the store answers after a second'}: placed after`,
          ms,
        )
        expectSafe(judge, 40)
        await Promise.all(fleet.map((node) => node.kill()))
      }
    },
    DEBIAN_MS,
  )

  test(
    'on redis: a failover to a replica that lost the last writes has everything closed once, and never more links than the limit',
    async () => {
      const limit = 40
      const [master, replica] = [await redis(), await redis()]
      const link = ending(await detour(master.port), (it) => it.close())
      const path = ending(await detour(master.port), (it) => it.close())
      await redisSays(replica.port, `REPLICAOF 127.0.0.1 ${link.port}`)
      await eventually(async () => (await redisSays(replica.port, 'INFO replication')).includes('master_link_status:up'))
      const way = `redis://127.0.0.1:${path.port}`
      const { judge, fleet } = await fleetOf([way, way, way], { limit, leaseMs: LEASE_MS })
      const [first, ...others] = fleet as [NodeProcess, NodeProcess, NodeProcess]
      await keepBy(fleet, PEERS)
      await judge.until('all kept peers are placed', () => judge.isPlaced(PEERS), MOST_MS)
      await redisSays(master.port, 'WAIT 1 20000')
      // The replica hears nothing more, and does not know: what one node is permitted now is lost.
      link.lead(await freePort())
      await first.ask('connect', { peers: Array.from({ length: limit - PEERS.length }, (_, i) => `lost-${i}`) })
      await judge.until('the limit is reached', () => judge.open.size === limit, MOST_MS)
      await master.kill()
      await redisSays(replica.port, 'REPLICAOF NO ONE')
      path.lead(replica.port)
      const { closed } = judge
      const asked = others.map((node, n) => node.ask('connect', { peers: Array.from({ length: 5 }, (_, i) => `more-${n}-${i}`) }))
      const closing = judge.until('everything is closed', () => judge.closed >= closed + limit, MOST_MS)
      await Promise.all(asked)
      note(`lease ${LEASE_MS} ms, failover: closed after`, await closing)
      await Promise.all(fleet.map((node) => node.ask('joined')))
      // What was only in use is dialled again as well, and would fill the limit.
      await Promise.all(fleet.map((node) => node.ask('release', { but: PEERS })))
      const placed = judge.until('all kept peers are placed again', () => judge.isPlaced(PEERS), MOST_MS)
      note(`lease ${LEASE_MS} ms, failover: placed again after (from when it had joined)`, await placed)
      expectSafe(judge, limit)
    },
    DEBIAN_MS,
  )
})
