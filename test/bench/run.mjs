/**
 * Contenders are measured side by side, each in a process of its own, in turns, after a warm-up.
 *
 * `npm run bench` runs every workload, `npm run bench -- NAME …` those named. What a workload is, `workload.mjs` says.
 *
 * `--rounds N`: how many rounds each contender is measured (7). `--smoke`: small sizes, few rounds, under a minute, and
 * of the workloads only those that bear it. `--full`: the longest sizes. `--json FILE`: every sample, for machines. `--page`: writes the table into the page where it stands.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { renewPart } from '../pages/pages.mjs'
import { contenderProcess } from './process.mjs'
import { summary } from './statistics.mjs'
import { judged, rowsOf, tableOf } from './table.mjs'

const SMOKED = ['crowd', 'reuse', 'event', 'memory', 'observed']
/** What the smoke may take in all; when it is over, what is left is left out, as a machine may be busy. */
const SMOKE_MS = 40_000

const here = new URL('.', import.meta.url)
const names = readdirSync(here)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    smoke: { type: 'boolean' },
    full: { type: 'boolean' },
    page: { type: 'boolean' },
    json: { type: 'string' },
    rounds: { type: 'string' },
  },
})
const unknown = positionals.filter((name) => !names.includes(name))
const rounds = Number(flags.rounds ?? (flags.smoke ? 3 : 7))
if (unknown.length > 0) end(`no workload '${unknown.join("', '")}'; there is ${names.join(', ')}`)
if (!Number.isInteger(rounds) || rounds < 1) end(`--rounds wants a whole number from 1, got ${flags.rounds}`)
if (!existsSync(new URL('../../dist/.built', here))) end('nothing is built: npm run build')

const size = flags.smoke ? 'smoke' : flags.full ? 'full' : 'normal'
const began = performance.now()
const head = { node: process.version, cpu: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`, commit: commit(), rounds, size }
const results = []
let isWrong = false
for (const name of positionals.length > 0 ? positionals : flags.smoke ? SMOKED : names) {
  const workload = await import(new URL(`${name}.bench.mjs`, here).href)
  for (const part of workload.cases(size)) {
    const once = judged(name, part, await measure(name, part))
    // A machine may be busy once: what seems out of all proportion is looked at again.
    const isSuspect = once.contenders.some(({ isHopeless }) => isHopeless === true)
    results.push(isSuspect ? judged(name, part, await measure(name, part)) : once)
  }
}

const setting = `Node ${head.node} · ${head.cpu} · commit ${head.commit} · ${rounds} rounds in turns, ${size} sizes`
const table = tableOf(results.flatMap(rowsOf))
console.log(`${setting}\n\n${table}`)
if (flags.page) renewPart(positionals.join() === 'hostile' ? 'hostile' : 'benchmarks', `${setting}\n\n${table}`)
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ ...head, results }, undefined, 2)}\n`)
for (const { workload, part, contenders } of results) {
  for (const { name, error, isHopeless } of contenders) {
    if (error === undefined && isHopeless !== true) continue
    isWrong = true
    console.error(`bench: ${workload}, ${part}: ${name}: ${error ?? 'so far off that the algorithm is wrong, not the machine busy'}`)
  }
}
process.exitCode = isWrong ? 1 : 0

/** What each contender of a case measured: a summary, why it is missing, or what went wrong. */
async function measure(name, part) {
  const contenders = part.contenders.map((contender) => ({ ...contender, version: versionOf(contender.package), samples: [] }))
  const start = (contender) => contenderProcess(name, part.name, contender.name, size)
  const isLate = () => flags.smoke && performance.now() - began > SMOKE_MS
  note(`${name}, ${part.name}:`)
  for (const contender of contenders) {
    if (isLate()) contender.missing = 'out of time'
    // A fresh process has nothing to keep warm; it warms itself.
    else if (part.fresh !== true) {
      contender.process = start(contender)
      await attempt(contender, async () => {
        contender.missing = await contender.process.ask('prepare')
        if (contender.missing === undefined) await contender.process.ask('round')
      })
    }
  }
  for (let round = 0; round < (part.rounds ?? rounds) && !(round > 0 && isLate()); round++) {
    note(` ${round + 1}`)
    // Every other round in the opposite order: whoever is always second profits from the first.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      if (contender.missing !== undefined || contender.error !== undefined) continue
      if (part.fresh === true && isLate()) {
        contender.missing = 'out of time'
        continue
      }
      await attempt(contender, async () => {
        if (part.fresh === true) {
          contender.process = start(contender)
          contender.missing = await contender.process.ask('prepare')
          if (contender.missing !== undefined) return
        }
        contender.samples.push(await contender.process.ask('round'))
        if (part.fresh === true) await contender.process.end()
      })
    }
  }
  for (const { process } of contenders) await process?.end()
  note(` · ${((performance.now() - began) / 1_000).toFixed(0)} s\n`)
  return contenders.map(({ process: _, run: _run, samples, ...contender }) => ({ ...contender, ...summary(samples) }))
}

async function attempt(contender, step) {
  try {
    await step()
  } catch (error) {
    contender.error = error.message
    note(`\n${contender.name}: ${error.message}\n`)
  }
}

function note(text) {
  process.stderr.write(text)
}

function versionOf(name) {
  if (name === undefined) return undefined
  return JSON.parse(readFileSync(new URL(`../../node_modules/${name}/package.json`, here), 'utf8')).version
}

function commit() {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return 'unknown'
  }
}

function end(why) {
  console.error(`bench: ${why}`)
  process.exit(2)
}
