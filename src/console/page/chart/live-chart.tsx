/** A chart on the page lives as long as it is there, and shows the newest counts. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Chart } from '../../wire.ts'
import { batchListeners, counted, flows, hello } from '../state/session.ts'
import { ChartLife } from './chart-life.ts'
import { ChartView } from './chart-view.tsx'

/** Whether every line has its events written on it, or only those along which something went. */
export const isEverythingNamed = signal(false)

/** The chart of all peers, with how many are in each state. */
export function CrowdChart({ chart }: { chart: Chart }) {
  const home = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const life = new ChartLife(home.current!, chart, flows, chart.id === 'peer' ? (hello.peek()?.states ?? []) : [])
    const show = (): void => life.show(counted.peek().counts)
    batchListeners.add(show)
    show()
    return () => {
      batchListeners.delete(show)
      life.end()
    }
  }, [chart])
  return (
    <div ref={home} class={isEverythingNamed.value ? 'all-named' : ''}>
      <ChartView
        chart={chart}
        label={chart.id === 'peer' ? 'How a peer lives: states, and how many peers are in each' : 'The supervisor, with what it did'}
      />
    </div>
  )
}

/** A chart in which one state is lit, and the ways out of it. */
export function LitChart({ chart, state }: { chart: Chart; state: string | undefined }) {
  const home = useRef<HTMLDivElement>(null)
  useEffect(() => {
    for (const node of home.current!.querySelectorAll('[data-node]')) {
      const id = node.getAttribute('data-node') ?? ''
      node.classList.toggle('here', state === id)
      node.classList.toggle('around', state !== undefined && state.startsWith(`${id}.`))
    }
    for (const [index, { source }] of chart.edges.entries()) {
      const isWay = state !== undefined && (source === state || state.startsWith(`${source}.`))
      for (const part of ['edge', 'edge-label']) home.current!.querySelector(`[data-${part}="${index}"]`)?.classList.toggle('way', isWay)
    }
    const here = home.current!.querySelector('.here')
    const scroll = home.current!.querySelector('.chart-scroll')
    if (here === null || scroll === null) return
    const [inner, outer] = [here.getBoundingClientRect(), scroll.getBoundingClientRect()]
    if (inner.left < outer.left || inner.right > outer.right) scroll.scrollLeft += inner.left - outer.left - (outer.width - inner.width) / 2
  }, [chart, state])
  return (
    <div ref={home} class="lit-chart">
      <ChartView chart={chart} label={`Its state: ${state ?? 'not known'}`} />
    </div>
  )
}
