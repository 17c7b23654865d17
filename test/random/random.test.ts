/** Under all policies at once the invariants hold, and everything that can come up does. */
import { test } from 'vitest'
import { runRandomly } from './random-runs.ts'

/** Also where the machine is busy. */
const LIMIT_MS = 300_000

test(
  '1,000 generated sequences of commands, faults and time under all policies at once: the invariants hold',
  () => runRandomly({ sequences: 1_000, length: [30, 60], limitMs: LIMIT_MS - 10_000 }),
  LIMIT_MS,
)
