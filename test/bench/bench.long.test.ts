/** What `bench.test.ts` finds of most workloads is so of those that start servers and many processes. */
import { test } from 'vitest'
import { tinyRound, workloads } from './tiny-rounds.ts'

test.each(workloads(true))('%s: every contender does a tiny round, and all of its work', tinyRound)
