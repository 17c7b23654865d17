/** Stores on real servers whose paths and servers fail: every call settles in time, a write is done once, and lost data is another life. */
import type { FleetStore } from 'qudag-connections/fleet'
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { redisStore } from 'qudag-connections/fleet/redis'
import { faultProxy } from 'qudag-connections/testing/fault-proxy'
import { afterEach, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { dataFolder, freePort, type Server, startEtcd, startRedis } from './servers.ts'
import { absent, portOf, put, until, watched } from './store-steps.ts'

interface Given {
  readonly deadlineMs?: number
}

const ENGINES = {
  redis: {
    start: startRedis,
    open: (port: number, given: Given = {}) => redisStore({ url: `redis://127.0.0.1:${port}`, sweepMs: 200, deadlineMs: 20_000, ...given }),
    keepsLife: false,
  },
  etcd: {
    start: startEtcd,
    open: (port: number, given: Given = {}) =>
      etcdStore({ url: `http://127.0.0.1:${port}`, rewatchMs: 1_000, deadlineMs: 20_000, ...given }),
    keepsLife: true,
  },
} as const

const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0).toReversed()) await close()
})

describe.each(Object.entries(ENGINES))('a store on %s', (_name, engine) => {
  test(
    'does a write once whose reply is lost, and says so',
    async () => {
      const { server, proxy } = await proxied()
      const [near, far] = [store(server.port), store(portOf(proxy))]
      for (let i = 0; i < 5; i++) {
        const before = await far.write([], [put('warm', String(i))])
        const told: string[] = []
        const stop = near.watch(`claim/${i}`, (event) => told.push(event.type))
        await until(() => told.length > 0)
        for (const link of proxy.links) link.truncate(1, 'toDialer')

        const claim = await far.write([absent(`claim/${i}`)], [put(`claim/${i}`, 'mine')])

        expect(claim.done && before.done && claim.revision > before.revision).toBe(true)
        expect(await near.get(`claim/${i}`)).toMatchObject({ value: 'mine', revision: claim.done && claim.revision })
        await near.write([], [{ type: 'delete', key: `claim/${i}` }])
        await until(() => told.includes('delete'))
        expect(told).toEqual(['lost', 'put', 'delete'])
        stop()
      }
    },
    DEBIAN_MS,
  )

  test(
    'takes another path when one has vanished, and does what never arrived',
    async () => {
      const { proxy } = await proxied()
      const far = store(portOf(proxy), { deadlineMs: 6_000 })
      await far.write([], [put('warm', '')])
      for (const link of proxy.links) link.vanish()

      expect(await far.write([absent('claim')], [put('claim', '')])).toMatchObject({ done: true })
    },
    DEBIAN_MS,
  )

  test(
    'rejects within the deadline while the path is away, in each call, and serves again when it is back',
    async () => {
      const { proxy } = await proxied()
      const far = store(portOf(proxy), { deadlineMs: 1_500 })
      const patient = store(portOf(proxy))
      const lease = await patient.grant(600_000)
      await far.life().catch(() => far.life())
      proxy.vanish()
      const startedAt = performance.now()
      const calls = [
        far.life(),
        far.grant(1_000),
        far.renew(lease),
        far.revoke(lease),
        far.get('a'),
        far.list(''),
        far.write([], [put('a', '')]),
      ]
      const outcomes = await Promise.allSettled(calls)

      // Half a minute for a machine that does much else: without a deadline it would be for ever.
      expect(performance.now() - startedAt).toBeLessThan(30_000)
      for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE' } })
      proxy.heal()
      expect(await patient.list('b')).toEqual([])
    },
    DEBIAN_MS,
  )

  test(
    'serves over a path with a round trip of a second',
    async () => {
      const { proxy } = await proxied()
      const far = store(portOf(proxy), { deadlineMs: 30_000 })
      proxy.latency(500)
      const lease = await far.grant(60_000)

      expect(await far.write([absent('a')], [put('a', 'x', lease)])).toMatchObject({ done: true })
      expect(await far.get('a')).toMatchObject({ value: 'x', lease })
    },
    DEBIAN_MS,
  )

  test(
    'says that nothing is there',
    async () => {
      const startedAt = performance.now()
      const error: unknown = await store(await freePort(), { deadlineMs: 500 })
        .get('a')
        .catch((reason: unknown) => reason)

      expect(error).toMatchObject({ code: 'ERR_STORE', reason: 'unreachable', cause: { message: expect.stringContaining('ECONNREFUSED') } })
      expect(performance.now() - startedAt).toBeLessThan(30_000)
    },
    DEBIAN_MS,
  )

  test(
    'ends a call that waits when it is closed',
    async () => {
      const { proxy } = await proxied()
      const far = store(portOf(proxy))
      await far.life()
      proxy.vanish()
      const waiting = far.get('a')
      const closing = far.close()

      await expect(waiting).rejects.toMatchObject({ code: 'ERR_STORE', reason: 'closed' })
      proxy.heal()
      await closing
    },
    DEBIAN_MS,
  )

  test(
    'has its data and its leases again after a restart, and tells a watch what it missed',
    async () => {
      const [folder, port] = [dataFolder(), await freePort()]
      const server = await start({ folder, port })
      const one = store(port)
      const [life, lease] = [await one.life(), await one.grant(600_000)]
      const write = await one.write([], [put('a', 'x', lease), put('b', 'y')])
      const told = await watched(one)

      await server.kill()
      await start({ folder, port })

      expect(await store(port).list('')).toMatchObject([{ value: 'x', lease }, { value: 'y' }])
      expect((await one.life()) === life).toBe(engine.keepsLife)
      expect(await one.renew(lease)).toBe(true)
      const next = await one.write([], [put('c', '')])
      expect(next.done && write.done && next.revision > write.revision).toBe(true)
      await until(() => told.some((event) => event.type === 'lost' || (event.type === 'put' && event.entry.key === 'c')))
    },
    DEBIAN_MS,
  )

  test(
    'begins another life after a restart without its data, with revisions above all that were given',
    async () => {
      const port = await freePort()
      const server = await start({ port })
      const one = store(port)
      const [life, lease] = [await one.life(), await one.grant(600_000)]
      let last = 0
      for (let i = 0; i < 20; i++) {
        const write = await one.write([], [put('a', String(i), lease)])
        if (write.done) last = write.revision
      }
      const told = await watched(one)

      await server.kill()
      await start({ port })

      const another = store(port)
      expect(await another.life()).not.toBe(life)
      expect(await one.life()).toBe(await another.life())
      await until(() => told.some(({ type }) => type === 'lost'))
      expect(await one.renew(lease)).toBe(false)
      expect(await one.get('a')).toBe(undefined)
      expect(await one.write([{ key: 'a', revision: last }], [put('a', '')])).toMatchObject({ done: false, found: [] })
      const next = await one.write([absent('a')], [put('a', '')])
      expect(next.done && next.revision > last).toBe(true)
    },
    DEBIAN_MS,
  )

  /** A client that is closed with the test. */
  function store(port: number, given?: Given): FleetStore {
    const opened = engine.open(port, given)
    closes.push(() => opened.close())
    return opened
  }

  async function start(options: { readonly folder?: string; readonly port?: number } = {}): Promise<Server> {
    const server = await engine.start(options)
    closes.push(() => server.kill())
    return server
  }

  async function proxied() {
    const server = await start()
    const proxy = await faultProxy(`tcp://127.0.0.1:${server.port}`)
    closes.push(() => proxy.close())
    return { server, proxy }
  }
})
