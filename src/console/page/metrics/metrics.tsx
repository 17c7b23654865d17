/** The metrics of the manager over the last ten minutes, also after a reload. */
import { count } from '../state/numbers.ts'
import { history, metrics } from '../state/session.ts'
import { PlotView } from './plot-view.tsx'
import { PLOTS } from './series.ts'

/** The metrics. */
export function Metrics() {
  return (
    <section class="card" id="metrics" aria-labelledby="metrics-title" data-testid="metrics" data-since={history.value[0]?.at}>
      <header class="card-head">
        <h2 id="metrics-title">Metrics</h2>
        <p class="hint">The last ten minutes, a sample a second. The server keeps them: a reload loses nothing.</p>
      </header>
      <div class="plots">
        {PLOTS.map((plot) => (
          <PlotView key={plot.id} plot={plot} />
        ))}
        <Totals />
      </div>
    </section>
  )
}

/** What only counts up. */
function Totals() {
  const now = metrics.value
  if (now === undefined) return null
  const { dials, inbound, pool } = now
  const rows = [
    ['Dials begun', count(dials.started)],
    ['… succeeded', count(dials.succeeded)],
    ['… failed', count(dials.failed)],
    ['Inbound taken', count(inbound.accepted)],
    ['Inbound turned away', count(inbound.rejected)],
    ['Pool hits', `${count(pool.hits)}${pool.hitRatio === null ? '' : ` (${Math.round(pool.hitRatio * 100)} %)`}`],
    ['Pool expired, evicted', `${count(pool.expired)}, ${count(pool.evicted)}`],
  ]
  return (
    <figure class="plot totals">
      <figcaption>
        <h3>Since the start</h3>
      </figcaption>
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </figure>
  )
}
