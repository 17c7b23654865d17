/**
 * Tests that run the built package run what the source says now.
 *
 * Types are not checked here, and a build that fails stops nothing: one room's error must not stop another room's tests,
 * and `npm test` fails for it anyway.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { makeOneFileCli } from './one-file-cli.ts'

const STAMP = 'dist/.built'

/** Builds `dist` unless it is newer than every source, and the command line in one file from it. */
export default async function setup(): Promise<void> {
  if (!['src', 'machines'].every((folder) => newest(folder) < builtAtMs())) {
    const { status } = spawnSync(process.execPath, ['test/checks/build.mjs', '--noCheck'], { stdio: 'inherit' })
    if (status !== 0) console.error('dist may be stale: `npm run build` failed as above')
  }
  await makeOneFileCli(builtAtMs())
}

function builtAtMs(): number {
  return statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

/** When anything in a folder, or its list of files, last changed. */
function newest(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => (entry.isDirectory() ? newest(join(folder, entry.name)) : statSync(join(folder, entry.name)).mtimeMs))
    .reduce((a, b) => Math.max(a, b), statSync(folder).mtimeMs)
}
