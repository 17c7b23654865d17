/** Exactly one yields, the first of a total order, and never to its equal. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseIp } from '../../machines/domain/ip.ts'
import { type Candidate, compareCandidates, decideEviction, groupOf, isPastGrace } from '../../machines/policy/eviction.ts'

/** Few values each, so that candidates are alike in some of them about as often as not. */
const fields = fc.record({
  score: fc.constantFrom(-1, 0, 0.5, 2),
  isActive: fc.boolean(),
  direction: fc.constantFrom('inbound' as const, 'outbound' as const),
  groupSize: fc.integer({ min: 1, max: 3 }),
})
const crowds: fc.Arbitrary<Candidate[]> = fc
  .array(fields, { minLength: 1, maxLength: 30 })
  .map((crowd) => crowd.map((candidate, order) => ({ ...candidate, order })))
const contests = fc.record({ score: fc.constantFrom(-1, 0, 0.5, 2), lowest: fc.option(fc.constantFrom(-1, 0, 0.5, 2), { nil: undefined }) })

describe('compareCandidates', () => {
  test('the order is total: no two are equal, turning a pair round turns the answer, and it is transitive', () => {
    fc.assert(
      fc.property(crowds, (crowd) => {
        for (const a of crowd) {
          for (const b of crowd) {
            expect(Math.sign(compareCandidates(a, b)) + Math.sign(compareCandidates(b, a))).toBe(0)
            expect(compareCandidates(a, b) === 0).toBe(a === b)
          }
        }
        const sorted = crowd.toSorted(compareCandidates)
        for (const [i, a] of sorted.entries()) for (const b of sorted.slice(i + 1)) expect(compareCandidates(a, b)).toBeLessThan(0)
      }),
    )
  })

  test.each<[string, Partial<Candidate>, Partial<Candidate>]>([
    ['the lowest score, whatever else', { score: -1, isActive: true, direction: 'outbound', groupSize: 1, order: 1 }, { score: 0 }],
    ['then who is idle', { isActive: false, direction: 'outbound', groupSize: 1, order: 1 }, { isActive: true }],
    ['then who came to us', { direction: 'inbound', groupSize: 1, order: 1 }, { direction: 'outbound' }],
    ['then one of the largest group', { groupSize: 3, order: 1 }, { groupSize: 2 }],
    ['then the youngest', { order: 10 }, {}],
  ])('goes first: %s', (_, first, second) => {
    const other: Candidate = { score: 0, isActive: false, direction: 'inbound', groupSize: 3, order: 9 }
    expect(compareCandidates({ ...other, ...first }, { ...other, ...second })).toBeLessThan(0)
  })
})

describe('decideEviction', () => {
  test('the first yields to a newcomer that is worth more, and never to its equal', () => {
    fc.assert(
      fc.property(contests, (contest) => {
        const { score, lowest } = contest
        const kind = lowest !== undefined && lowest < score ? 'evict' : 'exhausted'
        expect(decideEviction(contest)).toEqual({ kind, score, lowest })
      }),
    )
  })

  test('where the first does not yield, nobody would: it is worth least of all', () => {
    fc.assert(
      fc.property(crowds, fc.constantFrom(-1, 0, 0.5, 2), (crowd, score) => {
        const [first] = crowd.toSorted(compareCandidates)
        const { kind } = decideEviction({ score, lowest: first?.score })
        expect(kind === 'evict').toBe(crowd.some((candidate) => candidate.score < score))
      }),
    )
  })
})

test('at exactly the grace it is over', () => {
  expect([29_999, 30_000, 30_001].map((at) => isPastGrace(0, at, 30_000))).toEqual([false, true, true])
})

test('one network is one group: an IPv4 /24, an IPv6 /48; what is no IP has none', () => {
  const group = (text: string): string | undefined => groupOf(parseIp(text))
  expect(group('203.0.113.1')).toBe(group('203.0.113.254'))
  expect(group('203.0.113.1')).not.toBe(group('203.0.114.1'))
  expect(group('::ffff:203.0.113.1')).toBe(group('203.0.113.1'))
  expect(group('2001:db8:1:1::1')).toBe(group('2001:db8:1:2::1'))
  expect(group('2001:db8:1::1')).not.toBe(group('2001:db8:2::1'))
  expect(group('peer')).toBeUndefined()
})
