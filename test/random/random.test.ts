/** Keeps one thing true: under all policies at once the invariants hold, and everything that can come up does. */
import { test } from 'vitest'
import { runRandomly } from './random-runs.ts'

test('1,000 generated sequences of commands, faults and time under all policies at once: the invariants hold', async () => {
  await runRandomly({ sequences: 1_000, length: [30, 60], limitMs: 50_000 })
})
