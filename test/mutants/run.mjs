/**
 * Keeps one thing true: no guard of the machines can be negated, and no action dropped, without a test that notices.
 *
 * First the tables of `test/machines` judge every mutant, in this process. Then the real runtime runs on every mutant, one
 * at a time in each of two workers, under the suites below, until one fails: so it is known which mutants are noticed by
 * what a user would notice, and which by the tables alone. `npm run test:mutants -- TEXT` runs those whose title has the text.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What runs on the real runtime, the quickest first. A suite that fails without a mutant proves nothing, and is left out. */
const SUITES = [
  { name: 'behaviour', files: ['test/properties/behaviour.test.ts'] },
  { name: 'exploration', files: ['test/exploration/lite.test.ts'] },
  { name: 'properties', files: ['test/properties/oracle.test.ts', 'test/properties/invariants.test.ts'] },
]

/** Mutants that no test can notice, by title, each with the reason. */
const EXCUSED = {}

const WORKERS = 2
/** A mutant that has not been judged by then hangs, which is noticed too. */
const HANGS_AFTER_MS = 90_000
const HERE = fileURLToPath(import.meta.url)

if (process.argv[2] === '--worker') await work()
else await main()

async function main() {
  const started = performance.now()
  const wanted = process.argv[2]
  const all = (await judgedByTables()).filter(({ title }) => wanted === undefined || title.includes(wanted))
  console.log(`${all.length} mutants; the tables notice ${all.filter(({ byTable }) => byTable).length} (${seconds(started)})`)
  const baseline = await judgeOn(
    [''],
    SUITES.map(({ name }) => name),
  )
  const suites = SUITES.map(({ name }) => name).filter((name) => baseline[0].failed[name] === undefined)
  for (const { name } of SUITES) {
    if (!suites.includes(name)) console.log(`left out, as it fails without a mutant: ${name} (${baseline[0].failed[name]})`)
  }
  const runtime = await judgeOn(
    all.map(({ machine, index }) => `${machine}:${index}`),
    suites,
    (done, verdict) => {
      if (done % 20 === 0 || done === all.length) console.log(`  ${done} of ${all.length} on the real runtime (${seconds(started)})`)
      return verdict
    },
  )
  report(all, runtime, suites)
  console.log(seconds(started))
}

function report(all, runtime, suites) {
  const noticed = all.map(({ title, byTable }, i) => ({ title, byTable, by: Object.keys(runtime[i].failed)[0] }))
  for (const suite of suites) console.log(`noticed by ${suite}: ${noticed.filter(({ by }) => by === suite).length}`)
  const tableOnly = noticed.filter(({ byTable, by }) => byTable && by === undefined)
  console.log(`noticed by the tables alone: ${tableOnly.length}`)
  for (const { title } of tableOnly) console.log(`  ${title}`)
  const survivors = noticed.filter(({ byTable, by }) => !byTable && by === undefined)
  for (const { title } of survivors) console.log(`SURVIVED: ${title}${title in EXCUSED ? ` (${EXCUSED[title]})` : ''}`)
  const stale = Object.keys(EXCUSED).filter((title) => noticed.some((one) => one.title === title && (one.byTable || one.by !== undefined)))
  for (const title of stale) console.log(`excused, and noticed all the same: ${title}`)
  console.log(`killed ${all.length - survivors.length} of ${all.length}`)
  process.exitCode = survivors.every(({ title }) => title in EXCUSED) && stale.length === 0 ? 0 : 1
}

/** The mutants, and whether the tables notice them. */
async function judgedByTables() {
  const { build } = await import('esbuild')
  const home = mkdtempSync(join(tmpdir(), 'qudag-mutants-'))
  try {
    const outfile = join(home, 'by-table.mjs')
    const entry = fileURLToPath(new URL('./by-table.ts', import.meta.url))
    await build({ entryPoints: [entry], outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'warning' })
    const { judgeAll } = await import(pathToFileURL(outfile).href)
    return judgeAll()
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

/** Has the workers judge each mutant by the suites; one that fails ends it, but for the drawn machines (''), which meet them all. */
async function judgeOn(mutants, suites, onDone = () => {}) {
  const verdicts = []
  let next = 0
  let done = 0
  const lane = async () => {
    let worker
    while (next < mutants.length) {
      const at = next++
      worker ??= startWorker()
      const verdict = await judge(worker, mutants[at], suites)
      if (verdict.hung) {
        worker.kill('SIGKILL')
        worker = undefined
      }
      verdicts[at] = verdict
      onDone(++done, verdict)
    }
    worker?.kill()
  }
  await Promise.all(Array.from({ length: Math.min(WORKERS, mutants.length) }, lane))
  return verdicts
}

function startWorker() {
  return fork(HERE, ['--worker'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
}

function judge(worker, mutant, suites) {
  return new Promise((resolve, reject) => {
    const settle = (verdict) => {
      clearTimeout(timer)
      worker.off('message', settle)
      worker.off('exit', died)
      resolve(verdict)
    }
    const died = (code) =>
      mutant === '' ? reject(new Error(`the worker ended with ${code}`)) : settle({ failed: { died: `code ${code}` }, hung: true })
    const timer = setTimeout(
      () => settle({ failed: { [suites[0]]: 'it hangs' }, hung: true }),
      mutant === '' ? 10 * HANGS_AFTER_MS : HANGS_AFTER_MS,
    )
    worker.on('message', settle)
    worker.on('exit', died)
    worker.send({ mutant, suites })
  })
}

async function work() {
  const { createVitest } = await import('vitest/node')
  const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url))
  const vitest = await createVitest('test', { config, watch: false })
  await vitest.standalone()
  const meet = async ({ mutant, suites }) => {
    process.env.MUTANT = mutant
    const failed = {}
    for (const { name, files } of SUITES) {
      if (!suites.includes(name) || (mutant !== '' && Object.keys(failed).length > 0)) continue
      const specifications = await vitest.globTestSpecifications(files)
      const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, true)
      const tests = testModules.flatMap((module) => [...module.children.allTests('failed')].map((test) => test.fullName))
      const isGreen = testModules.every((module) => module.state() === 'passed') && unhandledErrors.length === 0
      if (!isGreen) failed[name] = tests[0] ?? 'an unhandled error'
    }
    process.send({ failed })
  }
  // What it throws ends the worker, which is noticed.
  process.on('message', (task) => void meet(task))
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`
}
