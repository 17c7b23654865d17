/** An example that is tested is run as its reader runs it, in a process of its own, to its own end. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/**
 * What an example prints, line by line. Rejects when it fails, says anything on stderr, or does not end by itself: a
 * process that is left with a socket or a listener would not.
 */
export async function runExample(name: string): Promise<readonly string[]> {
  const { stdout, stderr } = await run(process.execPath, ['examples/run.mjs', name], { timeout: 30_000 })
  if (stderr !== '') throw new Error(stderr)
  return stdout.trimEnd().split('\n')
}
