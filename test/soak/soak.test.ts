import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

test(
  'a minute of TCP and WebSocket links that fail in every way leaves nothing, and the heaps of both ends are flat',
  { timeout: 120_000 },
  async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', 'test/soak/soak.mjs', '--seconds', '60', '--seed', '7'],
      {
        timeout: 110_000,
      },
    ).catch((error: { stdout?: string; message: string }) => ({ stdout: error.stdout || JSON.stringify({ wrong: [error.message] }) }))

    expect((JSON.parse(stdout) as { wrong: string[] }).wrong).toEqual([])
  },
)
