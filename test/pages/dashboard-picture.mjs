/**
 * The picture of the dashboard: `npm run dashboard:picture` draws it from its own queries, asked of a real Prometheus that has
 * scraped the demo for a minute. Grafana itself is in neither npm nor Debian.
 */
import { readFileSync } from 'node:fs'
import { transformSync } from 'esbuild'
import { chromium } from 'playwright-core'
import { asked, readDashboard } from '../observability/dashboard.mjs'
import { monitoredDemo } from '../observability/monitored-demo.mjs'
import { ensureChromium } from '../setup/chromium.mjs'

const PICTURE = 'examples/grafana/dashboard.png'
const SECONDS = 75
const WIDTH = 1_280
const ROW = 26
const COLORS = ['#73bf69', '#f2cc0c', '#5794f2', '#ff780a', '#f2495c', '#b877d9', '#8ab8ff', '#96d98d', '#ffa6b0', '#ffee52']
const UNITS = {
  percentunit: (v) => `${(v * 100).toFixed(0)} %`,
  s: (v) => (v < 1 ? `${(v * 1_000).toFixed(v < 0.01 ? 1 : 0)} ms` : `${v.toFixed(1)} s`),
}

const { code } = transformSync(readFileSync('test/setup/debian-binary.ts', 'utf8'), { loader: 'ts', format: 'esm' })
const { debianBinary } = await import(`data:text/javascript,${encodeURIComponent(code)}`)

const { prometheus, end } = await monitoredDemo(await debianBinary('prometheus', '/usr/bin/prometheus'))
const browser = await chromium.launch({ executablePath: await ensureChromium(), args: ['--no-sandbox', '--disable-gpu'] })
try {
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1_000))
  const { panels } = readDashboard()
  const drawn = []
  for (const panel of panels) drawn.push(await draw(panel))
  const last = panels.at(-1).gridPos
  const height = (last.y + last.h) * ROW + 60
  const page = await browser.newPage({ viewport: { width: WIDTH, height } })
  await page.setContent(pageOf(drawn, height))
  await page.screenshot({ path: PICTURE })
} finally {
  await browser.close()
  await end()
}

async function draw(panel) {
  const { x, y, w, h } = panel.gridPos
  const place = `left:${(x / 24) * 100}%;top:${y * ROW}px;width:calc(${(w / 24) * 100}% - 6px);height:${h * ROW - 6}px`
  if (panel.type === 'row') return `<h2 style="${place}">${escaped(panel.title)}</h2>`
  const lines = []
  for (const { expr, legendFormat } of panel.targets) {
    for (const { metric, values } of await prometheus.range(asked(expr, '5s'), SECONDS)) {
      const name = legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? '').trim()
      const points = values.map(([at, value]) => [at, Number(value)]).filter(([, value]) => Number.isFinite(value))
      if (points.length > 0) lines.push({ name, points, isFrame: name === 'maximum' })
    }
  }
  const { unit, custom } = panel.fieldConfig.defaults
  const format = UNITS[unit] ?? ((v) => (v >= 10_000 ? `${(v / 1_000).toFixed(0)}k` : String(Math.round(v * 100) / 100)))
  const inner =
    panel.type === 'stat'
      ? stat(panel, lines, format)
      : chart({ lines, custom, format, width: (w / 24) * WIDTH - 20, height: h * ROW - 62 })
  return `<section style="${place}"><h3>${escaped(panel.title)}</h3>${inner}</section>`
}

function stat({ fieldConfig }, [line], format) {
  const value = line?.points.at(-1)?.[1]
  const steps = fieldConfig.defaults.thresholds.steps
  const color = value === undefined ? 'grey' : steps.findLast((step) => step.value === null || value >= step.value).color
  const shade = { green: '#299c46', orange: '#d9822b', red: '#d44a3a', grey: '#444' }[color]
  return `<div class="stat" style="background:${shade}">${value === undefined ? 'No data' : format(value)}</div>`
}

function chart({ lines, custom, format, width, height }) {
  if (lines.length === 0) return '<p class="none">No data</p>'
  const to = Date.now() / 1_000
  const from = to - SECONDS
  const isStacked = custom.stacking.mode === 'normal'
  const floor = new Map()
  const series = lines.map((line) => {
    if (!isStacked || line.isFrame) return { ...line, tops: line.points.map(([at, value]) => [at, 0, value]) }
    const tops = line.points.map(([at, value]) => {
      const key = Math.round(at)
      const below = floor.get(key) ?? 0
      floor.set(key, below + value)
      return [at, below, below + value]
    })
    return { ...line, tops }
  })
  const most = Math.max(1e-9, ...series.flatMap(({ tops }) => tops.map(([, , top]) => top))) * 1.08
  const px = (at) => (44 + ((at - from) / (to - from)) * (width - 48)).toFixed(1)
  const py = (value) => (height - (value / most) * (height - 6)).toFixed(1)
  const grid = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      `<line x1="44" x2="${width}" y1="${py(share * most)}" y2="${py(share * most)}" class="grid"/><text x="40" y="${Number(py(share * most)) + 3}">${format(share * most)}</text>`,
  )
  const shapes = series.flatMap(({ tops: all, isFrame }, index) =>
    runsOf(all).map((tops) => {
      const color = COLORS[index % COLORS.length]
      if (custom.drawStyle === 'points')
        return tops.map(([at, , top]) => `<circle cx="${px(at)}" cy="${py(top)}" r="2.5" fill="${color}"/>`).join('')
      const line = tops.map(([at, , top]) => `${px(at)},${py(top)}`).join(' ')
      const stroke = `<polyline points="${line}" fill="none" stroke="${color}" stroke-width="1.3"${isFrame ? ' stroke-dasharray="8 6"' : ''}/>`
      if (!isStacked || isFrame) return stroke
      const back = tops.toReversed().map(([at, below]) => `${px(at)},${py(below)}`)
      return `<polygon points="${line} ${back.join(' ')}" fill="${color}" fill-opacity=".35"/>${stroke}`
    }),
  )
  const legend = series.map(({ name }, index) => `<span><i style="background:${COLORS[index % COLORS.length]}"></i>${escaped(name)}</span>`)
  return `<svg width="${width}" height="${height}">${grid.join('')}${shapes.join('')}</svg><div class="legend">${legend.join('')}</div>`
}

/** Where there is nothing for a while, no line is drawn. */
function runsOf(tops) {
  const runs = []
  for (const top of tops) {
    const run = runs.at(-1)
    if (run !== undefined && top[0] - run.at(-1)[0] < 1.5) run.push(top)
    else runs.push([top])
  }
  return runs
}

function pageOf(drawn, height) {
  return `<!doctype html><meta charset="utf-8"><style>
body{margin:0;background:#111217;color:#ccccdc;font:12px system-ui,sans-serif;height:${height}px}
header{padding:12px 14px;font-size:15px}header small{color:#8e8e99;margin-left:12px}
main{position:relative;margin:0 8px}section,h2{position:absolute;box-sizing:border-box;overflow:hidden}
section{background:#181b1f;border:1px solid #25272e;border-radius:2px;padding:5px 8px}h2{margin:0;font-size:13px;padding:5px 2px}
h3{margin:0 0 4px;font-size:12px;font-weight:500}text{fill:#8e8e99;font-size:9px;text-anchor:end}.grid{stroke:#25272e}
.legend{height:26px;overflow:hidden;font-size:10px;line-height:13px}.legend span{margin-right:10px;white-space:nowrap;display:inline-block}
.legend i{display:inline-block;width:10px;height:3px;margin:0 4px 3px 0}.none{color:#8e8e99;text-align:center;padding-top:20px}
.stat{height:calc(100% - 22px);display:grid;place-content:center;font-size:26px;color:#fff;border-radius:2px}
</style><header>qudag-connections<small>drawn from the queries of dashboard.json, asked of a Prometheus that scrapes the demo; not by Grafana</small></header>
<main>${drawn.join('')}</main>`
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
