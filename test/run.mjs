/**
 * One command says whether this tree may be published, and what each part of the answer cost.
 *
 * Every step runs, also after one has failed, so that one run tells everything. `npm test -- PATTERN` runs only the
 * tests whose file matches; whatever follows goes to vitest as it is. `npm run check` runs what needs no build, and no test.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CHECKS = [
  ['build', ['test/checks/build.mjs', '--clean']],
  ['typecheck', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']],
  ['lint', ['node_modules/oxlint/bin/oxlint', '-c', 'oxlint.config.mjs']],
  ['format', ['node_modules/oxfmt/bin/oxfmt', '--check']],
  ['unused code', ['node_modules/knip/bin/knip.js', '--no-config-hints']],
  ['package', ['test/checks/package.mjs']],
  ['browser bundle', ['test/checks/browser.mjs']],
]

/** What must hold before a commit, in seconds rather than minutes. */
const QUICK = ['typecheck', 'lint', 'format', 'unused code']

const isQuick = process.argv[2] === '--checks'
const patterns = isQuick ? [] : process.argv.slice(2)
const home = mkdtempSync(join(tmpdir(), 'qudag-test-'))
const counts = { passed: 0, failed: 0 }
const times = []

try {
  if (patterns.length === 0) {
    for (const [name, command] of CHECKS) if (!isQuick || QUICK.includes(name)) await step(name, command)
  }
  if (!isQuick) await tests()
} finally {
  rmSync(home, { recursive: true, force: true })
}
console.log('\nWhat it cost:')
for (const { name, ms, verdict } of times) console.log(`  ${name.padEnd(16)} ${(ms / 1000).toFixed(1).padStart(6)} s   ${verdict}`)
console.log(`  ${'together'.padEnd(16)} ${(times.reduce((sum, { ms }) => sum + ms, 0) / 1000).toFixed(1).padStart(6)} s`)
console.log(`\n${counts.passed} passed, ${counts.failed} failed`)
process.exitCode = counts.failed > 0 ? 1 : 0

/** Runs a check, which counts as one. */
async function step(name, command) {
  const { ok, ms } = await run(name, command)
  counts[ok ? 'passed' : 'failed']++
  times.push({ name, ms, verdict: ok ? 'passed' : 'FAILED' })
}

/** Runs the tests, each of which counts as one; a run that failed although no test did counts as one failure. */
async function tests() {
  const file = join(home, 'counts.json')
  const { ok, ms } = await run('tests', ['node_modules/vitest/vitest.mjs', 'run', '--allowOnly=false', ...patterns], { TEST_COUNTS: file })
  const { passed, failed, skipped } = readCounts(file)
  // With a pattern, what is left out was asked for; without one, a test that is skipped is a test that is missing.
  const missing = patterns.length === 0 ? skipped : 0
  if (missing > 0) console.error(`${missing} tests were skipped: a test runs, or is deleted`)
  counts.passed += passed
  counts.failed += failed + missing + (!ok && failed + missing === 0 ? 1 : 0)
  times.push({ name: 'tests', ms, verdict: ok && missing === 0 ? 'passed' : 'FAILED' })
}

function run(name, command, env = {}) {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(0, 74 - name.length))}`)
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } })
    child.once('error', reject)
    child.once('close', (code) => resolve({ ok: code === 0, ms: performance.now() - started }))
  })
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}
