/** The program of `node:cluster` that the tests run, in processes of its own. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What the program prints when it does its part. */
export async function program(part: string): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, ['test/fleet/cluster-program.mjs', part], { timeout: 200_000 })
  return JSON.parse(stdout)
}
