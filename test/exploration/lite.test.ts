/** The smallest exploration that is worth one takes a few seconds, for who has many to make. */
import { expect, test } from 'vitest'
import { explore } from './explore.ts'
import { LITE, rowsLeftOut } from './explorations.ts'

test('two peers under a limit of one', { timeout: 60_000 }, async () => {
  const { wrong, rows } = await explore({ ...LITE, bail: true })
  expect(wrong).toEqual([])
  // For one slot nobody waits for a turn.
  expect(rowsLeftOut(rows)).toEqual(['a peer’s turn comes'])
})
