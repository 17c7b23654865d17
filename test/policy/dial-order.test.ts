/** `dialOrder` tries each address once, in the order given, and a bounded number of them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dialOrder, MAX_ADDRESSES } from '../../machines/policy/dial-order.ts'

/** Few enough names that most lists hold some of them twice, and enough that some lists hold too many. */
const lists = fc.array(
  fc.integer({ min: 0, max: 24 }).map((n) => `tcp://host-${n}:1`),
  { maxLength: 60, size: 'max' },
)

describe('dialOrder', () => {
  test('tries each address once', () => {
    fc.assert(
      fc.property(lists, (addresses) => {
        const order = dialOrder(addresses)
        expect(new Set(order).size).toBe(order.length)
      }),
    )
  })

  test('keeps the order given: each address stands where it was named first', () => {
    fc.assert(
      fc.property(lists, (addresses) => {
        const places = dialOrder(addresses).map((address) => addresses.indexOf(address))
        expect(places).toEqual(places.toSorted((a, b) => a - b))
        expect(places).not.toContain(-1)
      }),
    )
  })

  test('tries no more than the bound, and leaves out none below it', () => {
    fc.assert(
      fc.property(lists, (addresses) => {
        expect(dialOrder(addresses).length).toBe(Math.min(new Set(addresses).size, MAX_ADDRESSES))
      }),
    )
  })

  test('changes nothing in the list it is given', () => {
    fc.assert(
      fc.property(lists, (addresses) => {
        const before = [...addresses]
        dialOrder(addresses)
        expect(addresses).toEqual(before)
      }),
    )
  })
})
