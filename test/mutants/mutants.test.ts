/** The tables notice every mutant. `npm run test:mutants` asks the real runtime too. */
import { expect, test } from 'vitest'
import { judgeAll } from './by-table.ts'

test('a guard that is negated and an action that is dropped are noticed, one by one', () => {
  const all = judgeAll()
  expect(all.filter(({ byTable }) => !byTable).map(({ title }) => title)).toEqual([])
  expect(all.length).toBeGreaterThan(200)
})
