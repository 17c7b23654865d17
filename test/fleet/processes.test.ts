/** Fleets of real processes on a real store: what the judge, a process of its own, has seen of them. */
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { Judge, NodeProcess } from './process-kit.ts'
import { dataFolder, freePort, type Server, startEtcd, startRedis } from './servers.ts'

const LEASE_MS = 6_000
/** A node that is gone is noticed after this, at the latest. */
const GONE_MS = LEASE_MS * 1.2 + 1_000
const nodes: NodeProcess[] = []
const others: { stop(): void }[] = []

afterEach(async () => {
  for (const node of nodes) node.signal('SIGCONT')
  await Promise.all(nodes.splice(0).map((node) => node.kill()))
  for (const other of others.splice(0)) other.stop()
})
afterAll(async () => {
  await Promise.all(nodes.map((node) => node.kill()))
})

/** Four nodes that have joined. */
async function four(store: string, limit: number): Promise<{ readonly judge: Judge; readonly fleet: readonly NodeProcess[] }> {
  const judge = await Judge.start()
  others.push(judge)
  const fleet = ['a', 'b', 'c', 'd'].map((name) => new NodeProcess({ store, name, limit, leaseMs: LEASE_MS, judge: judge.url }))
  nodes.push(...fleet)
  await Promise.all(fleet.map(({ joined }) => joined))
  return { judge, fleet }
}

async function redis(folder?: string, port?: number): Promise<Server> {
  const server = await startRedis({ ...(folder === undefined ? {} : { folder }), ...(port === undefined ? {} : { port }) })
  others.push({ stop: () => void server.kill('SIGKILL') })
  return server
}

async function until(what: string, holds: () => boolean | Promise<boolean>, mostMs: number): Promise<number> {
  const from = performance.now()
  while (!(await holds())) {
    if (performance.now() - from > mostMs) throw new Error(`not within ${mostMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return performance.now() - from
}

const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `p${i}`)
const isPlaced = (judge: Judge, count: number): boolean => {
  const { holders } = judge
  return ids(count).every((peer) => holders.get(peer)?.length === 1)
}

describe('a fleet of four processes', () => {
  const engines: readonly [string, number, () => Promise<string>][] = [
    ['redis', 500, async () => `redis://127.0.0.1:${(await redis()).port}`],
    [
      'etcd',
      200,
      async () => {
        const server = await startEtcd()
        others.push({ stop: () => void server.kill('SIGKILL') })
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
      await until('each peer has one holder', () => isPlaced(judge, 50), 10_000)
      await Promise.all(fleet.map((node) => node.ask('release')))
      await until('all links are closed', () => judge.open.size === 0, 10_000)

      const asked = await Promise.all(
        fleet.map((node, n) => node.ask<Record<string, number>>('connect', { peers: ids(limit).map((peer) => `${n}-${peer}`) })),
      )
      expect(merged(asked)).toEqual({ connected: limit, 'ERR_MAX_CONNECTIONS fleet-limit': 3 * limit })
      await until('the judge has all links', () => judge.open.size === limit, 30_000)
      expect(judge.most).toBe(limit)
      expect(judge.overlaps).toEqual([])
      expect(fleet.flatMap(({ faults }) => faults)).toEqual([])
    },
    DEBIAN_MS,
  )

  test(
    'on redis: the kept peers of a node that is killed, and of one that is stopped past its lease, go to the others; the stopped one says nothing when it goes on',
    async () => {
      const { judge, fleet } = await four(`redis://127.0.0.1:${(await redis()).port}`, 200)
      await Promise.all(fleet.map((node, n) => node.ask('keep', { peers: ids(40).filter((_, i) => i % 4 === n) })))
      await until('all kept peers are placed', () => isPlaced(judge, 40), 10_000)
      const [a, b] = fleet as [NodeProcess, NodeProcess]
      await a.kill()
      const killedMs = await until('the peers of the killed node are placed', () => isPlaced(judge, 40), 4 * GONE_MS)
      b.signal('SIGSTOP')
      const stopped = (): boolean => {
        const { holders } = judge
        return ids(40).every((peer) => holders.get(peer)?.some((pid) => pid !== b.pid))
      }
      await until('the peers of the stopped node are held by others too', stopped, 4 * GONE_MS)
      b.signal('SIGCONT')
      await until('the stopped node has let go of everything', () => isPlaced(judge, 40), 4 * GONE_MS)
      expect(judge.overlaps).toEqual([])
      expect(killedMs).toBeLessThan(4 * GONE_MS)
      await until('it is a node again', async () => (await b.ask<{ state: string }>('explain')).state === 'joined', 4 * GONE_MS)
    },
    DEBIAN_MS,
  )

  test(
    'on redis: a store that restarts with its data within the lease is not noticed; one that comes back without it has everything closed once, and placed again',
    async () => {
      const folder = dataFolder()
      const port = await freePort()
      const first = await redis(folder, port)
      const { judge, fleet } = await four(`redis://127.0.0.1:${port}`, 200)
      await Promise.all(fleet.map((node, n) => node.ask('keep', { peers: ids(20).filter((_, i) => i % 4 === n) })))
      await until('all kept peers are placed', () => isPlaced(judge, 20), 10_000)
      const opened = judge.log.filter(({ type }) => type === 'open').length
      await first.kill('SIGKILL')
      const second = await redis(folder, port)
      await until('all nodes are joined', () => allJoined(fleet), 4 * GONE_MS)
      await second.kill('SIGKILL')
      const before = judge.log.length
      await redis(undefined, port)
      await until('the links are closed', () => judge.log.slice(before).filter(({ type }) => type === 'closed').length >= 20, 4 * GONE_MS)
      await until('all kept peers are placed again', () => isPlaced(judge, 20), 8 * GONE_MS)
      expect(judge.overlaps).toEqual([])
      expect(opened).toBeGreaterThanOrEqual(20)
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

async function allJoined(fleet: readonly NodeProcess[]): Promise<boolean> {
  const states = await Promise.all(fleet.map((node) => node.ask<{ state: string }>('explain')))
  return states.every(({ state }) => state === 'joined')
}
