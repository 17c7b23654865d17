/** One process of a benchmarked fleet: it does what its primary says, and answers when that is done. */
import { ConnectionManager } from 'qudag-connections'
import { fleet } from 'qudag-connections/fleet'
import { clusterStore } from 'qudag-connections/fleet/cluster'
import { redisStore } from 'qudag-connections/fleet/redis'
import { tcp } from 'qudag-connections/transports/tcp'
import { hostOf } from './far-side.mjs'
import { allFor, MESSAGE } from './real-links.mjs'

const { store: meeting, limit, port, name } = JSON.parse(process.env['BENCH_FLEET'])
const store = meeting === 'cluster' ? clusterStore() : meeting === 'none' ? undefined : redisStore({ url: meeting })
const node = store === undefined ? undefined : fleet({ store, limit, name, isNew: true })
const manager = new ConnectionManager(limit, { transport: tcp(), ...(node === undefined ? {} : { fleet: node }) })
const addressOf = (i) => `tcp://${hostOf(i)}:${port}/${name}-${i}`
let connections = []

const tasks = {
  async joined() {
    await node?.joined()
  },
  /** Dials for so many milliseconds, and closes each in order; how many, and the milliseconds of processor time that it took. */
  async dial(ms) {
    const { succeeded } = manager.metrics.dials
    const before = process.cpuUsage()
    await allFor(ms, async (i) => {
      const connection = await manager.connect(addressOf(i))
      await manager.disconnect(connection.peerId, { pool: false })
    })
    const { user, system } = process.cpuUsage(before)
    return { dials: manager.metrics.dials.succeeded - succeeded, cpuMs: (user + system) / 1_000 }
  },
  async open(count) {
    connections = await Promise.all(Array.from({ length: count }, (_, i) => manager.connect(addressOf(i))))
  },
  async send(count) {
    await Promise.all(
      connections.map(async (connection) => {
        for (let i = 0; i < count; i++) if (!connection.send(MESSAGE)) await connection.drained()
      }),
    )
  },
  async stop() {
    await manager.shutdown()
    await store?.close()
  },
}

process.on('message', ({ bench, count }) => {
  if (bench === undefined) return
  tasks[bench](count).then(
    (done) => process.send({ bench, done: done ?? true }),
    (error) => process.send({ bench, error: String(error.stack) }),
  )
})
process.once('disconnect', () => process.exit())
// What is said before this process listens is lost.
process.send({ bench: 'ready', done: true })
