/** The tiles: how many peers are in each status, all as of one move, is the first thing that is read. */
import { holdsSlot, statusOf } from '../../../../machines/domain/peer-state.ts'
import { count } from '../state/numbers.ts'
import { counted, hello } from '../state/session.ts'
import { countOf, MEANINGS, STATUSES } from '../state/status.ts'
import { Shape } from './shape.tsx'

/** The big numbers. Tests read the counts of states here, as of `data-seq`. */
export function Tiles() {
  const states = hello.value?.states ?? []
  const { seq, counts } = counted.value
  return (
    <section class="tiles" aria-label="Peers by status" data-testid="counts" data-seq={seq} data-counts={counts.join(',')}>
      {STATUSES.map((status) => {
        const parts = states.flatMap((state, place) =>
          statusOf(state) === status && state !== status ? [[state.split('.')[1]!, counts[place] ?? 0] as const] : [],
        )
        const held = states.some((state) => statusOf(state) === status && holdsSlot(state))
        return (
          <article key={status} class="card tile" data-status={status} data-holds={held}>
            <h3>
              <Shape status={status} />
              {status}
            </h3>
            <p class="big" data-testid={`count-${status}`}>
              {count(countOf(status, states, counts))}
            </p>
            <p class="hint">
              {parts.length === 0
                ? MEANINGS[status]
                : parts.map(([name, value]) => (
                    <span key={name} class={value === 0 ? 'part none' : 'part'}>
                      {name} <b>{count(value)}</b>
                    </span>
                  ))}
            </p>
          </article>
        )
      })}
    </section>
  )
}
