/** A manager at its limit, with a few slots left to cycle through, and with a long line before them. */
import { ConnectionManager } from 'qudag-connections'
import { scripted } from 'qudag-connections/testing'
import { microsecondsEach, sized, verify } from './workload.mjs'

export function cases(size) {
  const waiters = sized(size, { tiny: 20, smoke: 1_000, normal: 10_000 })
  const cycles = sized(size, { tiny: 40, smoke: 20_000, normal: 100_000 })
  const limit = sized(size, { tiny: 20, normal: 1_000 })
  const bar = { atLeast: 1 }
  return [
    {
      name: `${limit - SLOTS} of ${limit.toLocaleString('en')} held, take + give back the other ${SLOTS}`,
      unit: 'µs',
      contenders: [
        { name: 'qudag-connections', run: () => held(limit, cycles) },
        { name: 'generic-pool', package: 'generic-pool', run: () => genericHeld(limit, cycles), bar },
        { name: 'tarn', package: 'tarn', run: () => tarnHeld(limit, cycles), bar },
      ],
    },
    {
      name: `${waiters.toLocaleString('en')} waiters over ${SLOTS} slots, each for a link of its own`,
      unit: 'µs',
      contenders: [
        { name: 'qudag-connections', run: () => queued(waiters) },
        { name: 'generic-pool', package: 'generic-pool', run: () => genericQueued(waiters, true), bar },
        { name: 'tarn', package: 'tarn', run: () => tarnQueued(waiters, true), bar },
        // What they are made for, and another work: nobody is dialled.
        { name: 'generic-pool, the same 10 links handed round', package: 'generic-pool', run: () => genericQueued(waiters, false) },
        { name: 'tarn, the same 10 links handed round', package: 'tarn', run: () => tarnQueued(waiters, false) },
      ],
    },
  ]
}

const SLOTS = 10

async function held(limit, cycles) {
  const manager = new ConnectionManager(limit, { transport: scripted({ autoOpen: true, autoClose: 'microtask', record: false }) })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  for (let i = 0; i < limit; i++) await manager.connect(`scripted://peer-${i}`)
  const rest = Array.from({ length: SLOTS }, (_, i) => `scripted://peer-${i}`)
  for (const peer of rest) await manager.disconnect(peer)
  const run = async (count) => {
    for (let i = 0; i < count; i++) {
      const connection = await manager.connect(rest[i % SLOTS])
      await manager.disconnect(connection.peerId)
    }
  }
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      const before = told
      const each = await microsecondsEach(cycles, run)
      const { connections, pooled } = manager.metrics
      verify(told - before === 2 * cycles && connections === limit - SLOTS && pooled === SLOTS, `${told - before} transitions`)
      return each
    },
    stop: () => manager.shutdown(),
  }
}

async function genericHeld(limit, cycles) {
  const { createPool } = await import('generic-pool')
  const pool = createPool({ create: async () => ({}), destroy: async () => {} }, { min: limit, max: limit })
  await pool.ready()
  const holding = await Promise.all(Array.from({ length: limit - SLOTS }, () => pool.acquire()))
  const run = async (count) => {
    for (let i = 0; i < count; i++) await pool.release(await pool.acquire())
  }
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      const each = await microsecondsEach(cycles, run)
      verify(pool.borrowed === limit - SLOTS && pool.available === SLOTS, `${pool.borrowed} borrowed`)
      return each
    },
    async stop() {
      await Promise.all(holding.map((link) => pool.release(link)))
      await pool.drain()
    },
  }
}

async function tarnHeld(limit, cycles) {
  const { Pool } = await import('tarn')
  const pool = new Pool({ create: async () => ({}), destroy: async () => {}, min: limit, max: limit, idleTimeoutMillis: 300_000 })
  const all = await Promise.all(Array.from({ length: limit }, () => pool.acquire().promise))
  for (const link of all.splice(0, SLOTS)) pool.release(link)
  const run = async (count) => {
    for (let i = 0; i < count; i++) pool.release(await pool.acquire().promise)
  }
  await run(cycles >> 1)
  return {
    warm: () => run(cycles >> 2),
    async round() {
      const each = await microsecondsEach(cycles, run)
      verify(pool.numUsed() === limit - SLOTS && pool.numFree() === SLOTS, `${pool.numUsed()} used`)
      return each
    },
    async stop() {
      for (const link of all) pool.release(link)
      await pool.destroy()
    },
  }
}

// Each waiter wants somebody else. A pool of equals has nobody in particular, so it makes each waiter a new one.

async function queued(waiters) {
  const manager = new ConnectionManager(SLOTS, {
    transport: scripted({ autoOpen: true, autoClose: 'microtask', record: false }),
    admission: 'queue',
    maxWaiting: waiters,
  })
  let told = 0
  manager.transitions$.subscribe(() => told++)
  const peers = Array.from({ length: waiters }, (_, i) => `scripted://peer-${i}`)
  const use = async (peer) => {
    const connection = await manager.connect(peer)
    await manager.disconnect(connection.peerId, { pool: false })
  }
  return {
    warm: () => Promise.all(peers.slice(0, waiters >> 2).map(use)),
    async round() {
      const before = told
      const { started } = manager.metrics.dials
      const each = await microsecondsEach(waiters, () => Promise.all(peers.map(use)))
      const { connections, dials } = manager.metrics
      verify(dials.started - started === waiters && connections === 0, `${dials.started - started} dials of ${waiters}`)
      verify(told - before === 4 * waiters, `${told - before} transitions of ${4 * waiters}`)
      return each
    },
    stop: () => manager.shutdown(),
  }
}

async function genericQueued(waiters, isFresh) {
  let made = 0
  const { createPool } = await import('generic-pool')
  const pool = createPool({ create: async () => ({ id: made++ }), destroy: async () => {} }, { max: SLOTS })
  const use = async () => {
    const link = await pool.acquire()
    await (isFresh ? pool.destroy(link) : pool.release(link))
  }
  return {
    warm: () => Promise.all(Array.from({ length: waiters >> 2 }, use)),
    async round() {
      const before = made
      const each = await microsecondsEach(waiters, () => Promise.all(Array.from({ length: waiters }, use)))
      verify((isFresh ? made - before === waiters : made <= SLOTS) && pool.borrowed === 0, `${made - before} made of ${waiters}`)
      return each
    },
    stop: () => pool.drain().then(() => pool.clear()),
  }
}

async function tarnQueued(waiters, isFresh) {
  let made = 0
  // It has no way to end a link that is in use; one that does not validate is destroyed when it would be used again.
  const { Pool } = await import('tarn')
  const pool = new Pool({
    create: async () => ({ id: made++, isUsed: false }),
    validate: (link) => !link.isUsed,
    destroy: async () => {},
    min: 0,
    max: SLOTS,
    idleTimeoutMillis: 300_000,
  })
  const use = async () => {
    const link = await pool.acquire().promise
    link.isUsed = isFresh
    pool.release(link)
  }
  return {
    warm: () => Promise.all(Array.from({ length: waiters >> 2 }, use)),
    async round() {
      const before = made
      const each = await microsecondsEach(waiters, () => Promise.all(Array.from({ length: waiters }, use)))
      verify((isFresh ? made - before === waiters : made <= SLOTS) && pool.numUsed() === 0, `${made - before} made of ${waiters}`)
      return each
    },
    stop: () => pool.destroy(),
  }
}
