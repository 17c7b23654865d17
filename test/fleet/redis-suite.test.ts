/** The suite of stores on a real Redis, alone and as a Redis Cluster. */
import { redisStore } from 'qudag-connections/fleet/redis'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import { Cluster, Redis } from 'ioredis'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { redisSays, type Server, startRedis } from './servers.ts'

let alone: Server
let cluster: Server

beforeAll(async () => {
  ;[alone, cluster] = [await startRedis(), await startRedis({ more: ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'] })]
  await redisSays(cluster.port, 'CLUSTER ADDSLOTSRANGE 0 16383')
  while (!(await redisSays(cluster.port, 'CLUSTER INFO')).includes('cluster_state:ok'));
}, DEBIAN_MS)
afterAll(() => Promise.all([alone.kill(), cluster.kill()]))

const patient = { deadlineMs: 10_000, sweepMs: 200 }

testFleetStore(
  {
    name: 'redis',
    losesData: true,
    open: () => {
      const options = { ...patient, url: `redis://127.0.0.1:${alone.port}` }
      return {
        clients: [redisStore(options), redisStore(options)],
        loseData: async () => void (await redisSays(alone.port, 'FLUSHALL')),
      }
    },
  },
  { describe, test },
)

testFleetStore(
  {
    name: 'redis cluster',
    losesData: true,
    open: () => {
      const client = new Cluster([{ host: '127.0.0.1', port: cluster.port }], { lazyConnect: true })
      return {
        clients: [redisStore({ ...patient, client }), redisStore({ ...patient, client })],
        loseData: async () => void (await redisSays(cluster.port, 'FLUSHALL')),
        close: () => client.disconnect(),
      }
    },
  },
  { describe, test },
)

testFleetStore(
  {
    name: 'redis by a client',
    open: () => {
      const client = new Redis({ host: '127.0.0.1', port: alone.port, lazyConnect: true, db: 3 })
      return { clients: [redisStore({ ...patient, client }), redisStore({ ...patient, client })], close: () => client.disconnect() }
    },
  },
  { describe, test },
)
