/**
 * How smooth the console's page is while 10,000 peers make 50,000 transitions a second is measured,
 * not guessed.
 *
 * `npm run build && node test/bench/console-frames.mjs [--peers N] [--rate N] [--seconds N] [--manager] [--screenshot FILE]`.
 * The server runs in a process of its own, as it would, the page in a Chromium that draws without a GPU. The peers are
 * scripted: what is measured is the page and its server. With `--manager` they are a manager's, as fast as it can.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { chromium } from 'playwright-core'
import { ensureChromium } from '../setup/chromium.mjs'
import { scriptedSource } from './scripted-source.mjs'

const { values } = parseArgs({
  options: {
    peers: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '50000' },
    seconds: { type: 'string', default: '10' },
    screenshot: { type: 'string' },
    manager: { type: 'boolean', default: false },
    serve: { type: 'boolean', default: false },
  },
})
const [peers, rate, seconds] = [values.peers, values.rate, values.seconds].map(Number)
const WARM_UP = 4_000
const TURN = 10
/** Visits every peer, so that neighbours do not move together. */
const STRIDE = 7919
/** What the page's main thread was busy with, in seconds, when it was asked last. */
const spent = { ScriptDuration: 0, LayoutDuration: 0, RecalcStyleDuration: 0, TaskDuration: 0 }

if (values.serve) await serve()
else await measure()

/** Runs in a process of its own: the console of scripted peers, or of a manager whose app-owned peers are reported on. */
async function serve() {
  const { serveConsole } = await import('../../dist/src/console/index.js')
  const { shown, moveOn } = await (values.manager ? reportedManager() : scriptedSource(peers))
  const { url } = await serveConsole(shown)
  process.send({ url })
  let moved = 0
  let due = 0
  let last = performance.now()
  setInterval(() => {
    const now = performance.now()
    due = Math.min(rate / 4, due + ((now - last) / 1000) * rate)
    last = now
    const many = Math.floor(due)
    due -= many
    moved += many
    moveOn(many)
  }, TURN)
  process.on('message', () => process.send({ moved, cpu: process.cpuUsage() }))
}

async function reportedManager() {
  const { ConnectionManager } = await import('../../dist/src/index.js')
  const manager = new ConnectionManager(peers * 2)
  const STATUSES = ['Connecting', 'Connected', 'Disconnected', 'Failed']
  const ids = Array.from({ length: peers }, (_, index) => `peer-${index}`)
  const at = ids.map(() => 1)
  await manager.updateStatuses(ids.map((id) => [id, 'Connected']))
  let next = 0
  const moveOne = () => {
    next = (next + STRIDE) % peers
    at[next] = (at[next] + 1 + Math.floor(Math.random() * 3)) % 4
    return [ids[next], STATUSES[at[next]]]
  }
  return { shown: manager, moveOn: (many) => void manager.updateStatuses(Array.from({ length: many }, moveOne)) }
}

async function measure() {
  const child = fork(import.meta.filename, [...process.argv.slice(2), '--serve'])
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: ['--disable-gpu', '--no-first-run', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  try {
    const [{ url }] = await once(child, 'message')
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    const session = await page.context().newCDPSession(page)
    await session.send('Performance.enable')
    const thrown = []
    page.on('pageerror', (error) => thrown.push(error))
    await page.goto(url)
    for (const part of ['overview', 'crowd', 'log']) {
      await page.locator(`#${part}`).waitFor()
      await page.evaluate((id) => document.getElementById(id).scrollIntoView(), part)
      await page.waitForTimeout(WARM_UP)
      await busy(session)
      const before = await ask(child)
      const frames = await page.evaluate(collectFrames, seconds * 1000)
      const after = await ask(child)
      report(part, frames, (after.moved - before.moved) / seconds)
      console.log(`          ${share(before.cpu, after.cpu)} of a core for the server; in the page ${await busy(session)}`)
      if (values.screenshot !== undefined && part === 'crowd') await page.screenshot({ path: values.screenshot })
    }
    if (thrown.length > 0) throw new AggregateError(thrown, 'the page threw')
  } finally {
    await browser.close()
    child.kill()
  }
}

async function ask(child) {
  child.send('how many')
  const [answer] = await once(child, 'message')
  return answer
}

function share(before, after) {
  const micros = after.user + after.system - before.user - before.system
  return `${Math.round(micros / seconds / 10_000)} %`
}

/** What its main thread was busy with since the last time it was asked, in milliseconds a second. */
async function busy(session) {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics
    .filter(({ name }) => name in spent)
    .map(({ name, value }) => {
      const ms = ((value - spent[name]) * 1000) / seconds
      spent[name] = value
      return `${name.replace('Duration', '').toLowerCase()} ${ms.toFixed(0)} ms/s`
    })
    .join(', ')
}

/** Runs in the page: the time from each frame to the next. */
function collectFrames(ms) {
  return new Promise((resolve) => {
    const times = []
    let before = performance.now()
    const end = before + ms
    const frame = (now) => {
      times.push(now - before)
      before = now
      if (now < end) requestAnimationFrame(frame)
      else resolve(times.slice(1))
    }
    requestAnimationFrame(frame)
  })
}

function report(part, frames, moves) {
  const sorted = frames.toSorted((a, b) => a - b)
  const at = (fraction) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))]
  console.log(
    `${part.padEnd(9)} ${Math.round(moves)} transitions a second; median ${(1000 / at(0.5)).toFixed(1)} frames a second; ` +
      `frame p95 ${at(0.95).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, max ${at(1).toFixed(1)} ms; ` +
      `${frames.length} frames; load ${loadavg()[0].toFixed(1)}`,
  )
}
