/** A score is the exact sum of the tags, whatever the order they came and went in. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isStrangersFull, sumOfTags } from '../../machines/policy/standing.ts'

describe('tags', () => {
  test('the score is their sum; of integers it does not depend on their order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e6, max: 1e6 })), (values) => {
        expect(sumOfTags(values)).toBe(values.reduce((sum, value) => sum + value, 0))
        expect(sumOfTags(values.toReversed())).toBe(sumOfTags(values))
      }),
    )
  })

  test('of unknown peers 10,000 keep their tags', () => {
    expect([isStrangersFull(10_000), isStrangersFull(10_001)]).toEqual([false, true])
  })
})
