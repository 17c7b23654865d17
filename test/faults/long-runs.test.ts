/** Whatever the network does, the invariants hold at both ends, and nothing is left. */
import { afterAll, beforeAll, describe, test } from 'vitest'
import { expectToHold, longRuns } from './long-run.ts'

describe('real managers over a faulty network, in two processes', () => {
  let runs: Awaited<ReturnType<typeof longRuns>>
  beforeAll(async () => {
    runs = await longRuns()
  })
  afterAll(() => runs.dispose())

  test.each([1, 2])('keep every invariant and leave nothing, seed %i', async (seed) => {
    expectToHold(await runs.run(seed, 400))
  })
})
