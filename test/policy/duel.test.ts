/** Of two links to one proven peer both ends keep the same one, which `arrivingWins` decides at each end alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivingWins, decideDuplicate, type Direction, type Duel, type Duplicates } from '../../machines/policy/duel.ts'

const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 2 }) as unknown as fc.Arbitrary<
  [string, string]
>
const directions: fc.Arbitrary<Direction> = fc.constantFrom('inbound', 'outbound')

describe('arrivingWins', () => {
  test('in opposite directions both ends keep the same link: the one that the lower id dialled', () => {
    fc.assert(
      fc.property(ids, fc.boolean(), fc.boolean(), ([mine, theirs], hearsOwnFirst, theyHearOwnFirst) => {
        const keptHere = kept(mine, theirs, hearsOwnFirst)
        const keptThere = kept(theirs, mine, theyHearOwnFirst)
        expect(keptHere).toBe(keptThere)
        expect(keptHere).toBe(mine < theirs ? mine : theirs)
      }),
    )
  })

  test('in the same direction the newer replaces the older', () => {
    fc.assert(
      fc.property(ids, directions, fc.boolean(), ([mine, theirs], direction, isProven) => {
        const localPeerId = isProven ? mine : undefined
        expect(arrivingWins({ localPeerId, peerId: theirs, held: direction, arriving: direction })).toBe(true)
      }),
    )
  })

  test('where we have proven no id, the newer wins', () => {
    fc.assert(
      fc.property(ids, directions, directions, ([, peerId], held, arriving) => {
        expect(arrivingWins({ localPeerId: undefined, peerId, held, arriving })).toBe(true)
      }),
    )
  })
})

describe('decideDuplicate', () => {
  const policies: fc.Arbitrary<Duplicates> = fc.constantFrom('newest', 'oldest', 'several')

  test('of two links that the other side has opened the policy alone says what becomes of the newer', () => {
    const told = { newest: 'replace', oldest: 'duplicate', several: 'beside' }
    fc.assert(
      fc.property(policies, ids, fc.boolean(), (policy, [mine, peerId], isProven) => {
        const duel: Duel = { localPeerId: isProven ? mine : undefined, peerId, held: 'inbound', arriving: 'inbound' }
        expect(decideDuplicate(policy, duel)).toBe(told[policy])
      }),
    )
  })

  test('where either of them is ours the duel decides, whatever the policy', () => {
    fc.assert(
      fc.property(policies, ids, directions, directions, fc.boolean(), (policy, [mine, peerId], held, arriving, isProven) => {
        fc.pre(held === 'outbound' || arriving === 'outbound')
        const duel: Duel = { localPeerId: isProven ? mine : undefined, peerId, held, arriving }
        expect(decideDuplicate(policy, duel)).toBe(arrivingWins(duel) ? 'replace' : 'superseded')
      }),
    )
  })
})

/** Who dialled the link that an end keeps, when it hears of its own dial and of the other's link in either order. */
function kept(localPeerId: string, peerId: string, ownFirst: boolean): string {
  const duel: Duel = ownFirst
    ? { localPeerId, peerId, held: 'outbound', arriving: 'inbound' }
    : { localPeerId, peerId, held: 'inbound', arriving: 'outbound' }
  const winner = arrivingWins(duel) ? duel.arriving : duel.held
  return winner === 'outbound' ? localPeerId : peerId
}
