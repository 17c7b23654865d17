/** A stranger's process: it has our build, and packages that he has installed beside it. */
import { execFile } from 'node:child_process'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'

const run = promisify(execFile)

/**
 * What a program of such a stranger prints, as JSON.
 *
 * @param node which Node runs it
 * @param script a file of ours; it is copied to where his packages are
 * @param apart the folder that has them, of `packagesApart`
 */
export async function toldBy<T>(node: string, script: string, apart: string): Promise<T> {
  // Beside what was fetched: our own dependencies are found in a folder above.
  const home = mkdtempSync(join(dirname(apart), 'stranger-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const ours = join(home, 'node_modules/qudag-connections')
  mkdirSync(ours, { recursive: true })
  cpSync('dist', join(ours, 'dist'), { recursive: true })
  copyFileSync('package.json', join(ours, 'package.json'))
  for (const name of readdirSync(join(apart, 'node_modules'))) {
    if (name.startsWith('@')) symlinkSync(join(apart, 'node_modules', name), join(home, 'node_modules', name))
  }
  copyFileSync(script, join(home, 'side.mjs'))
  const { stdout } = await run(node, [join(home, 'side.mjs')], { timeout: 120_000, maxBuffer: 32 * 1024 * 1024 })
  return JSON.parse(stdout) as T
}
