/** A chart of the metrics shows the last ten minutes, and says its latest numbers in words. */
import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import type { NetworkMetrics } from '../../../metrics/network-metrics.ts'
import { inSomeFrame } from '../state/frame.ts'
import { history, metrics } from '../state/session.ts'
import { colour, palette } from '../state/theme.ts'
import type { Plot } from './series.ts'

const HEIGHT = 132
/** A shorter history is shown at this width, in seconds: a line of two points says nothing. */
const SHORTEST = 60

/** One chart. */
export function PlotView({ plot }: { plot: Plot }) {
  const home = useRef<HTMLDivElement>(null)
  useEffect(() => live(home.current!, plot), [plot])
  const latest = metrics.value
  return (
    <figure class="plot" data-testid={`plot-${plot.id}`}>
      <figcaption>
        <h3>{plot.title}</h3>
        <ul>
          {plot.lines.map((line) => {
            const value = latest === undefined ? null : line.of(latest)
            return (
              <li key={line.name}>
                <svg width="16" height="4" aria-hidden="true">
                  <line x1="0" y1="2" x2="16" y2="2" style={{ stroke: `var(--${line.colour})` }} stroke-dasharray={line.dash?.join(' ')} />
                </svg>
                {line.name} <b>{value === null ? '–' : plot.write(value)}</b>
              </li>
            )
          })}
        </ul>
      </figcaption>
      <div ref={home} class="plot-room" aria-hidden="true" />
    </figure>
  )
}

/** Draws a chart while it can be seen. @returns ends that */
function live(home: HTMLElement, plot: Plot): () => void {
  let chart: uPlot | undefined
  let isSeen = false
  const draw = (): void => {
    if (!isSeen || home.clientWidth === 0) return
    const data = dataOf(plot, history.peek())
    if (chart !== undefined) return chart.setData(data)
    chart = new uPlot(optionsOf(plot, home.clientWidth), data, home)
  }
  const stop = effect(() => {
    if (history.value.length > 0) inSomeFrame(draw)
  })
  const restyle = effect(() => {
    if (palette.value < 0) return
    chart?.destroy()
    chart = undefined
    inSomeFrame(draw)
  })
  const resized = new ResizeObserver(() => chart?.setSize({ width: home.clientWidth, height: HEIGHT }))
  const seen = new IntersectionObserver(([entry]) => {
    isSeen = entry!.isIntersecting
    if (isSeen) inSomeFrame(draw)
  })
  resized.observe(home)
  seen.observe(home)
  return () => {
    stop()
    restyle()
    resized.disconnect()
    seen.disconnect()
    chart?.destroy()
    isSeen = false
  }
}

function dataOf(plot: Plot, samples: readonly NetworkMetrics[]): uPlot.AlignedData {
  return [samples.map(({ at }) => at / 1000), ...plot.lines.map((line) => samples.map((sample) => line.of(sample)))]
}

function optionsOf(plot: Plot, width: number): uPlot.Options {
  const [faint, line] = [colour('faint'), colour('line')]
  const axis = { stroke: faint, font: '11px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: line, width: 1 } }
  return {
    width,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 26, 0, 0],
    scales: {
      x: { time: true, range: (_, least, most) => [Math.min(least ?? 0, (most ?? 0) - SHORTEST), most ?? SHORTEST] },
      y: { range: (_, __, most) => [0, most === null || !(most > 0) ? 1 : most * 1.12] },
    },
    axes: [
      { ...axis, size: 24, space: 90, values: (_, ticks) => ticks.map(timeOfDay) },
      { ...axis, size: 62, space: 34, values: (_, ticks) => ticks.map((tick) => plot.write(tick)) },
    ],
    series: [
      {},
      ...plot.lines.map((each) => ({
        label: each.name,
        stroke: colour(each.colour),
        width: 1.75,
        points: { show: false },
        ...(each.dash === undefined ? {} : { dash: [...each.dash] }),
        ...(plot.lines.length === 1 ? { fill: colour('wash') } : {}),
      })),
    ],
  }
}

function timeOfDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', seconds % 60 === 0 ? { hour: '2-digit', minute: '2-digit' } : {})
}
