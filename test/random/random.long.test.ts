/** What holds for a thousand sequences holds for ten thousand, and for a million steps. */
import { test } from 'vitest'
import { runRandomly } from './random-runs.ts'

const LIMIT_MS = 3_600_000

test(
  '10,000 generated sequences of commands, faults and time under all policies at once: the invariants hold',
  () => runRandomly({ sequences: 10_000, length: [30, 80], limitMs: LIMIT_MS }),
  LIMIT_MS,
)

test(
  'a million steps under all policies at once: the invariants hold',
  () => runRandomly({ sequences: 10_000, length: [100, 100], limitMs: LIMIT_MS }),
  LIMIT_MS,
)
