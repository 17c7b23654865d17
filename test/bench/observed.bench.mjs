/** The pool cycle while somebody observes: what is only read when it is scraped must cost the path of a connection next to nothing. */
import { tracingChannel } from 'node:diagnostics_channel'
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics'
import { Registry } from 'prom-client'
import { ConnectionManager } from 'qudag-connections'
import { instrument } from 'qudag-connections/opentelemetry'
import { collect } from 'qudag-connections/prometheus'
import { scripted } from 'qudag-connections/testing'
import { microsecondsEach, sized, verify } from './workload.mjs'

const LINKS = 32
/** Nothing is scraped while it is measured. */
const AT_MOST = 1.05

class NeverRead extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

const WAYS = {
  // Both ends of the comparison have diagnostics channels, which nobody subscribes to.
  nobody: () => {},
  'collect()': (manager) => collect(manager, { register: new Registry() }),
  'instrument() without an SDK': (manager) => instrument(manager),
  'instrument() with an SDK': (manager) => {
    const meter = new MeterProvider({ readers: [new NeverRead()] }).getMeter('bench')
    return instrument(manager, { meter })
  },
  'collect() and a logger whose levels are off': (manager) => collect(manager, { register: new Registry() }),
  'a subscriber of qudag-connections:connect': () => {
    const nothing = () => {}
    const subscriber = { start: nothing, end: nothing, asyncStart: nothing, asyncEnd: nothing, error: nothing }
    const channel = tracingChannel('qudag-connections:connect')
    channel.subscribe(subscriber)
    return () => channel.unsubscribe(subscriber)
  },
}

/** What is free but for a check or a sum; the others are told, and report what they cost. */
const BARRED = new Set(['collect()', 'instrument() without an SDK'])
const SILENT = { isLevelEnabled: () => false, debug() {}, info() {}, warn() {}, error() {} }

export function cases(size) {
  const cycles = sized(size, { tiny: 64, smoke: 32_000, normal: 192_000 })
  const contenders = Object.entries(WAYS).map(([name, observe]) => ({
    name,
    run: () => observed(observe, name.includes('logger') ? { logger: SILENT } : {}, cycles),
    ...(name === 'nobody'
      ? {}
      : {
          ratio: (results) => results[name].median / results['nobody'].median,
          ...(BARRED.has(name) ? { bar: { atMost: AT_MOST } } : {}),
        }),
  }))
  return [{ name: `take + give back of ${LINKS} pooled links, observed by (ratio: over nobody)`, unit: 'µs', contenders }]
}

async function observed(observe, options, cycles) {
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', record: false })
  const manager = new ConnectionManager(LINKS, { transport, ...options })
  const undo = observe(manager)
  const peers = Array.from({ length: LINKS }, (_, i) => `scripted://peer-${i}`)
  for (const peer of peers) await manager.connect(peer)
  for (const peer of peers) await manager.disconnect(peer)
  const run = async (count) => {
    for (let i = 0; i < count; i++) await (await manager.connect(peers[i % LINKS])).release()
  }
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      const { hits } = manager.metrics.pool
      const each = await microsecondsEach(cycles, run)
      const { pool, dials } = manager.metrics
      verify(pool.hits - hits === cycles && dials.started === LINKS, `${pool.hits - hits} pool hits, ${dials.started} dials`)
      return each
    },
    async stop() {
      undo?.()
      await manager.shutdown()
    },
  }
}
