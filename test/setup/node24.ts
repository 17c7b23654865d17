/** A Node that knows post-quantum algorithms: this one, or one from the package registry, which is fetched once. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

// Not among the development dependencies: its `node` would come before the user's in every script of the package.
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/qudag/', import.meta.url))
const VERSION = '24.22.3'
// The package with the binary itself: `node` fetches it by an install script, which npm may not run.
const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const run = promisify(execFile)

/** The path of a Node 24.7 or newer. `QUDAG_NODE24` names one that is there already. */
export async function node24(): Promise<string> {
  const given = process.env['QUDAG_NODE24']
  if (given !== undefined) return given
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 24 || (major === 24 && minor >= 7)) return process.execPath
  const home = join(CACHE, `node-${VERSION}`)
  const path = join(home, 'node_modules', PACKAGE, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(path)) await fetched(home)
  return path
}

/** Another run may fetch it at the same time: what is whole takes its place in one step. */
async function fetched(home: string): Promise<void> {
  mkdirSync(CACHE, { recursive: true })
  const apart = `${home}.${process.pid}`
  await run('npm', ['install', '--prefix', apart, '--no-save', '--no-audit', '--no-fund', `${PACKAGE}@${VERSION}`], { timeout: 240_000 })
  await rename(apart, home).catch(() => rm(apart, { recursive: true, force: true }))
}
