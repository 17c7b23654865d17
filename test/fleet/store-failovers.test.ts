/** Stores on real servers that lose what they have said: a failover of Redis, an etcd put back to an earlier state, and servers that refuse. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { etcdStore } from 'qudag-connections/fleet/etcd'
import { redisStore } from 'qudag-connections/fleet/redis'
import { afterEach, describe, expect, test } from 'vitest'
import { DEBIAN_MS } from '../setup/debian-binary.ts'
import { dataFolder, detour, freePort, redisSays, startEtcd, startRedis } from './servers.ts'
import { absent, eventually, put, until, watched } from './store-steps.ts'

const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0).toReversed()) await close()
})

describe('a store on redis', () => {
  test(
    'gives a higher fence after a failover to a replica that has lost the last claim',
    async () => {
      const [master, replica] = [await startRedis(), await startRedis()]
      closes.push(
        () => master.kill(),
        () => replica.kill(),
      )
      const link = await detour(master.port)
      const path = await detour(master.port)
      await redisSays(replica.port, `REPLICAOF 127.0.0.1 ${link.port}`)
      await eventually(async () => (await redisSays(replica.port, 'INFO replication')).includes('master_link_status:up'))
      const [one, other] = [redisStore({ url: `redis://127.0.0.1:${path.port}` }), redisStore({ url: `redis://127.0.0.1:${path.port}` })]
      closes.push(
        () => one.close(),
        () => other.close(),
        () => link.close(),
        () => path.close(),
      )
      const kept = await one.write([], [put('peer/kept', 'one')])
      await redisSays(master.port, 'WAIT 1 20000')
      const [life, told] = [await one.life(), await watched(one)]
      // The replica hears nothing more, and does not know.
      link.lead(await freePort())
      const lost = await one.write([absent('peer/lost')], [put('peer/lost', 'one')])
      await master.kill()
      await redisSays(replica.port, 'REPLICAOF NO ONE')
      path.lead(replica.port)

      const again = await other.write([absent('peer/lost')], [put('peer/lost', 'other')])

      expect(again.done && lost.done && kept.done && again.revision > lost.revision).toBe(true)
      expect(await one.life()).not.toBe(life)
      expect(await one.list('peer/')).toMatchObject([{ value: 'one' }, { value: 'other' }])
      await until(() => told.some(({ type }) => type === 'lost'))
    },
    DEBIAN_MS,
  )

  test(
    'is not answered by a replica',
    async () => {
      const [master, replica] = [await startRedis(), await startRedis()]
      closes.push(
        () => master.kill(),
        () => replica.kill(),
      )
      const one = redisStore({ url: `redis://127.0.0.1:${master.port}` })
      await one.write([], [put('a', '')])
      await one.close()
      await redisSays(replica.port, `REPLICAOF 127.0.0.1 ${master.port}`)
      await eventually(async () => (await redisSays(replica.port, 'INFO replication')).includes('master_link_status:up'))
      const stale = redisStore({ url: `redis://127.0.0.1:${replica.port}`, deadlineMs: 2_000 })
      closes.push(() => stale.close())

      await expect(stale.get('a')).rejects.toMatchObject({ code: 'ERR_STORE', reason: 'unreachable' })
    },
    DEBIAN_MS,
  )

  test(
    'says what the server refuses',
    async () => {
      const server = await startRedis({ more: ['--requirepass', 'secret'] })
      closes.push(() => server.kill())
      const stranger = redisStore({ url: `redis://:wrong@127.0.0.1:${server.port}` })
      const known = redisStore({ url: `redis://:secret@127.0.0.1:${server.port}` })
      closes.push(
        () => stranger.close(),
        () => known.close(),
      )
      const error = await stranger.get('a').then(
        () => new Error('nothing'),
        (reason: Error) => reason,
      )

      expect(error).toMatchObject({ code: 'ERR_STORE', reason: 'refused' })
      expect(error.message).not.toContain('wrong')
      expect(await known.get('a')).toBe(undefined)
    },
    DEBIAN_MS,
  )
})

describe('a store on etcd', () => {
  test(
    'begins another life when the data was put back to what it was before',
    async () => {
      const [folder, earlier, port] = [dataFolder(), dataFolder(), await freePort()]
      const first = await startEtcd({ folder, port })
      const one = etcdStore({ url: `http://127.0.0.1:${port}`, deadlineMs: 20_000 })
      closes.push(() => one.close())
      await one.write([], [put('a', 'before')])
      await first.kill()
      cpSync(join(folder, 'etcd'), join(earlier, 'etcd'), { recursive: true })
      const second = await startEtcd({ folder, port })
      const life = await one.life()
      let last = 0
      for (let i = 0; i < 20; i++) {
        const write = await one.write([], [put('a', String(i))])
        if (write.done) last = write.revision
      }
      await second.kill()
      const third = await startEtcd({ folder: earlier, port })
      closes.push(() => third.kill())

      expect(await one.get('a')).toMatchObject({ value: 'before' })
      expect(await one.life()).not.toBe(life)
      const next = await one.write([], [put('a', 'after')])
      expect(next.done && next.revision > last).toBe(true)
    },
    DEBIAN_MS,
  )
})
