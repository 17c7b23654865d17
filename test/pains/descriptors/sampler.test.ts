import { expect, test } from 'vitest'
import { run } from './process.ts'

test('the sampler of a process with no descriptor left ends nothing: it keeps the last memory reading and says so', async () => {
  const program = run('sampler.mjs')
  expect(await program.next()).toEqual({ fresh: true, stale: true, again: true })
  expect(await program.ended).toEqual({ code: 0, stderr: '' })
})
