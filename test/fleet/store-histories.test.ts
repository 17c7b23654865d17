/** Every store does what a small model does, in generated histories of calls by two clients. */
import fc from 'fast-check'
import { type FleetStore, memoryStore } from 'qudag-connections/fleet'
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { redisStore } from 'qudag-connections/fleet/redis'
import { VirtualClock } from 'qudag-connections/testing'
import { afterAll, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { program } from './cluster-program.ts'
import { PLANTED } from './planted-stores.ts'
import { startEtcd, startRedis } from './servers.ts'
import { drive, histories } from './store-histories.mjs'

const closes: (() => unknown)[] = []
afterAll(async () => {
  for (const close of closes.toReversed()) await close()
})

describe('in every history of calls', () => {
  test('a store in memory does what the model does', async () => {
    const store = memoryStore({ clock: new VirtualClock() })
    await check([store, store.client()], 300)
  })

  test('a store with a planted fault does another thing', async () => {
    const plant = PLANTED['only the first condition is looked at']!
    const clock = new VirtualClock()
    const store = memoryStore({ clock })

    await expect(check([plant(store, clock), plant(store.client(), clock)], 300)).rejects.toMatchObject({
      cause: { message: expect.stringContaining('the store says') },
    })
  })

  test(
    'a store on redis does what the model does',
    async () => {
      const server = await startRedis()
      closes.push(() => server.kill())
      const options = { url: `redis://127.0.0.1:${server.port}`, deadlineMs: 20_000 }
      await check([redisStore(options), redisStore(options)], 60)
    },
    DEBIAN_MS,
  )

  test(
    'a store on etcd does what the model does',
    async () => {
      const server = await startEtcd()
      closes.push(() => server.kill())
      const options = { url: `http://127.0.0.1:${server.port}`, deadlineMs: 20_000 }
      await check([etcdStore(options), etcdStore(options)], 20)
    },
    DEBIAN_MS,
  )

  test('a store of node:cluster does what the model does', async () => {
    expect(await program('histories')).toBe('no counterexample')
  }, 120_000)
})

async function check(stores: readonly [FleetStore, FleetStore], numRuns: number): Promise<void> {
  let runs = 0
  closes.push(() => Promise.all(stores.map((store) => store.close())))
  await fc.assert(
    fc.asyncProperty(histories, (history) => drive(stores, `history-${++runs}/`, history)),
    { numRuns },
  )
}
