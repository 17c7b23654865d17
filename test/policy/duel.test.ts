/** Of two links to one proven peer both ends keep the same one, which `arrivingWins` decides at each end alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrivingWins, type Direction, type Duel } from '../../machines/policy/duel.ts'

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

/** Who dialled the link that an end keeps, when it hears of its own dial and of the other's link in either order. */
function kept(localPeerId: string, peerId: string, ownFirst: boolean): string {
  const duel: Duel = ownFirst
    ? { localPeerId, peerId, held: 'outbound', arriving: 'inbound' }
    : { localPeerId, peerId, held: 'inbound', arriving: 'outbound' }
  const winner = arrivingWins(duel) ? duel.arriving : duel.held
  return winner === 'outbound' ? localPeerId : peerId
}
