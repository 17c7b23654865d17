/** The debug log is written where `NODE_DEBUG` names it, and nowhere else. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)

const PROGRAM = `
  import { ConnectionManager } from 'qudag-connections'
  import { memory } from 'qudag-connections/transports/memory'
  const manager = new ConnectionManager(1, { transport: memory() })
  await manager.connect('memory://user:secret@nobody').catch(() => {})
  await manager.shutdown()
`

async function stderrOf(names: string | undefined): Promise<string> {
  const env = { ...process.env, NODE_DEBUG: names }
  const { stderr } = await run(process.execPath, ['--input-type=module', '-e', PROGRAM], { env, timeout: 30_000 })
  return stderr
}

test('each move is a line with its reason and its failure, and no secret', async () => {
  const lines = (await stderrOf('qudag')).trim().split('\n')

  expect(lines).toHaveLength(4)
  expect(lines[0]).toMatch(/^QUDAG \d+: 1 memory:\/\/\S*nobody {2}new → Connecting\.dialing {2}connect$/)
  expect(lines[1]).toMatch(/2 .* Connecting\.dialing → Failed {2}dial-failed: ERR_\w+ /)
  expect(lines[3]).toMatch(/4 .* Disconnected\.closed → forgotten {2}shutdown$/)
  expect(lines.join()).not.toContain('secret')
})

test('nothing is written where nobody asks', async () => {
  expect(await stderrOf(undefined)).toBe('')
})
