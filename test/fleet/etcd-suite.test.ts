/** The suite of stores on a real etcd. */
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { etcdWithoutData, type Server, startEtcd } from './servers.ts'

let server: Server

beforeAll(async () => {
  server = await startEtcd()
}, DEBIAN_MS)
afterAll(() => server.kill())

testFleetStore(
  {
    name: 'etcd',
    losesData: true,
    leaseMs: 1_000,
    lateMs: 10_000,
    open: () => {
      const options = { url: `http://127.0.0.1:${server.port}`, deadlineMs: 10_000 }
      return { clients: [etcdStore(options), etcdStore(options)], loseData: () => etcdWithoutData(server.port) }
    },
  },
  { describe, test },
)
