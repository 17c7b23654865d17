/** `select` picks by the numbers, one of those given, and equals take turns. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { select, SELECTION_STRATEGIES, type SelectionCandidate } from '../../machines/policy/selection.ts'

const candidates: fc.Arbitrary<SelectionCandidate[]> = fc
  .array(
    fc.record({
      direction: fc.constantFrom('inbound' as const, 'outbound' as const),
      latency: fc.option(fc.nat(3), { nil: null }),
      holds: fc.nat(3),
      score: fc.constantFrom(-1, 0, 0.5, 3, Infinity),
      picked: fc.nat(4),
    }),
    { maxLength: 8 },
  )
  .map((crowd) => crowd.map((candidate, n) => ({ ...candidate, peerId: `peer-${n}` })))
const some = candidates.filter(({ length }) => length > 0)
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('select', () => {
  test('picks one of those given, and nobody only where there is nobody', () => {
    fc.assert(
      fc.property(candidates, fc.constantFrom(...SELECTION_STRATEGIES), random, (crowd, strategy, number) => {
        const picked = select(crowd, strategy, () => number)
        expect(picked === undefined).toBe(crowd.length === 0)
        if (picked !== undefined) expect(crowd).toContain(picked)
      }),
    )
  })

  test('least-used: nobody has fewer holds; fastest: nobody is faster', () => {
    fc.assert(
      fc.property(some, (crowd) => {
        expect(select(crowd, 'least-used', fail)?.holds).toBe(Math.min(...crowd.map(({ holds }) => holds)))
        const fastest = Math.min(...crowd.map(({ latency }) => latency ?? Infinity))
        expect(select(crowd, 'fastest', fail)?.latency ?? Infinity).toBe(fastest)
      }),
    )
  })

  test('round-robin: each has its turn before anyone has a second one, also as others come and go', () => {
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 4 }), (crowd, rounds) => {
        let now = 100
        let ring = crowd.map((candidate) => ({ ...candidate, picked: 0 }))
        for (let round = 0; round < rounds; round++) {
          const turn = ring.map(() => {
            const picked = select(ring, 'round-robin', fail)
            ring = ring.map((candidate) => (candidate.peerId === picked?.peerId ? { ...candidate, picked: ++now } : candidate))
            return picked?.peerId
          })
          expect(new Set(turn).size).toBe(ring.length)
        }
      }),
    )
  })

  test('weighted: in proportion to the scores; what is worth 0 or less is never picked, unless all are', () => {
    const crowd = [peerOf('none', 0), peerOf('less', -5), peerOf('one', 1), peerOf('three', 3)]
    const counts: Record<string, number> = {}
    for (let i = 0; i < 1_000; i++) {
      const peerId = select(crowd, 'weighted', () => i / 1_000)?.peerId ?? 'nobody'
      counts[peerId] = (counts[peerId] ?? 0) + 1
    }
    expect(counts).toEqual({ one: 250, three: 750 })
    const worthless = [peerOf('a', 0), peerOf('b', -1)]
    expect([0, 0.4, 0.5, 0.99].map((number) => select(worthless, 'weighted', () => number)?.peerId)).toEqual(['a', 'a', 'b', 'b'])
  })

  test('a function names the one that it picks; one that is not given is nobody', () => {
    fc.assert(
      fc.property(some, fc.nat(7), (crowd, n) => {
        const wanted = crowd[n % crowd.length]
        expect(select(crowd, () => wanted?.peerId, fail)).toBe(wanted)
        expect(select(crowd, () => 'stranger', fail)).toBeUndefined()
        expect(select(crowd, () => undefined, fail)).toBeUndefined()
      }),
    )
  })
})

function peerOf(peerId: string, score: number): SelectionCandidate {
  return { peerId, score, direction: 'outbound', latency: null, holds: 0, picked: 0 }
}

function fail(): never {
  throw new Error('nothing random is asked for')
}
