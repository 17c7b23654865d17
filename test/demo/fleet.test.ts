/** The demo of a fleet, as a person sees it: a node is killed, its peers move, and it ends. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test('demo:fleet places twelve peers, kills a node, shows its peers at the others, and ends with 0', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['test/demo/fleet.mjs', '--brief'], { timeout: 170_000 })
  expect(stderr).toBe('')
  const [placed, killed] = stdout.split('kill -9 ') as [string, string]
  expect(countsIn(placed)).toEqual([4, 4, 4])
  const after = countsIn(killed.slice(killed.indexOf('After ')))
  expect(after.filter((count) => count === 0)).toHaveLength(1)
  expect(after.reduce((sum, count) => sum + count, 0)).toBe(12)
  expect(killed).toContain('have moved')
}, 180_000)

/** How many peers each node has. */
function countsIn(shown: string): number[] {
  return Array.from(shown.matchAll(/^ {2}(?:ann|bob|eve) +(\d+) /gm), ([, count]) => Number(count))
}
