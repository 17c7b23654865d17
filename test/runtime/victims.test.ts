/** The index of those that may yield agrees with a sort of all of them, whatever joins and leaves. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareCandidates } from '../../machines/policy/eviction.ts'
import { type Victim, Victims } from '../../src/runtime/peers/victims.ts'

const fields = fc.record({
  score: fc.constantFrom(-1, 0, 2),
  isActive: fc.boolean(),
  direction: fc.constantFrom('inbound' as const, 'outbound' as const),
  group: fc.constantFrom(undefined, 'a', 'b', 'c'),
})
const steps = fc.array(fc.oneof(fields, fc.nat(20)), { maxLength: 80, size: 'max' })

test('who yields first is the first of all by the policy', () => {
  fc.assert(
    fc.property(steps, (run) => {
      const victims = new Victims<number>()
      const inside: Victim<number>[] = []
      for (const [order, step] of run.entries()) {
        if (typeof step === 'number') {
          const [left] = inside.splice(step % Math.max(1, inside.length), 1)
          if (left !== undefined) victims.remove(left)
        } else {
          const victim: Victim<number> = { ...step, order, of: order, index: -1, cell: undefined }
          inside.push(victim)
          victims.add(victim)
        }
        expect(victims.first?.of).toBe(firstOf(inside)?.of)
      }
    }),
  )
})

/** By brute force: a group counts those that are alike in all that comes before it. */
function firstOf(inside: readonly Victim<number>[]): Victim<number> | undefined {
  const sizeOf = (one: Victim<number>): number =>
    one.group === undefined
      ? 1
      : inside.filter(
          (other) =>
            other.group === one.group && other.score === one.score && other.isActive === one.isActive && other.direction === one.direction,
        ).length
  return inside.toSorted((a, b) => compareCandidates({ ...a, groupSize: sizeOf(a) }, { ...b, groupSize: sizeOf(b) }))[0]
}
