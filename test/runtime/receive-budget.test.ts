/** Unfinished messages never hold more than the budget, and whoever has stopped sending goes first. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ReceiveBudget, type Receiver } from '../../src/runtime/links/receive-budget.ts'

const MIB = 1024 * 1024

class Sender implements Receiver {
  readonly isProven: boolean
  constructor(isProven = false) {
    this.isProven = isProven
  }
}

test('unfinished messages never hold more than the budget, but for one link alone, and all is given back', () => {
  const senders = Array.from({ length: 8 }, (_, n) => new Sender(n % 2 === 0))
  const step = fc.record({ n: fc.nat(7), bytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 40 })) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const budget = new ReceiveBudget<Sender>(50)
      const held = new Map<Sender, number>()
      for (const { n, bytes } of steps) {
        const sender = senders[n]!
        held.set(sender, bytes)
        budget.note(sender, bytes)
        for (let victim = budget.overflow(); victim !== undefined; victim = budget.overflow()) {
          expect(held.get(victim)! * 4).toBeGreaterThanOrEqual(Math.max(...held.values()))
          held.delete(victim)
        }
        const sum = [...held.values()].reduce((a, b) => a + b, 0)
        expect(budget.bytes).toBe(sum)
        expect(sum).toBeLessThanOrEqual(50)
      }
      for (const sender of senders) budget.forget(sender)
      expect(budget.bytes).toBe(0)
    }),
  )
})

test('a link alone may always finish', () => {
  const budget = new ReceiveBudget<Sender>(MIB)
  budget.note(new Sender(), 100 * MIB)
  expect(budget.overflow()).toBeUndefined()
})

test('of those that hold about as much the unproven goes first, and then the one that stopped sending longest ago', () => {
  const budget = new ReceiveBudget<Sender>(50 * MIB)
  const [proven, silent, honest, small] = [new Sender(true), new Sender(), new Sender(), new Sender()]
  budget.note(proven, 16 * MIB)
  budget.note(silent, 16 * MIB - 1)
  budget.note(honest, 16 * MIB - 1)
  budget.note(small, 64 * 1024)
  budget.note(honest, 20 * MIB)
  expect(budget.overflow()).toBe(silent)
  expect(budget.overflow()).toBeUndefined()
  budget.note(proven, 31 * MIB)
  expect(budget.overflow()).toBe(honest)
  budget.note(small, 20 * MIB)
  expect(budget.overflow()).toBe(small)
})
