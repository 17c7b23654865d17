import { expect, test } from 'vitest'
import { run } from './process.ts'

test('ws, first needed when no descriptor is left, is loaded when there are some again', async () => {
  const program = run('late-package.mjs')
  expect(await program.next()).toEqual({ dialled: 'EMFILE', listened: 'EMFILE', then: 'function' })
  expect((await program.ended).code).toBe(0)
})
