/** The supervisor's chart shows where it is, and what it has done. */
import { useEffect, useRef } from 'preact/hooks'
import { CrowdChart } from '../chart/live-chart.tsx'
import { hello, supervisor } from '../state/session.ts'

/** The supervisor. */
export function Supervisor() {
  const home = useRef<HTMLElement>(null)
  const chart = hello.value?.charts.find(({ id }) => id === 'supervisor')
  useEffect(() => {
    for (const node of home.current?.querySelectorAll('[data-node]') ?? [])
      node.classList.toggle('here', node.getAttribute('data-node') === supervisor.value)
  }, [chart, supervisor.value])
  return (
    <section class="card" id="supervisor" ref={home} aria-labelledby="supervisor-title">
      <header class="card-head">
        <h2 id="supervisor-title">The supervisor</h2>
        <p class="hint">It owns all peers: it admits them up to the limit, and closes them.</p>
      </header>
      {chart !== undefined && <CrowdChart chart={chart} />}
    </section>
  )
}
