/** `isMemoryFull` lets exactly the bound be remembered, and no more. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMemoryFull, MAX_REMEMBERED } from '../../machines/policy/memory.ts'

test('forgetting while the memory is full leaves as many as came, or exactly the bound', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(3 * MAX_REMEMBERED), fc.integer({ min: MAX_REMEMBERED - 2, max: MAX_REMEMBERED + 2 })), (came) => {
      let remembered = came
      while (isMemoryFull(remembered)) remembered--
      expect(remembered).toBe(Math.min(came, MAX_REMEMBERED))
    }),
  )
})
