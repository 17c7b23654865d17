/** The fleet: how the manager that is shown stands in it, and who else is there. Nothing where it has none. */
import { away, clock, count } from '../state/numbers.ts'
import { fleet, metrics } from '../state/session.ts'

/** What each state means for whoever reads it. */
const MEANINGS: Readonly<Record<string, string>> = {
  joining: 'it owns nothing yet',
  joined: 'its lease is renewed',
  'store away': 'nobody new is claimed; when the lease ends, what it owns is closed',
  lost: 'its lease is over, and everything was closed',
  unfenced: 'its lease is over, and links are kept that others may own too',
  left: 'it is in its fleet no longer',
}

/** The card. */
export function Fleet() {
  const shown = fleet.value
  if (shown === undefined) return null
  const { fleet: name, node, id, state = '', store, storeError, leaseUntil, permits, owned, takingOver, handedOver, living = [] } = shown
  const { nodes = living.length } = shown
  const at = metrics.value?.at
  const isWell = state === 'joined'
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Store', storeError === undefined ? store : `${store ?? ''}: ${storeError}`],
    ['Lease', leaseUntil === undefined || at === undefined ? 'none' : `ends ${away(leaseUntil, at)} unless it is renewed`],
    [
      'Permits',
      permits === undefined
        ? undefined
        : `${count(permits.held)} held of ${count(permits.granted)} granted here; the fleet has ${count(permits.limit)}${permits.isExhausted ? ', and none left' : ''}`,
    ],
    [
      'Peers',
      owned === undefined
        ? undefined
        : `${count(owned)} owned, ${count(handedOver ?? 0)} handed over, ${count(takingOver ?? 0)} to be taken over`,
    ],
  ]
  return (
    <section class="card fleet" id="fleet" aria-labelledby="fleet-title" data-testid="fleet" data-state={state}>
      <header class="card-head">
        <h2 id="fleet-title">
          Node {node} of fleet {name}
        </h2>
        <p class={isWell ? 'hint' : 'hint failure'} role="status" aria-live="polite" data-testid="fleet-state">
          <b>{state}</b>: {MEANINGS[state] ?? ''}
        </p>
      </header>
      <dl class="facts" data-testid="fleet-facts">
        {rows.map(([title, text]) =>
          text === undefined ? null : (
            <div key={title}>
              <dt>{title}</dt>
              <dd class={title === 'Store' && storeError !== undefined ? 'failure' : ''}>{text}</dd>
            </div>
          ),
        )}
        <div>
          <dt>Living nodes</dt>
          <dd>
            <ul class="nodes" data-testid="fleet-nodes">
              {living.map((one) => (
                <li key={one.id}>
                  <b>{one.name}</b>
                  {one.id === id ? ' (this one)' : ''} <span class="hint">since {clock(one.since)}</span>
                </li>
              ))}
              {nodes > living.length && <li>and {count(nodes - living.length)} more</li>}
              {nodes === 0 && <li>none is known</li>}
            </ul>
          </dd>
        </div>
      </dl>
    </section>
  )
}
