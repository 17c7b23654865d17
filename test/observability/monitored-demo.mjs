/** The demo under a real Prometheus: both are processes of their own, and end with whoever has started them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

/** How often it scrapes, in milliseconds, and judges its rules twice as often. */
const SCRAPE_MS = 500

/**
 * @typedef {{ readonly metric: Readonly<Record<string, string>>, readonly values: readonly (readonly [at: number, value: string])[] }} Range
 * @typedef {{ readonly metric: Readonly<Record<string, string>>, readonly value: readonly [at: number, value: string] }} Instant
 */

/** Prometheus, as its HTTP API answers. */
class Prometheus {
  /** @param {string} url */
  constructor(url) {
    this.url = url
  }

  /**
   * What an expression gives now, raw samples where it ends in a range.
   *
   * @param {string} query
   * @returns {Promise<{ readonly resultType: string, readonly result: readonly any[] }>}
   * @throws {Error} with what Prometheus says of it
   */
  query(query) {
    return this.#get('query', { query })
  }

  /**
   * What it gave each second of the last ones.
   *
   * @param {string} query
   * @param {number} seconds
   * @returns {Promise<readonly Range[]>}
   */
  async range(query, seconds) {
    const end = Date.now() / 1_000
    const { result } = await this.#get('query_range', { query, start: String(end - seconds), end: String(end), step: '1' })
    return result
  }

  /** @returns {Promise<readonly { readonly labels: Readonly<Record<string, string>>, readonly annotations: Readonly<Record<string, string>>, readonly state: string }[]>} */
  async alerts() {
    return (await this.#get('alerts', {})).alerts
  }

  /** @returns {Promise<true | undefined>} whether it has judged each of its rules once; Go's zero time is of the year 1 */
  async hasJudged() {
    // While it starts it answers nothing else.
    const { ok } = await fetch(`${this.url}/-/ready`)
    if (!ok) return undefined
    const { groups } = await this.#get('rules', {})
    return groups.length > 0 && groups.every((/** @type {any} */ { lastEvaluation }) => !lastEvaluation.startsWith('0001'))
      ? true
      : undefined
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} parameters
   */
  async #get(path, parameters) {
    const response = await fetch(`${this.url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, data, error } = await response.json()
    if (status !== 'success') throw new Error(`${parameters.query}: ${error}`)
    return data
  }
}

/**
 * Starts both.
 *
 * @param {string} path where Prometheus is
 * @param {readonly string[]} [args] more for the demo
 */
export async function monitoredDemo(path, args = []) {
  const folder = mkdtempSync(join(tmpdir(), 'qudag-prometheus-'))
  /** @type {import('node:child_process').ChildProcess[]} */
  const children = []
  const end = async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const closed = once(child, 'close')
      child.kill('SIGTERM')
      await Promise.race([closed, pause(10_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))])
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const config = join(folder, 'prometheus.yml')
    const targets = join(folder, 'targets.json')
    writeFileSync(targets, '[]')
    writeFileSync(
      config,
      JSON.stringify({
        global: { scrape_interval: `${SCRAPE_MS}ms`, scrape_timeout: `${SCRAPE_MS}ms`, evaluation_interval: `${SCRAPE_MS / 2}ms` },
        rule_files: [resolve('examples/prometheus/rules.yml')],
        scrape_configs: [{ job_name: 'demo', file_sd_configs: [{ files: [targets], refresh_interval: '1s' }] }],
      }),
    )
    const program = spawn(
      path,
      [`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0', '--log.level=info'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    children.push(program)
    const said = await lineOf(program.stderr, /Listening on.*address=127/)
    const prometheus = new Prometheus(`http://${/address=(127[\d.:]+)/.exec(said)?.[1]}`)
    // It begins to judge some time after it begins to scrape: what happened before would be judged late.
    await until(() => prometheus.hasJudged(), 30_000, 'the rules are judged')
    const line = ['dist/src/cli/main.js', 'demo', '--seconds', '300', '--no-console', '--metrics-listen', '0', ...args]
    const demo = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(demo)
    const { host } = new URL(/http:\S+/.exec(await lineOf(demo.stdout, /^metrics: /))?.[0] ?? '')
    writeFileSync(`${targets}.new`, JSON.stringify([{ targets: [host] }]))
    renameSync(`${targets}.new`, targets)
    return { prometheus, end }
  } catch (error) {
    await end()
    throw error
  }
}

/**
 * The first line that matches. What is said after it is read and forgotten, so that nobody waits for a full pipe.
 *
 * @param {import('node:stream').Readable} stream
 * @param {RegExp} pattern
 * @returns {Promise<string>}
 */
function lineOf(stream, pattern) {
  return new Promise((found, failed) => {
    /** @type {string[]} */
    const said = []
    const lines = createInterface(stream)
    lines.on('line', (line) => {
      if (pattern.test(line)) found(line)
      else if (said.length < 50) said.push(line)
    })
    lines.on('close', () => failed(new Error(`it ended without ${pattern}:\n${said.join('\n')}`)))
  })
}

/**
 * Asks again and again until there is an answer.
 *
 * @template T
 * @param {() => Promise<T | undefined>} ask
 * @param {number} limitMs
 * @param {string} what for the error
 * @returns {Promise<T>}
 */
export async function until(ask, limitMs, what) {
  const deadline = Date.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs} ms`)
    await pause(SCRAPE_MS / 2)
  }
}
