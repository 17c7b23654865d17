/** So many drawn runs are done, what they came to is printed, and what never came up fails. */
import fc from 'fast-check'
import { expect } from 'vitest'
import { drawn } from './generator.ts'
import { Run } from './run.ts'
import { steps } from './steps.ts'
import { Tally } from './tally.ts'

/** How many runs, how many steps each has at least and at most, and how long they, and what makes one that fails smaller, may take. */
export interface RandomRuns {
  readonly sequences: number
  readonly length: readonly [least: number, most: number]
  readonly limitMs: number
}

/** Runs them, prints what came up, and asserts that nothing was wrong and nothing was missing. */
export async function runRandomly({ sequences, length, limitMs }: RandomRuns): Promise<void> {
  const tally = new Tally()
  const began = performance.now()
  const property = fc.asyncProperty(drawn, steps(...length), async (options, all) => {
    const [wrong] = await new Run(options, tally).all(all)
    if (wrong !== undefined) throw new Error(wrong)
  })
  await fc.assert(property, { numRuns: sequences, interruptAfterTimeLimit: limitMs, markInterruptAsFailure: true })
  console.log(`${tally.table}\nin ${((performance.now() - began) / 1000).toFixed(1)} s`)
  expect({ missing: tally.missing, surprises: tally.surprises }).toEqual({ missing: [], surprises: [] })
}
