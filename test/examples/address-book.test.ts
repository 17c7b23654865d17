/** Who is in the book gets in and who is not stays out, while a key is rotated too. */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { runExample } from './run-example.ts'

test('two who know each other meet, a stranger stays out, and a rotated key is found while the old one is worth nothing', async () => {
  const lines = await runExample('address-book')
  expect(lines).toEqual([
    'Ann reaches Ben: TLSv1.3, proven by ed25519',
    'Mallory does not: ERR_REJECTED_BY_PEER (not-allowed)',
    'Ann notes the next id of Ben',
    'Ben hears Ann: noted',
    'Ann reaches Ben by his next id: Connected',
    'Who has the old key does not reach Ann: ERR_REJECTED_BY_PEER (not-allowed)',
  ])
  // The page shows what it prints.
  expect(await readFile('examples/address-book/README.md', 'utf8')).toContain(lines.join('\n'))
})
