/**
 * `dist` is what the source says now, and `dist/.built` is younger than every source it was made of.
 *
 * `--clean` empties it first, for packing: what was built from a file that is gone must not be published.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
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
  await buildCharts()
  await buildPage()
  writeFileSync('dist/.built', '')
  // The moment it began: a file saved while the compiler ran is not in it.
  utimesSync('dist/.built', started, started)
}
process.exitCode = status ?? 1
