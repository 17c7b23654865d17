/** What writes and reads of a store promise. */
import { as, check, checkSame, del, done, put, refused, type Row } from './party.ts'

const REASON = new Error('planted by the suite')

/** Writes, reads and conditions. */
export const WRITE_ROWS: readonly Row[] = [
  {
    title: 'what is written is read by every client, as it was written',
    async run({ a, b, prefix }) {
      const texts = ['', 'x', ' two words\n', '{"json":"of \\u0000 and \u0000"}', 'größer als 日本 🙂', 'x'.repeat(10_000)]
      for (const [index, text] of texts.entries()) {
        const revision = done(await a.write([], [put(`${prefix}${index}`, text)]), 'a write without conditions')
        const should = { key: `${prefix}${index}`, value: text, revision }
        const is = await b.get(`${prefix}${index}`)
        check(is?.lease === undefined, 'a key without a lease has none')
        checkSame(is && { key: is.key, value: is.value, revision: is.revision }, should, 'what is read')
      }
      checkSame(await b.get(`${prefix}none`), undefined, 'a key that is absent')
    },
  },
  {
    title: 'a list has all below its prefix and nothing else, in the order of their keys',
    async run({ a, b, prefix }) {
      const keys = ['b', 'a/2', 'a/10', 'a/', 'a', 'aa', 'a0', 'a/é', 'a/z', 'A']
      for (const key of keys) done(await a.write([], [put(prefix + key, key)]), 'a write')
      const list = async (below: string) => (await b.list(prefix + below)).map(({ value }) => value)
      checkSame(await list(''), keys.toSorted(), 'the list of all')
      checkSame(await list('a/'), ['a/', 'a/10', 'a/2', 'a/z', 'a/é'], 'the list below a/')
      checkSame(await list('a/1'), ['a/10'], 'the list below a/1')
      checkSame(await list('c'), [], 'the list of nothing')
    },
  },
  {
    title: 'revisions grow with every write, and all keys of one write share one',
    async run({ a, b, prefix }) {
      let last = 0
      for (let i = 0; i < 6; i++) {
        const store = i % 2 === 0 ? a : b
        const changes = i === 4 ? [del(`${prefix}1`)] : [put(`${prefix}${i}`, ''), put(`${prefix}same`, '')]
        const revision = done(await store.write([], changes), 'a write')
        check(Number.isSafeInteger(revision) && revision > last, `the revision ${revision} should be a whole number above ${last}`)
        if (i !== 4) checkSame((await a.get(`${prefix}same`))?.revision, revision, 'the revision of a key')
        last = revision
      }
      checkSame((await b.get(`${prefix}5`))?.revision, (await b.get(`${prefix}same`))?.revision, 'the revisions of one write')
    },
  },
  {
    title: 'a write whose conditions hold is done; with one that does not hold it does nothing, and tells what stands there',
    async run({ a, b, prefix }) {
      const [one, two, three] = [`${prefix}1`, `${prefix}2`, `${prefix}3`] as const
      done(await a.write([as(one), as(two)], [put(one, 'a'), put(two, 'a')]), 'a write to absent keys')
      const stale = (await b.get(one))!
      done(await b.write([as(one, stale)], [put(one, 'b')]), 'a write whose condition holds')

      const cases = [
        [as(one, stale), as(two, await a.get(two)), as(three)],
        [as(two, await a.get(two)), as(one, stale), as(three)],
        [as(three), as(two, await a.get(two)), as(one)],
        [as(one, await a.get(one)), as(two), as(three)],
        [as(one, await a.get(one)), as(three, stale)],
      ]
      for (const conditions of cases) {
        const failed = refused(
          await a.write(conditions, [put(one, 'c'), put(three, 'c'), del(two)]),
          'a write with a condition that does not hold',
        )
        checkSame(failed.leaseEnded, false, 'leaseEnded of a write without leases')
        const should = (await b.list(prefix)).filter(({ key }) => conditions.some((condition) => condition.key === key))
        const byKey = failed.found.toSorted((x, y) => (x.key < y.key ? -1 : 1))
        checkSame(
          byKey.map(({ key, value, revision }) => [key, value, revision]),
          should.map(({ key, value, revision }) => [key, value, revision]),
          'what a refused write found',
        )
        checkSame(
          (await a.list(prefix)).map(({ value }) => value),
          ['b', 'a'],
          'what stands after a refused write',
        )
      }
    },
  },
  {
    title: 'a delete leaves nothing; of what is absent it changes nothing; a key that comes back has another revision',
    async run({ a, b, prefix }) {
      const key = `${prefix}k`
      done(await a.write([], [put(key, '1')]), 'a write')
      const first = (await b.get(key))!
      done(await b.write([as(key, first)], [del(key)]), 'a delete')
      checkSame(await a.get(key), undefined, 'a key that was deleted')
      done(await a.write([as(key)], [del(key)]), 'a delete of what is absent')
      done(await a.write([as(key)], [put(key, '1')]), 'a write of what was deleted')
      check((await b.get(key))!.revision > first.revision, 'a key that comes back has a higher revision')
      refused(await b.write([as(key, first)], [del(key)]), 'a write that expects the key as it was before')
      done(await a.write([as(key, await a.get(key))], []), 'a write that only asks')
      refused(await a.write([as(key, first)], []), 'a write that only asks, and is told no')
    },
  },
  {
    title: 'of many who claim a key at once one gets it, and the others are told whose it is',
    async run({ a, b, prefix }) {
      const key = `${prefix}claimed`
      const claims = await Promise.all(Array.from({ length: 40 }, (_, i) => (i % 2 === 0 ? a : b).write([as(key)], [put(key, String(i))])))
      const winners = claims.flatMap((claim, i) => (claim.done ? [String(i)] : []))
      check(winners.length === 1, `one claim of 40 should win, and ${winners.length} did`)
      for (const claim of claims)
        if (!claim.done)
          checkSame(
            claim.found.map(({ value }) => value),
            winners,
            'whom the losers are told of',
          )
      checkSame((await b.get(key))?.value, winners[0], 'whose it is')
    },
  },
  {
    title: 'no update is lost between a read and a write that expects what was read',
    async run({ a, b, prefix }) {
      const key = `${prefix}count`
      const add = async (store: typeof a): Promise<void> => {
        for (let tries = 0; tries < 500; tries++) {
          const entry = await store.get(key)
          if ((await store.write([as(key, entry)], [put(key, String(Number(entry?.value ?? 0) + 1))])).done) return
        }
        throw new Error('500 tries did not succeed: somebody holds the others up')
      }
      await Promise.all(Array.from({ length: 16 }, (_, i) => add(i % 2 === 0 ? a : b)))
      checkSame((await a.get(key))?.value, '16', 'the sum of 16 additions')
    },
  },
  {
    title: 'a call whose signal is aborted rejects with its reason',
    async run({ a, prefix }) {
      const signal = AbortSignal.abort(REASON)
      const calls = [
        a.life(signal),
        a.grant(1_000, signal),
        a.renew('none', signal),
        a.revoke('none', signal),
        a.get(`${prefix}1`, signal),
        a.list(prefix, signal),
        a.write([], [put(`${prefix}1`, '')], signal),
      ]
      for (const outcome of await Promise.allSettled(calls)) {
        const isRight = outcome.status === 'rejected' && outcome.reason === REASON
        check(isRight, 'a call with an aborted signal should reject with the reason of the signal')
      }
      checkSame(await a.get(`${prefix}1`), undefined, 'what a write did that was aborted before it began')
    },
  },
  {
    title: 'what cannot be written is refused: an empty key, a key changed twice, half of a character',
    async run({ a, prefix }) {
      const wrong = [[put('', '')], [put(`${prefix}1`, ''), del(`${prefix}1`)], [put(`${prefix}1`, '\ud800')], [put(`${prefix}\udc00`, '')]]
      for (const changes of wrong) {
        const error = await a.write([], changes).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        check(error instanceof TypeError, 'a write that no store can do should reject with a TypeError')
      }
      checkSame(await a.list(prefix), [], 'what they did')
    },
  },
]
