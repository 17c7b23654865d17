/** Taking a pooled link and giving it back, as one pool among others: the common case must cost no more than theirs. */
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'
import { microsecondsEach, sized, verify } from './workload.mjs'

export function cases(size) {
  const cycles = sized(size, { tiny: 64, smoke: 32_000, normal: 192_000 })
  return [
    { workers: 1, links: 10 },
    { workers: 32, links: 32 },
  ].map(({ workers, links }) => ({
    name: `take + give back, ${workers === 1 ? '1 worker' : `${workers} workers`}, ${links} links`,
    unit: 'µs',
    contenders: [
      { name: 'qudag-connections', run: () => ours(workers, links, cycles) },
      // What we do: each step is awaited, so that who goes on knows that the link is back.
      { name: 'generic-pool', package: 'generic-pool', run: () => genericPool(workers, links, cycles, true), bar: { atLeast: 1 } },
      { name: 'tarn', package: 'tarn', run: () => tarn(workers, links, cycles), bar: { atLeast: 2 } },
      ...(size === 'smoke' ? [] : others(workers, links, cycles)),
    ],
  }))
}

/** What is reported beside those that have a bar. */
function others(workers, links, cycles) {
  return [
    { name: 'generic-pool, its release not awaited', package: 'generic-pool', run: () => genericPool(workers, links, cycles, false) },
    { name: 'lightning-pool', package: 'lightning-pool', run: () => lightningPool(workers, links, cycles) },
    // No promise at all between its steps: a worker is one fiber.
    { name: 'Pool of effect, within a fiber', package: 'effect', run: () => effectPool(workers, links, cycles) },
    { name: 'qudag-connections, tryConnect and release', run: () => ours(workers, links, cycles, 'tryConnect') },
    { name: 'qudag-connections, use', run: () => ours(workers, links, cycles, 'use') },
  ]
}

/** As many loops at once as there are workers, which share the cycles; each awaits every step. */
async function inParallel(workers, cycles, cycle) {
  const each = Math.floor(cycles / workers)
  const loop = async (worker) => {
    for (let i = 0; i < each; i++) await cycle(worker + i * workers)
  }
  await Promise.all(Array.from({ length: workers }, (_, worker) => loop(worker)))
}

/** The ways to take a link of ours and give it back. */
const WAYS = {
  connect: (manager) => async (peer) => {
    const connection = await manager.connect(peer)
    await manager.disconnect(connection.peerId)
  },
  tryConnect: (manager) => async (peer) => {
    const connection = manager.tryConnect(peer)
    verify(connection !== undefined, `no link to ${peer} to be had at once`)
    await manager.disconnect(connection.peerId)
  },
  use: (manager) => async (peer) => {
    await manager.use(peer, NOTHING)
  },
}

const NOTHING = () => {}

async function ours(workers, links, cycles, way = 'connect') {
  const transport = scripted({ autoOpen: true, autoClose: 'microtask', record: false })
  const manager = new ConnectionManager(links, { transport })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  const peers = Array.from({ length: links }, (_, i) => `scripted://peer-${i}`)
  for (const peer of peers) await manager.connect(peer)
  for (const peer of peers) await manager.disconnect(peer)
  const cycle = WAYS[way](manager)
  const run = (count) => inParallel(workers, count, (i) => cycle(peers[i % links]))
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      const before = told
      const { hits } = manager.metrics.pool
      const each = await microsecondsEach(cycles, run)
      const { pool, dials } = manager.metrics
      verify(told - before === 2 * cycles && pool.hits - hits === cycles, `${told - before} transitions, ${pool.hits - hits} pool hits`)
      verify(dials.started === links && pool.size === links, `${dials.started} dials, ${pool.size} pooled`)
      return each
    },
    stop: () => manager.shutdown(),
  }
}

/**
 * Rounds of a bare pool, each verified by what was taken, what was ever made, and what is idle again.
 *
 * @param tally counts `made` and `taken`; what counts is the pool's own loop, so that nobody pays for another call a cycle
 */
async function rounds(cycles, links, tally, { run, idle, stop }) {
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      tally.taken = 0
      const each = await microsecondsEach(cycles, run)
      const { taken, made } = tally
      verify(taken === cycles && made === links && idle() === links, `${taken} taken, ${made} made, ${idle()} idle`)
      return each
    },
    stop,
  }
}

async function genericPool(workers, links, cycles, isAwaited) {
  const tally = { made: 0, taken: 0 }
  const { createPool } = await import('generic-pool')
  const pool = createPool({ create: async () => ({ id: tally.made++ }), destroy: async () => {} }, { min: links, max: links })
  await pool.ready()
  return rounds(cycles, links, tally, {
    run: (count) =>
      inParallel(workers, count, async () => {
        const link = await pool.acquire()
        tally.taken++
        const back = pool.release(link)
        if (isAwaited) await back
      }),
    idle: () => pool.available,
    stop: () => pool.drain().then(() => pool.clear()),
  })
}

async function tarn(workers, links, cycles) {
  const tally = { made: 0, taken: 0 }
  const { Pool } = await import('tarn')
  const pool = new Pool({
    create: async () => ({ id: tally.made++ }),
    destroy: async () => {},
    min: links,
    max: links,
    idleTimeoutMillis: 300_000,
  })
  const first = await Promise.all(Array.from({ length: links }, () => pool.acquire().promise))
  for (const link of first) pool.release(link)
  return rounds(cycles, links, tally, {
    run: (count) =>
      inParallel(workers, count, async () => {
        const link = await pool.acquire().promise
        tally.taken++
        pool.release(link)
      }),
    idle: () => pool.numFree(),
    stop: () => pool.destroy(),
  })
}

async function lightningPool(workers, links, cycles) {
  const tally = { made: 0, taken: 0 }
  const factory = { create: async () => ({ id: tally.made++ }), destroy: async () => {}, reset: async () => {}, validate: async () => {} }
  const { createPool } = await import('lightning-pool')
  const pool = createPool(factory, { min: links, max: links, minIdle: 0, idleTimeoutMillis: 300_000, validation: false })
  const first = await Promise.all(Array.from({ length: links }, () => pool.acquire()))
  for (const link of first) await pool.releaseAsync(link)
  return rounds(cycles, links, tally, {
    run: (count) =>
      inParallel(workers, count, async () => {
        const link = await pool.acquire()
        tally.taken++
        await pool.releaseAsync(link)
      }),
    idle: () => pool.available,
    stop: () => pool.close(true),
  })
}

async function effectPool(workers, links, cycles) {
  const tally = { made: 0, taken: 0 }
  const { Effect, Pool: EffectPool, Scope } = await import('effect')
  const scope = Scope.makeUnsafe()
  const made = Effect.sync(() => ({ id: tally.made++ }))
  const pool = await Effect.runPromise(Scope.provide(EffectPool.make({ acquire: made, size: links }), scope))
  const hold = () => {
    tally.taken++
    return Effect.void
  }
  const loop = (count) => {
    let left = count
    return Effect.whileLoop({ while: () => left-- > 0, body: () => EffectPool.use(pool, hold), step: NOTHING })
  }
  return rounds(cycles, links, tally, {
    run: (count) => Promise.all(Array.from({ length: workers }, () => Effect.runPromise(loop(Math.floor(count / workers))))),
    idle: () => Effect.runSync(EffectPool.stats(pool)).idle,
    stop: () => Effect.runPromise(Scope.close(scope, Effect.void)),
  })
}
