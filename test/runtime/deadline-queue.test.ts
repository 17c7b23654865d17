/** The queue of deadlines: what is due comes in order of its time, and within one instant in the order in which it was set. */
import fc from 'fast-check'
import { VirtualClock } from 'qudag-connections/testing'
import { expect, test } from 'vitest'
import { type Deadline, DeadlineQueue } from '../../src/runtime/time/deadline-queue.ts'

const settings = fc.array(fc.record({ which: fc.nat(7), inMs: fc.constantFrom(10, 20, 30) }), { maxLength: 40 })

test('deadlines of one instant come in the order in which they were set last', () => {
  fc.assert(
    fc.property(settings, (sets) => {
      const clock = new VirtualClock()
      const start = clock.now()
      const queue = new DeadlineQueue(clock)
      const came: number[] = []
      const deadlines = Array.from({ length: 8 }, (_, which): Deadline => ({ at: 0, order: 0, index: -1, due: () => came.push(which) }))
      for (const { which, inMs } of sets) queue.set(deadlines[which]!, start + inMs)
      const last = new Map<number, number>()
      for (const { which, inMs } of sets) {
        last.delete(which)
        last.set(which, inMs)
      }
      clock.advance(30)
      expect(came).toEqual([...last].toSorted(([, a], [, b]) => a - b).map(([which]) => which))
    }),
  )
})
