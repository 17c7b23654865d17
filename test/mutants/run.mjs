/**
 * No guard of the machines can be negated, and no action dropped, without a test that notices.
 *
 * First the tables of `test/machines` judge every mutant, in this process. Then the real runtime runs on every mutant, one
 * at a time in each of two workers, under the suites below, until one fails: so it is known which mutants are noticed by
 * what a user would notice, and which by the tables alone. `npm run test:mutants -- PATTERN` runs those whose title matches.
 */
import { fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What runs on the real runtime, the quickest first. A suite that fails without a mutant proves nothing, and is left out. */
const SUITES = [
  { name: 'behaviour', files: ['test/properties/behaviour.test.ts'] },
  { name: 'exploration', files: ['test/exploration/commands-by-event.test.ts', 'test/exploration/lite.test.ts'] },
  { name: 'properties', files: ['test/properties/oracle.test.ts', 'test/properties/invariants.test.ts'] },
  {
    name: 'control plane',
    files: [
      'test/runtime/slot-queue.test.ts',
      'test/runtime/dial-turns.test.ts',
      'test/runtime/breakers.test.ts',
      'test/runtime/reconnects.test.ts',
      'test/runtime/eviction.test.ts',
      'test/runtime/drain.test.ts',
      'test/runtime/heartbeats.test.ts',
      'test/runtime/door.test.ts',
      'test/runtime/inbound-share.test.ts',
      'test/runtime/host-limits.test.ts',
      'test/runtime/allow-deny.test.ts',
      'test/runtime/gate.test.ts',
      'test/runtime/pool-validation.test.ts',
      'test/runtime/warm.test.ts',
      'test/pains/what-others-suffer-from.test.ts',
      'test/pains/02-hard-caps.test.ts',
      'test/pains/03-heartbeats-that-kill.test.ts',
      'test/pains/06-idle-eviction-that-is-off.test.ts',
    ],
  },
]

/** Mutants that no test can notice, by title, each with the reason. */
const EXCUSED = {}

/** Mutants that only the tables can notice, by title, each with the reason why the runtime never shows them. */
const DOUBLES = {
  'peer Connected on link.accepted #2: drop abortDial':
    'a dial goes on beside a link only where it wins the duel, and then the guard before this one takes every further arrival, unless two transports are known by two names',
  'supervisor Draining on link.accepted: drop rejectLink':
    'the runtime turns links away before it asks the machine, once no new work is taken',
  'supervisor Closing on link.accepted: drop rejectLink':
    'the runtime turns links away before it asks the machine, once no new work is taken',
  'supervisor Draining on peer.report: drop refuse(ERR_STOPPED)':
    'the runtime refuses reports before it asks the machine, once no new work is taken, and calls no code of others between',
  'supervisor Closing on peer.report: drop refuse(ERR_STOPPED)':
    'the runtime refuses reports before it asks the machine, once no new work is taken, and calls no code of others between',
}

const WORKERS = 2
/** How much longer than without a mutant a suite may take before it is said to hang, and the least that it may take. */
const PATIENCE = 5
const LEAST_PATIENCE_MS = 30_000
const HERE = fileURLToPath(import.meta.url)

async function main() {
  const started = performance.now()
  const wanted = new RegExp(process.argv[2] ?? '')
  const all = (await judgedByTables()).filter(({ title }) => wanted.test(title))
  console.log(`${all.length} mutants; the tables notice ${all.filter(({ byTable }) => byTable).length} (${seconds(started)})`)
  const suites = await suitesThatPass()
  let next = 0
  let done = 0
  const lane = async () => {
    const worker = new Worker()
    for (let mutant = all[next++]; mutant !== undefined; mutant = all[next++]) {
      mutant.by = await firstToNotice(worker, mutant, suites)
      if (++done % 20 === 0) console.log(`  ${done} of ${all.length} on the real runtime (${seconds(started)})`)
    }
    worker.end()
  }
  await Promise.all(Array.from({ length: WORKERS }, lane))
  report(all, suites)
  console.log(seconds(started))
}

/** The suites that pass on the drawn machines, and how long each takes there. */
async function suitesThatPass() {
  const worker = new Worker()
  const suites = []
  for (const suite of SUITES) {
    const began = performance.now()
    const { failed } = await worker.run('', suite, 600_000)
    const ms = performance.now() - began
    if (failed === undefined) suites.push({ ...suite, patienceMs: Math.max(LEAST_PATIENCE_MS, PATIENCE * ms) })
    console.log(
      `  ${suite.name}: ${failed === undefined ? `passes in ${(ms / 1000).toFixed(1)} s` : `left out, as it fails without a mutant: ${failed}`}`,
    )
  }
  worker.end()
  return suites
}

async function firstToNotice(worker, { machine, index }, suites) {
  for (const { name, files, patienceMs } of suites) {
    const { failed, hung } = await worker.run(`${machine}:${index}`, { name, files }, patienceMs)
    if (failed !== undefined) return { suite: name, test: failed, hung }
  }
  return undefined
}

function report(all, suites) {
  for (const { name } of suites) console.log(`noticed by ${name}: ${all.filter(({ by }) => by?.suite === name).length}`)
  const hanging = all.filter(({ by }) => by?.hung === true)
  console.log(`of those, because it hangs: ${hanging.length}${hanging.map(({ title }) => `\n  ${title}`).join('')}`)
  const tableOnly = all.filter(({ byTable, by }) => byTable && by === undefined)
  console.log(
    `noticed by the tables alone: ${tableOnly.length}${tableOnly.map(({ title }) => `\n  ${title}${title in DOUBLES ? ` (${DOUBLES[title]})` : ''}`).join('')}`,
  )
  const survivors = all.filter(({ byTable, by }) => !byTable && by === undefined)
  for (const { title } of survivors) console.log(`SURVIVED: ${title}${title in EXCUSED ? ` (${EXCUSED[title]})` : ''}`)
  const stale = all.filter(({ title, byTable, by }) => title in EXCUSED && (byTable || by !== undefined))
  const seen = all.filter(({ title, by }) => title in DOUBLES && by !== undefined)
  for (const { title } of seen) console.log(`said to be a double, and noticed: ${title}`)
  for (const { title } of stale) console.log(`excused, and noticed all the same: ${title}`)
  if (process.env.VERBOSE !== undefined) for (const { title, by } of all) console.log(`  ${title}: ${by?.test ?? '-'}`)
  console.log(`killed ${all.length - survivors.length} of ${all.length}`)
  process.exitCode = survivors.every(({ title }) => title in EXCUSED) && stale.length === 0 ? 0 : 1
}

/** A process that runs one suite on one mutant at a time, and is replaced when that hangs. */
class Worker {
  #child

  run(mutant, { name, files }, patienceMs) {
    // A group of its own, so that what hangs ends with it.
    this.#child ??= fork(HERE, ['--worker'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], detached: true })
    const child = this.#child
    return new Promise((resolve) => {
      const settle = (verdict) => {
        clearTimeout(timer)
        child.removeAllListeners()
        if (verdict.hung) this.end()
        resolve(verdict)
      }
      const timer = setTimeout(() => settle({ failed: `${name} hangs`, hung: true }), patienceMs)
      child.once('message', settle)
      child.once('exit', (code) => settle({ failed: `${name} ended its process with ${code}`, hung: true }))
      child.send({ mutant, name, files })
    })
  }

  end() {
    const { pid } = this.#child ?? {}
    this.#child = undefined
    if (pid === undefined) return
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
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

async function work() {
  const { createVitest } = await import('vitest/node')
  const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url))
  // One for each suite: what failed in another run of another file would still count as a reason to stop at once.
  const instances = new Map()
  const instanceOf = async (name) => {
    const known = instances.get(name)
    if (known !== undefined) return known
    const vitest = await createVitest('test', { config, watch: false })
    await vitest.standalone()
    instances.set(name, vitest)
    return vitest
  }
  const meet = async ({ mutant, name, files }) => {
    process.env.MUTANT = mutant
    const vitest = await instanceOf(name)
    const { testModules } = await vitest.runTestSpecifications(await vitest.globTestSpecifications(files), true)
    const tests = testModules.flatMap((module) => [...module.children.allTests('failed')].map((test) => test.fullName))
    const isUnloaded = tests.length === 0 && testModules.some((module) => module.state() === 'failed')
    process.send({ failed: tests[0] ?? (isUnloaded ? 'a file that could not be loaded' : undefined), hung: false })
  }
  // What it throws ends the worker, which is noticed.
  process.on('message', (task) => void meet(task))
}

function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(0)} s`
}

if (process.argv[2] === '--worker') await work()
else await main()
