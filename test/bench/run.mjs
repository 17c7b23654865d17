/**
 * Keeps one thing true: contenders are measured side by side, each in a process of its own, in turns, after a warm-up.
 *
 * `npm run bench` runs every workload, `npm run bench -- NAME …` those named. A workload is a module beside this one
 * that exports `title`, `contenders` and `table`; a contender is a function that prepares itself and returns `round`.
 */
import { execFileSync, fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'

const here = new URL('.', import.meta.url)
const WORKER = fileURLToPath(new URL('worker.mjs', here))
const names = readdirSync(here)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''))

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 7)
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`bench: no workload '${unknown.join("', '")}'; there is ${names.join(', ')}`)
  process.exit(2)
}

console.log(
  `node ${process.version} · ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'} · commit ${commit()} · ${rounds} rounds, in turns\n`,
)

async function measure(name) {
  const workload = await import(new URL(`${name}.bench.mjs`, here).href)
  console.log(`## ${name}: ${workload.title}`)
  const contenders = Object.keys(workload.contenders)
  const workers = contenders.map((contender) => new Worker(name, contender))
  const results = Object.fromEntries(contenders.map((contender) => [contender, []]))
  try {
    for (const worker of workers) await worker.ask('prepare')
    for (const worker of workers) await worker.ask('round')
    for (let round = 0; round < rounds; round++) {
      // Every other round in the opposite order: whoever is always second profits from the first.
      const turn = contenders.map((contender, i) => ({ contender, worker: workers[i] }))
      for (const { contender, worker } of round % 2 === 0 ? turn : turn.toReversed()) results[contender].push(await worker.ask('round'))
    }
    for (const worker of workers) await worker.ask('stop')
  } finally {
    for (const worker of workers) worker.end()
  }
  print(workload.table(Object.fromEntries(contenders.map((contender) => [contender, summary(results[contender])]))))
}

/** One contender's process. */
class Worker {
  #child
  #gone
  constructor(name, contender) {
    this.#child = fork(WORKER, [name, contender], { execArgv: ['--expose-gc', '--max-old-space-size=8192'], serialization: 'advanced' })
    this.#gone = new Promise((_, reject) => {
      this.#child.once('exit', (code, signal) => reject(new Error(`bench: ${name} of ${contender} ended with ${signal ?? code}`)))
    })
    this.#gone.catch(() => {})
  }
  ask(request) {
    const answer = new Promise((resolve, reject) => {
      this.#child.once('message', ({ error, result }) => (error === undefined ? resolve(result) : reject(new Error(error))))
    })
    this.#child.send(request)
    return Promise.race([answer, this.#gone])
  }
  end() {
    this.#child.kill()
  }
}

function summary(samples) {
  const sorted = samples.toSorted((a, b) => a - b)
  return { min: sorted[0], median: sorted[sorted.length >> 1], max: sorted.at(-1), samples }
}

function print(rows) {
  const keys = Object.keys(rows[0])
  const widths = keys.map((key) => Math.max(key.length, ...rows.map((row) => String(row[key]).length)))
  const line = (cells) => `| ${cells.map((cell, i) => String(cell).padEnd(widths[i])).join(' | ')} |`
  console.log(
    [line(keys), line(widths.map((width) => '-'.repeat(width))), ...rows.map((row) => line(keys.map((key) => row[key])))].join('\n'),
    '\n',
  )
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  } catch {
    return 'unknown'
  }
}

for (const name of wanted.length > 0 ? wanted : names) await measure(name)
