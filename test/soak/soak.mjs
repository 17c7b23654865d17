/**
 * A soak: a manager with kept, pooled and passing peers, over TCP and WebSocket, through proxies that fail in every way a
 * network can, for as long as it is told. At its end nothing may be left, and the heaps of both ends must be flat.
 *
 * `node --expose-gc test/soak/soak.mjs --seconds N --seed S` prints what it saw, as JSON, and ends with 1 where it did not hold.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ConnectionManager } from 'qudag-connections'
import { faultProxy, seeded } from 'qudag-connections/testing/fault-proxy'
import { tcp } from 'qudag-connections/transports/tcp'
import { websocket } from 'qudag-connections/transports/websocket'
import { slope } from '../bench/statistics.mjs'
import { heapUsed, leftovers } from './measure.mjs'

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' }, seed: { type: 'string', default: '1' } } })
const [seconds, seed] = [Number(values.seconds), Number(values.seed)]
const PEERS = 24
/** Growth over the whole run that is noise, in bytes: what the compiler keeps, and a message or two under way. */
const NOISE = 1024 * 1024

const far = fork(fileURLToPath(new URL('far-side.mjs', import.meta.url)), { execArgv: ['--expose-gc'], stdio: ['ignore', 2, 2, 'ipc'] })
const [targets] = await once(far, 'message')
const proxies = await Promise.all(
  Array.from({ length: PEERS }, (_, i) => faultProxy(targets[i % 2], { schedule: seeded(seed * 1_000 + i, { everyMs: 400 }) })),
)

const manager = new ConnectionManager(PEERS - 4, {
  transport: [tcp(), websocket()],
  resolve: (peerId) => proxies[Number(peerId)].address.href,
  connectTimeoutMs: 1_000,
  closeTimeoutMs: 500,
  poolTimeoutMs: 1_000,
  admission: 'queue',
  waitTimeoutMs: 2_000,
  breaker: { failures: 5, openMs: 500, maxOpenMs: 2_000 },
  reconnect: { baseMs: 50, maxMs: 1_000 },
  heartbeat: { idleMs: 500, minTimeoutMs: 500, silenceMs: 3_000 },
  metrics: { sampleMs: 200, latencyMs: 300 },
})
let transitions = 0
let echoes = 0
const outcomes = {}
const count = (what) => (outcomes[what] = (outcomes[what] ?? 0) + 1)
manager.transitions$.subscribe(() => transitions++)
manager.messages$.subscribe(() => echoes++)

let state = seed >>> 0 || 1
const random = (n) => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return Math.floor((state / 2 ** 32) * n)
}

// A third of them is kept all the time; the others come and go.
for (let i = 0; i < PEERS / 3; i++)
  manager.connect(String(i), { keep: true }).then(
    () => count('connected'),
    (error) => count(error.code),
  )

async function visitor() {
  while (performance.now() < until) {
    const peerId = String(PEERS / 3 + random((PEERS * 2) / 3))
    try {
      const connection = await manager.connect(peerId)
      count('connected')
      for (let i = random(20); i > 0; i--) if (!connection.send(new Uint8Array(1 + random(20_000)))) await connection.drained()
      await turn(random(60))
      if (random(4) === 0) await manager.disconnect(peerId, { pool: false })
      else await connection.release()
    } catch (error) {
      count(error.code ?? error.name)
      await turn(10)
    }
  }
}

async function talker() {
  while (performance.now() < until) {
    for (let i = 0; i < PEERS / 3; i++) {
      try {
        manager.get(String(i))?.send(new Uint8Array(1 + random(2_000)))
      } catch (error) {
        count(error.code ?? error.name)
      }
    }
    await turn(50)
  }
}

const turn = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const began = performance.now()
const until = began + seconds * 1_000
const heaps = { near: [], far: [] }

async function measurer() {
  const everyMs = Math.max(500, (seconds * 1_000) / 60)
  while (performance.now() < until) {
    await turn(everyMs)
    const at = (performance.now() - began) / 1_000
    far.send('heap')
    const [{ heap }] = await once(far, 'message')
    // The first third is the compiler's, and for what is made once.
    if (at < seconds / 3) continue
    heaps.far.push([at, heap])
    heaps.near.push([at, await heapUsed()])
    if (process.stderr.isTTY) process.stderr.write(`\r${at.toFixed(0)} of ${seconds} s, ${transitions} transitions, ${echoes} echoes `)
  }
}

await Promise.all([visitor(), visitor(), visitor(), talker(), measurer()])
const { dials } = manager.metrics
const report = await manager.shutdown({ timeoutMs: 2_000 })
await Promise.all(proxies.map((proxy) => proxy.close()))
far.send('end')
const [theirs] = await once(far, 'message')
if (far.exitCode === null) await once(far, 'exit')

const growth = Object.fromEntries(
  Object.entries(heaps).map(([side, points]) => {
    const { value, error } = slope(points)
    const seen = points.at(-1)[0] - points[0][0]
    return [
      side,
      { bytes: Math.round(value * seen), noise: Math.round(2 * error * seen), isFlat: value - 2 * error <= 0 || value * seen < NOISE },
    ]
  }),
)
const left = { near: await leftovers(), far: theirs.left, peers: [...manager.peers()].length + theirs.peers }
const wrong = [
  ...Object.entries(growth).flatMap(([side, { bytes, isFlat }]) => (isFlat ? [] : [`the heap of the ${side} side grew by ${bytes} bytes`])),
  ...(left.near.length + left.far.length + left.peers > 0 ? [`left: ${JSON.stringify(left)}`] : []),
  ...(outcomes.connected > seconds && echoes > seconds ? [] : [`too little happened: ${JSON.stringify({ outcomes, echoes })}`]),
]
console.log(
  JSON.stringify(
    { seconds, seed, transitions, echoes, dials, outcomes, inbound: theirs.inbound, growth, left, report, wrong },
    undefined,
    1,
  ),
)
process.exitCode = wrong.length > 0 ? 1 : 0
