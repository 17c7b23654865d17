/** Opening and closing one peer, while a crowd of others is Connected: the crowd must not make it dearer. */
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'

export const title = 'open + close (no pool) one peer while N others are Connected, scripted transport, µs'

const CYCLES = 2_000

export const contenders = {
  'N = 1,000': () => crowd(1_000),
  'N = 50,000': () => crowd(50_000),
  'N = 100,000': () => crowd(100_000),
}

async function crowd(size) {
  const manager = new ConnectionManager(size + 1, { transport: scripted({ autoOpen: true, autoClose: 'microtask', record: false }) })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  for (let i = 0; i < size; i++) await manager.connect(`scripted://crowd-${i}`)
  const cycle = async (cycles) => {
    for (let i = 0; i < cycles; i++) {
      const connection = await manager.connect(`scripted://one-${i % 64}`)
      await manager.disconnect(connection.peerId, { pool: false })
    }
  }
  await cycle(CYCLES)
  return {
    async round() {
      globalThis.gc()
      const before = told
      const start = performance.now()
      await cycle(CYCLES)
      const ms = performance.now() - start
      // Connecting, Connected, Disconnected, forgotten: nothing was left out.
      if (told - before !== 4 * CYCLES || manager.metrics.connections !== size) throw new Error('a cycle did less than its work')
      return (ms * 1_000) / CYCLES
    },
    stop: () => manager.shutdown(),
  }
}

export function table(results) {
  const base = results['N = 1,000'].min
  return Object.entries(results).map(([name, { min, median, max }]) => ({
    crowd: name,
    'median µs': median.toFixed(1),
    'min – max': `${min.toFixed(1)} – ${max.toFixed(1)}`,
    'best over best at 1,000': (min / base).toFixed(2),
  }))
}
