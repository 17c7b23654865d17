/**
 * `npm run simulate -- --nodes N --peers M --seed S`: a fleet of so many nodes keeps so many peers, restarts node by node, and is
 * split in two, on a virtual clock; the table says how long placing takes, and what it asks of the store.
 */
import { parseArgs } from 'node:util'
import { SimulatedFleet, type SimulatedNode } from './simulated-fleet.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string', default: '20' },
    peers: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    lease: { type: 'string', default: '15000' },
    latency: { type: 'string', default: '20' },
    loss: { type: 'string', default: '0.001' },
  },
})
const nodes = Number(values.nodes)
const peers = Number(values.peers)
const leaseMs = Number(values.lease)

const world = new SimulatedFleet(Number(values.seed), {
  limit: Math.ceil(peers * 1.5),
  leaseMs,
  weather: { latencyMs: Number(values.latency), loss: Number(values.loss) },
})
const STEP_MS = 500
const rows: Record<string, unknown>[] = []

function add(): SimulatedNode {
  return world.add({ block: Math.max(1, Math.ceil(peers / nodes / 8)), takeoverPerSecond: 50 }, Math.ceil((peers / nodes) * 4))
}

/** Since when each peer is without a link that had one, or was asked for, on the virtual clock. */
const without = new Map<string, number>()
let most = 0
let longestMs = 0

/** Notes which peers are without a link. Gives how many. */
function look(): number {
  const now = world.clock.now()
  for (let i = 0; i < peers; i++) {
    const peerId = `p${i}`
    const since = without.get(peerId)
    if (!world.isPlaced(peerId)) {
      if (since === undefined) without.set(peerId, now)
    } else if (since !== undefined) {
      longestMs = Math.max(longestMs, now - since)
      without.delete(peerId)
    }
  }
  most = Math.max(most, without.size)
  if (world.held > world.limit) throw new Error(`${world.held} links are held, and the limit is ${world.limit}`)
  return without.size
}

/** Lets time pass, and looks all the while. */
async function pass(ms: number): Promise<number> {
  let left = look()
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await world.clock.advanceAsync(Math.min(STEP_MS, ms - passed))
    left = look()
  }
  return left
}

/** Does something to the fleet, and lets time pass until all peers are placed. */
async function phase(name: string, mostMs: number, begin: () => void | Promise<void>): Promise<void> {
  const startedAt = performance.now()
  const from = world.clock.now()
  const { operations } = world.counts
  world.peakDials = most = longestMs = 0
  without.clear()
  await begin()
  const endsAt = world.clock.now() + mostMs
  let left = await pass(STEP_MS)
  while (left > 0 && world.clock.now() < endsAt) left = await pass(STEP_MS)
  const seconds = (world.clock.now() - from) / 1_000
  // A large fleet takes minutes: it is told how far it is.
  console.error(`${name}: ${Math.round((performance.now() - startedAt) / 1_000)} s of this machine`)
  rows.push({
    phase: name,
    'lasts (s)': seconds,
    'a peer is without a link for at most (s)': left === 0 ? longestMs / 1_000 : `never placed: ${left}`,
    'at most so many at one time': most,
    'store operations': world.counts.operations - operations,
    'operations a second': Math.round((world.counts.operations - operations) / seconds),
    'peak dials a second': world.peakDials,
    'held / limit': `${world.held} / ${world.limit}`,
    'real seconds': Math.round((performance.now() - startedAt) / 100) / 10,
  })
}

const fleet: SimulatedNode[] = []
await phase('start', 600_000, async () => {
  for (let i = 0; i < nodes; i++) fleet.push(add())
  await world.clock.advanceAsync(1_000)
  for (let i = 0; i < peers; i++) fleet[i % nodes]?.keep(`p${i}`)
})
await phase('quiet, one minute', 60_000, async () => {
  await pass(60_000)
})
await phase('one node is killed', 600_000, async () => {
  fleet.shift()?.kill()
})
await phase('a tenth of the nodes restarts, one every 10 s', 1_200_000, async () => {
  for (let i = 0; i < Math.max(1, Math.floor(nodes / 10)); i++) {
    void fleet.shift()?.shutdown()
    fleet.push(add())
    await pass(10_000)
  }
})
await phase('half of the nodes is cut off for two leases', 1_200_000, async () => {
  const cut = fleet.slice(0, Math.floor(fleet.length / 2))
  for (const node of cut) node.net.isCut = true
  await pass(2 * leaseMs)
  for (const node of cut) node.net.isCut = false
})
console.log(
  `${nodes} nodes, ${peers} peers, lease ${leaseMs} ms, latency up to ${values.latency} ms each way, ${Number(values.loss) * 100} % of the calls lost, seed ${values.seed}`,
)
console.table(rows)
if (world.faults.length > 0) console.error(world.faults.slice(0, 3))
for (const { fleet: node } of world.nodes) void node.leave()
