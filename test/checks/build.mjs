/**
 * `dist` is what the source says now, and `dist/.built` is younger than every source it was made of. What was built from a
 * file that is gone goes too.
 *
 * `--clean` empties it first, for packing.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildCharts } from './charts.mjs'
import { buildPage } from './page.mjs'

const flags = process.argv.slice(2)
const started = new Date()
if (flags.includes('--clean')) rmSync('dist', { recursive: true, force: true })
const { status } = spawnSync(
  process.execPath,
  ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', ...flags.filter((flag) => flag !== '--clean')],
  { stdio: 'inherit' },
)
if (status === 0) {
  mkdirSync('dist', { recursive: true })
  for (const folder of ['src', 'machines']) removeStale(folder)
  await buildCharts()
  await buildPage()
  writeFileSync('dist/.built', '')
  // The moment it began: a file saved while the compiler ran is not in it.
  utimesSync('dist/.built', started, started)
}
process.exitCode = status ?? 1

/** Removes what was compiled from a file that is not there any more. */
function removeStale(folder) {
  for (const name of readdirSync(join('dist', folder), { recursive: true })) {
    const [, stem] = /^(.*)\.d\.ts$/.exec(name) ?? []
    if (stem === undefined || existsSync(join(folder, `${stem}.ts`))) continue
    for (const ending of ['.js', '.js.map', '.d.ts', '.d.ts.map']) rmSync(join('dist', folder, stem + ending), { force: true })
  }
}
