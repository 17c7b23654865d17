/** Many times the same, over real sockets: nothing may be a little more each time, and nothing be left at the end. */
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { farSide, hostOf } from './far-side.mjs'
import { slope } from './statistics.mjs'
import { sized, verify } from './workload.mjs'

const AT_ONCE = 50
const SAMPLES = 20

export function cases(size) {
  const cycles = sized(size, { tiny: 200, normal: 20_000, full: 100_000 })
  // More than connect at once: no two share a link.
  const peers = sized(size, { tiny: 2 * AT_ONCE, normal: 1_000 })
  const name = 'qudag-connections, tcp()'
  return [
    {
      name: `${cycles.toLocaleString('en')} connects and closes over ${peers.toLocaleString('en')} peers: growth of the heap each (ratio: less two standard errors)`,
      unit: 'bytes',
      fresh: true,
      rounds: 1,
      contenders: [{ name, run: () => soak(cycles, peers), ratio: (results) => results[name].median, bar: { atMost: 0 } }],
    },
  ]
}

async function soak(cycles, peers) {
  let warnings = 0
  process.on('warning', () => warnings++)
  const far = await farSide('managed')
  const before = resources()
  const manager = new ConnectionManager(peers, { transport: tcp() })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  const actors = []
  let next = 0
  const run = async (count) => {
    const until = next + count
    const worker = async () => {
      while (next < until) {
        const i = next++
        const connection = await manager.connect(`tcp://${hostOf(i)}:${far.port}/${i % peers}`)
        if (until - i <= peers) actors[i % peers] = new WeakRef(manager.actor(connection.peerId))
        await manager.disconnect(connection.peerId, { pool: false })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
  }
  return {
    async round() {
      // The first are for the compiler and for what is made once.
      await run(cycles >> 2)
      const points = []
      const step = Math.floor(cycles / SAMPLES)
      for (let sample = 0; sample < SAMPLES; sample++) {
        await run(step)
        points.push([(sample + 1) * step, await heapUsed()])
      }
      const done = (cycles >> 2) + SAMPLES * step
      verify(told === 4 * done && manager.metrics.dials.succeeded === done, `${told} transitions of ${4 * done}`)
      const { closed, forced } = await manager.shutdown()
      verify(closed === 0 && forced === 0 && [...manager.peers()].length === 0, `${closed + forced} links were left to close`)
      await heapUsed()
      const left = resources().filter((kind) => !before.includes(kind))
      verify(left.length === 0, `left: ${left.join(', ')}`)
      const alive = actors.filter((ref) => ref.deref() !== undefined).length
      verify(alive === 0 && manager.supervisor.getSnapshot().status === 'done', `${alive} actors are left`)
      verify(warnings === 0, `${warnings} warnings, of listeners that pile up say`)
      const { value, error } = slope(points)
      console.error(` heap: ${value.toFixed(2)} ± ${error.toFixed(2)} bytes a cycle, ${(points.at(-1)[1] / 1e6).toFixed(1)} MB at the end`)
      return value - 2 * error
    },
    stop: () => far.stop(),
  }
}

/** What keeps a process alive. */
function resources() {
  return process.getActiveResourcesInfo().filter((kind) => /Timeout|TCP|Immediate/.test(kind))
}

async function heapUsed() {
  for (let i = 0; i < 3; i++) {
    for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    globalThis.gc()
  }
  return process.memoryUsage().heapUsed
}
