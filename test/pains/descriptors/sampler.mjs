/** A manager that samples its metrics while the process has no descriptor left, and when it has some again. */
import { ConnectionManager } from 'qudag-connections'
import { exhaust, limit, say } from './few.mjs'

const manager = new ConnectionManager(10, { metrics: { sampleMs: 5 } })
const until = (isStale) =>
  new Promise((resolve) => {
    const subscription = manager.metrics$.subscribe(({ memoryUsageStale = false, memoryUsage }) => {
      if (memoryUsageStale !== isStale) return
      setImmediate(() => subscription.unsubscribe())
      resolve(memoryUsage > 0)
    })
  })
limit(64)
const fresh = await until(false)
const release = exhaust()
// Timers of ours keep no process alive.
const alive = setInterval(() => {}, 1_000)
const stale = await until(true)
release()
say({ fresh, stale, again: await until(false) })
clearInterval(alive)
await manager.shutdown()
