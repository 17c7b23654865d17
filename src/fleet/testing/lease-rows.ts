/** What leases, watches and lives of a store promise. */
import type { StoreEvent } from '../store.ts'
import { as, check, checkSame, del, done, LONG_MS, put, refused, type Row, until, watching } from './party.ts'

/** Leases. */
export const LEASE_ROWS: readonly Row[] = [
  {
    title: 'a lease ends by itself, not before its time, with every key under it, and does not come back',
    async run(p) {
      const { a, b, prefix, leaseMs, lateMs } = p
      const sent = p.now()
      const lease = await a.grant(leaseMs)
      if (!(await a.write([], [put(`${prefix}1`, '', lease), put(`${prefix}2`, '', lease), put(`${prefix}stays`, '')])).done) {
        return check(p.now() - sent >= leaseMs, 'a lease ended before its time')
      }
      let keys: readonly string[] = []
      await until(p, 'the end of a lease', leaseMs + lateMs, async () => {
        keys = (await b.list(prefix)).map(({ key }) => key.slice(prefix.length))
        if (keys.length === 3) return false
        check(p.now() - sent >= leaseMs, `a lease of ${leaseMs} ms ended ${p.now() - sent} ms after it was asked for`)
        return true
      })
      checkSame(keys, ['stays'], 'what is left when a lease has ended: its keys go together')
      checkSame(await a.get(`${prefix}1`), undefined, 'a key whose lease has ended')
      checkSame(await a.renew(lease), false, 'the renewal of a lease that has ended')
      const late = refused(await a.write([as(`${prefix}1`)], [put(`${prefix}1`, '', lease)]), 'a write under a lease that has ended')
      checkSame(late.leaseEnded, true, 'leaseEnded of a write under a lease that has ended')
      checkSame((await b.list(prefix)).length, 1, 'what stands after it')
      await a.revoke(lease)
    },
  },
  {
    title: 'a renewal gives a lease its whole length again',
    async run(p) {
      const { a, b, prefix, leaseMs, lateMs } = p
      for (let tries = 0; ; tries++) {
        check(tries < 10, 'a lease was gone before its renewal ten times: is this machine so slow?')
        const key = `${prefix}${tries}`
        const asked = p.now()
        const lease = await a.grant(leaseMs)
        await a.write([], [put(key, '', lease)])
        await p.wait(leaseMs * 0.6)
        const renewed = p.now()
        if (!(await b.renew(lease))) {
          check(p.now() - asked >= leaseMs, 'a lease was gone before its time')
          continue
        }
        await until(p, 'the end of a renewed lease', leaseMs + lateMs, async () => {
          if ((await a.get(key)) !== undefined) return false
          check(p.now() - renewed >= leaseMs, `a lease of ${leaseMs} ms ended ${p.now() - renewed} ms after its renewal`)
          return true
        })
        return
      }
    },
  },
  {
    title: 'a revoked lease is over at once, with its keys, and a lease that nobody was granted is over already',
    async run({ a, b, prefix }) {
      const lease = await a.grant(LONG_MS)
      const other = await a.grant(LONG_MS)
      check(lease !== other, 'two leases have two names')
      done(await a.write([], [put(`${prefix}1`, '', lease), put(`${prefix}2`, '', other)]), 'a write under two leases')
      checkSame(
        (await b.list(prefix)).map((entry) => entry.lease),
        [lease, other],
        'the leases of the keys',
      )
      await b.revoke(lease)
      checkSame(
        (await a.list(prefix)).map(({ lease: one }) => one),
        [other],
        'the leases that are left',
      )
      checkSame(await a.renew(lease), false, 'the renewal of a revoked lease')
      checkSame(await a.renew(other), true, 'the renewal of the other')
      checkSame(refused(await b.write([], [put(`${prefix}3`, '', lease)]), 'a write under a revoked lease').leaseEnded, true, 'leaseEnded')
      await a.revoke(lease)
      await a.revoke('4')
      checkSame(await a.renew('4'), false, 'the renewal of a lease that nobody was granted')
      checkSame(refused(await b.write([], [put(`${prefix}3`, '', '4')]), 'a write under such a lease').leaseEnded, true, 'leaseEnded')
      await a.revoke(other)
    },
  },
  {
    title: 'a key falls with the lease of its last write alone',
    async run({ a, b, prefix }) {
      const [one, two] = [await a.grant(LONG_MS), await b.grant(LONG_MS)]
      const [freed, moved, again] = [`${prefix}freed`, `${prefix}moved`, `${prefix}again`] as const
      await a.write([], [put(freed, '1', one), put(moved, '1', one), put(again, '1', one)])
      await b.write([], [put(freed, '2'), put(moved, '2', two), del(again)])
      await b.write([], [put(again, '2')])
      await a.revoke(one)
      checkSame(
        (await b.list(prefix)).map(({ value }) => value),
        ['2', '2', '2'],
        'what stands when the first lease is revoked',
      )
      await a.revoke(two)
      checkSame(
        (await b.list(prefix)).map(({ key }) => key),
        [again, freed],
        'what stands when the second is revoked',
      )
    },
  },
]

/** Watches, lives and the end. */
export const WATCH_ROWS: readonly Row[] = [
  {
    title: 'a watch is told of every change below its prefix, in order, whoever made it',
    async run(p) {
      const { a, b, prefix } = p
      const lease = await a.grant(LONG_MS)
      await a.write([], [put(`${prefix}in/0`, 'before')])
      const { told } = await watching(p, b, `${prefix}in/`)
      const revisions = [
        done(await a.write([], [put(`${prefix}in/1`, 'x'), put(`${prefix}out/1`, '')]), 'a write'),
        done(await b.write([], [put(`${prefix}in/1`, 'y', lease)]), 'a write'),
        done(await b.write([], [del(`${prefix}in/0`)]), 'a delete'),
      ]
      await a.revoke(lease)
      await until(p, 'the news of four changes', p.lateMs, () => told.length > 4)
      const [, ...events] = told
      checkSame(
        events.map(shownEvent),
        ['put in/1 x', 'put in/1 y', 'delete in/0', 'delete in/1'].map((text) => text.replace('in/', `${prefix}in/`)),
        'what the watch was told',
      )
      checkSame(events.slice(0, 3).map(revisionOf), revisions, 'the revisions that it was told')
      check(revisionOf(events[3]!)! > revisions[2]!, 'the end of a lease is a change with a revision of its own')
      const second = events[1]!
      checkSame(second.type === 'put' && second.entry.lease, lease, 'the lease that it was told')
    },
  },
  {
    title: 'a watch hears of a lease that ended by itself',
    async run(p) {
      const { a, b, prefix, leaseMs, lateMs } = p
      const { told } = await watching(p, b, prefix)
      const lease = await a.grant(leaseMs)
      if (!(await a.write([], [put(`${prefix}1`, '', lease)])).done) return
      await until(p, 'the news of the end of a lease', leaseMs + lateMs * 2, () => told.some(({ type }) => type === 'delete'))
      checkSame(await a.get(`${prefix}1`), undefined, 'a key that a watch was told is gone')
    },
  },
  {
    title: 'a watch that was ended is told nothing more; a store that was closed neither, and its calls fail',
    async run(p) {
      const { a, b, prefix } = p
      const [ended, closed, other] = [await watching(p, a, prefix), await watching(p, b, prefix), await watching(p, a, prefix)]
      ended.stop()
      ended.stop()
      await b.close()
      await b.close()
      await a.write([], [put(`${prefix}1`, '')])
      await until(p, 'the news for the watch that is left', p.lateMs, () => other.told.length > 1)
      await p.wait(1)
      checkSame([ended.told.length, closed.told.length], [1, 1], 'how often those were told that are over')
      const code = await b.get(`${prefix}1`).then(
        () => 'nothing',
        (error: { code?: unknown }) => error.code,
      )
      checkSame(code, 'ERR_STORE', 'what a call of a closed store rejects with')
      checkSame((await a.get(`${prefix}1`))?.key, `${prefix}1`, 'what the other client reads')
    },
  },
  {
    title: 'the life of the data has one name for every client, and keeps it',
    async run({ a, b, prefix }) {
      const life = await a.life()
      check(life !== '', 'a life has a name')
      done(await b.write([], [put(`${prefix}1`, '')]), 'a write')
      checkSame([await b.life(), await a.life()], [life, life], 'the name of the life')
    },
  },
  {
    title: 'lost data is another life: watches are told, leases are gone, and revisions go on above the old ones',
    needs: 'loseData',
    async run(p) {
      const { a, b, prefix } = p
      const key = `${prefix}1`
      const { told } = await watching(p, b, prefix)
      const [life, lease] = [await a.life(), await a.grant(LONG_MS)]
      let last = 0
      for (let i = 0; i < 5; i++) last = done(await a.write([], [put(key, String(i), lease)]), 'a write')
      const before = (await b.get(key))!
      await p.loseData()
      await until(p, 'another life', p.lateMs, async () => (await b.life().catch(() => life)) !== life)
      await until(p, '`lost`, after the data was', p.lateMs, () => told.filter(({ type }) => type === 'lost').length > 1)
      checkSame(await a.get(key), undefined, 'a key of the life before')
      checkSame(await a.life(), await b.life(), 'the name of the life')
      checkSame(await a.renew(lease), false, 'the renewal of a lease of the life before')
      refused(await a.write([as(key, before)], [put(key, '')]), 'a write that expects what stood in the life before')
      const next = done(await a.write([as(key)], [put(key, '')]), 'the first write of a life')
      check(next > last, `the first revision of a life, ${next}, should be above ${last}, the last of the life before`)
    },
  },
]

function shownEvent(event: StoreEvent): string {
  if (event.type === 'put') return `put ${event.entry.key} ${event.entry.value}`
  return event.type === 'delete' ? `delete ${event.key}` : 'lost'
}

function revisionOf(event: StoreEvent): number | undefined {
  if (event.type === 'put') return event.entry.revision
  return event.type === 'delete' ? event.revision : undefined
}
