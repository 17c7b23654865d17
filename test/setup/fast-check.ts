/**
 * A property that failed can be run again as it was.
 *
 * `FC_SEED` fixes the seed, and CI fixes it when nothing else does, so that a red run says something about the commit
 * and not about the day. Anywhere else each file draws a new one; fast-check prints it with the counterexample.
 * `FC_RUNS` sets how often a property is tried (100 unless told).
 *
 * What a mutant breaks is not shrunk: that it is broken is all that is asked.
 */
import fc from 'fast-check'

const CI_SEED = 20_250_117

const { FC_SEED, FC_RUNS, CI, MUTANT = '' } = process.env
const seed = FC_SEED === undefined ? (CI === undefined ? undefined : CI_SEED) : Number(FC_SEED)
const numRuns = FC_RUNS === undefined ? 100 : Number(FC_RUNS)
if (seed !== undefined && !Number.isSafeInteger(seed)) throw new RangeError(`FC_SEED must be an integer, got ${FC_SEED}`)
if (!Number.isSafeInteger(numRuns) || numRuns < 1) throw new RangeError(`FC_RUNS must be an integer >= 1, got ${FC_RUNS}`)

fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns, endOnFailure: MUTANT !== '', ...(seed === undefined ? {} : { seed }) })
