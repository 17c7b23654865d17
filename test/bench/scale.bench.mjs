/** As many real links as one process may hold: file descriptors are the limit, and nothing of ours is. */
import { readFileSync } from 'node:fs'
import { ConnectionManager } from 'qudag-connections'
import { tcp } from 'qudag-connections/transports/tcp'
import { farSide, hostOf } from './far-side.mjs'
import { sized, verify } from './workload.mjs'

/** Each far side holds as many descriptors as links come to it. */
const FAR_SIDES = 4
/** What a process needs beside its links. */
const RESERVE = 500

export function cases(size) {
  const count = sized(size, { tiny: 40, normal: Math.min(descriptors() - RESERVE, 100_000) })
  const name = `${count.toLocaleString('en')} real TCP links of one manager to ${FAR_SIDES} processes over ten loopback addresses`
  return [
    {
      name: `${name}: opened`,
      unit: 'a second',
      more: true,
      rounds: 1,
      fresh: true,
      contenders: [{ name: 'qudag-connections, tcp()', run: () => links(count, ({ perSecond }) => perSecond) }],
    },
    {
      name: `${name}: resident`,
      unit: 'bytes',
      rounds: 1,
      fresh: true,
      contenders: [{ name: 'qudag-connections, tcp(), the whole process', run: () => links(count, ({ bytes }) => bytes) }],
    },
  ]
}

async function links(count, figure) {
  const far = await Promise.all(Array.from({ length: FAR_SIDES }, () => farSide('managed')))
  const manager = new ConnectionManager(count, { transport: tcp() })
  manager.transitions$.subscribe(() => {})
  return {
    async round() {
      const start = performance.now()
      for (let i = 0; i < count; i += 100) {
        const some = Array.from({ length: Math.min(100, count - i) }, (_, k) => i + k)
        await Promise.all(some.map((k) => manager.connect(`tcp://${hostOf(k)}:${far[k % FAR_SIDES].port}/${k}`)))
      }
      const perSecond = (count * 1_000) / (performance.now() - start)
      verify(manager.metrics.connections === count, `${manager.metrics.connections} links of ${count}`)
      verify([...manager.peers()].length === count, 'a peer for each link')
      for (let i = 0; i < 4; i++) globalThis.gc()
      return figure({ perSecond, bytes: process.memoryUsage.rss() / count })
    },
    async stop() {
      const { closed, forced } = await manager.shutdown({ timeoutMs: 60_000 })
      verify(closed + forced === count, `${closed} closed and ${forced} forced of ${count}`)
      await Promise.all(far.map((side) => side.stop()))
    },
  }
}

/** How many file descriptors this process may have. */
function descriptors() {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8')
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1_024)
  } catch {
    return 1_024
  }
}
