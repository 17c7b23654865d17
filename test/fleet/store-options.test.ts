/** Options of stores: what is wrong is refused by name, before anything is connected. */
import { memoryStore } from 'qudag-connections/fleet'
import { clusterStore } from 'qudag-connections/fleet/cluster'
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { redisStore } from 'qudag-connections/fleet/redis'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import { describe, expect, test } from 'vitest'

const url = 'redis://127.0.0.1:1'
const etcd = 'http://127.0.0.1:1'

describe('the options of a store', () => {
  test.each<[string, () => unknown, string]>([
    ['memory: unknown', () => memoryStore({ clok: 1 } as object), "did you mean 'clock'"],
    ['cluster: unknown', () => clusterStore({ deadline: 1 } as object), "did you mean 'deadlineMs'"],
    ['cluster: a deadline', () => clusterStore({ deadlineMs: 0 }), 'deadlineMs must be'],
    ['redis: unknown', () => redisStore({ url, sweep: 1 } as object), "did you mean 'sweepMs'"],
    ['redis: neither url nor client', () => redisStore({}), 'either a url or a client'],
    ['redis: both', () => redisStore({ url, client: { duplicate: () => undefined } }), 'either a url or a client'],
    ['redis: a name with braces', () => redisStore({ url, name: '{a}' }), 'without braces'],
    ['redis: a deadline', () => redisStore({ url, deadlineMs: 60_001 }), 'deadlineMs must be'],
    ['etcd: unknown', () => etcdStore({ url: etcd, header: {} } as { url: string }), "did you mean 'headers'"],
    ['etcd: no url', () => etcdStore({ url: [] }), 'needs a url'],
    ['etcd: a url that is none', () => etcdStore({ url: 'nowhere' }), 'Invalid URL'],
    ['etcd: a name with a slash', () => etcdStore({ url: etcd, name: 'a/b' }), 'without slashes'],
    [
      'the suite: no framework',
      () => testFleetStore({ name: 'none', open: () => ({ clients: [memoryStore(), memoryStore()] }) }),
      'needs a test framework',
    ],
  ])('%s', (_title, make, says) => {
    expect(make).toThrow(says)
  })

  test.each([0, 0.5, -1, NaN, Infinity, 86_400_001])('a lease of %d ms is refused by every engine alike', async (ttlMs) => {
    for (const store of [memoryStore(), redisStore({ url }), etcdStore({ url: etcd })]) {
      await expect(store.grant(ttlMs)).rejects.toThrow('ttlMs must be a whole number')
      await store.close()
    }
  })
})
