/** Whoever runs the tests sees which suite the time went to, and how many tests there were. */
import { writeFileSync } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** What one run comes to; written as JSON to the file that `TEST_COUNTS` names. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

interface Suite {
  tests: number
  ms: number
}

/** Prints each suite's (folder of `test/`) share of the run. */
export default class SuiteShare implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const suites = new Map<string, Suite>()
    const counts = { passed: 0, failed: errors.length, skipped: 0 }
    for (const module of modules) {
      const [, suite = 'test'] = relative('.', module.moduleId).split(sep)
      const known = suites.get(suite) ?? { tests: 0, ms: 0 }
      suites.set(suite, known)
      const { collectDuration, setupDuration, prepareDuration, environmentSetupDuration, duration } = module.diagnostic()
      known.ms += collectDuration + setupDuration + prepareDuration + environmentSetupDuration + duration
      for (const test of module.children.allTests()) {
        known.tests++
        const { state } = test.result()
        counts[state === 'pending' ? 'failed' : state]++
      }
      // A file that could not even be loaded has no test to carry the blame.
      if (module.state() === 'failed' && ![...module.children.allTests('failed')].length) counts.failed++
    }
    const total = [...suites.values()].reduce((sum, { ms }) => sum + ms, 0)
    console.log('\n Suite            tests   seconds   share')
    for (const [name, { tests, ms }] of [...suites].toSorted(([, a], [, b]) => b.ms - a.ms)) {
      const share = `${Math.round((100 * ms) / total)} %`
      console.log(` ${name.padEnd(16)} ${String(tests).padStart(5)} ${(ms / 1000).toFixed(1).padStart(9)} ${share.padStart(7)}`)
    }
    const { TEST_COUNTS } = process.env
    if (TEST_COUNTS !== undefined) writeFileSync(TEST_COUNTS, JSON.stringify(counts satisfies TestCounts))
  }
}
