/** The invariants hold over runs too long for every day. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectToHold, longRuns } from './long-run.ts'

describe('real managers over a faulty network, for long', () => {
  let runs: Awaited<ReturnType<typeof longRuns>>
  beforeAll(async () => {
    runs = await longRuns()
  })
  afterAll(() => runs.dispose())

  test.each(Array.from({ length: 20 }, (_, i) => 1_000 + i))('keep every invariant and leave nothing, seed %i', async (seed) => {
    expectToHold(await runs.run(seed, 5_000))
  })
})
