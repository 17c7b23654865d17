/** A context is carried over to a subscriber where a store is in force, and where none is that is known: then it costs nothing. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { node24 } from '../setup/node24.ts'
import { APART_MS } from '../setup/packages-apart.ts'

const run = promisify(execFile)

const PROGRAM = `
  import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
  import { nodeContexts } from './dist/src/platform/node-contexts.js'
  const store = new AsyncLocalStorage()
  const { capture } = nodeContexts({ AsyncLocalStorage, AsyncResource })
  const seen = []
  const note = (a, b) => seen.push([a, b, store.getStore() ?? 'nothing'])
  const outside = capture()
  const inside = store.run('inside', capture)
  store.run('another', () => inside(note, 1, 2))
  note(3, 4)
  store.disable()
  console.log(JSON.stringify({ outside: outside === undefined, after: capture() === undefined, seen }))
`

describe.each([
  ['this Node', async () => process.execPath],
  ['Node 24', node24],
])('of %s', (_name, path) => {
  test('a context without a store is known to be empty, and one with a store is carried over', { timeout: APART_MS }, async () => {
    const { stdout } = await run(await path(), ['--input-type=module', '-e', PROGRAM], { timeout: 30_000 })

    expect(JSON.parse(stdout)).toEqual({
      outside: true,
      after: true,
      seen: [
        [1, 2, 'inside'],
        [3, 4, 'nothing'],
      ],
    })
  })
})
