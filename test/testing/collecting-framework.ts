/** A suite can be run by a few lines, and what failed is known by its title. */
import type { TestFramework } from 'qudag-connections/testing'

/** What failed, by title; the direction is in front where it is one of two. */
export type Failures = Map<string, string>

/** How many tests run at a time: enough that some may hang, few enough that none starves. */
const AT_A_TIME = 4

/** Runs what the framework is given. */
export async function collect(declare: (framework: TestFramework) => void): Promise<{ titles: string[]; failures: Failures }> {
  const path: string[] = []
  const failures: Failures = new Map()
  const tests: [title: string, body: () => Promise<void>][] = []
  declare({
    describe(name, body) {
      path.push(name)
      body()
      path.pop()
    },
    test(name, body) {
      tests.push([[...path.slice(1), name].join(': '), body])
    },
  })
  const waiting = [...tests]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [title, body] = next
      await body().catch((error: Error) => failures.set(title, error.message))
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work))
  return { titles: tests.map(([title]) => title), failures }
}
