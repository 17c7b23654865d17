/** The filter of the crowd is set here, and can be seen to be set. */
import type { Signal } from '@preact/signals'
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import { count } from '../state/numbers.ts'
import { known } from '../state/session.ts'
import { MEANINGS, STATUSES } from '../state/status.ts'
import { Shape } from '../parts/shape.tsx'
import { SORTS, type Sort } from './order.ts'

interface Wish {
  readonly text: string
  readonly hidden: ReadonlySet<ConnectionStatus>
  readonly sort: Sort
  readonly isDescending: boolean
}

/** The controls above the crowd. */
export function CrowdFilter({ wish, shown }: { wish: Signal<Wish>; shown: number }) {
  const { text, hidden, sort, isDescending } = wish.value
  const toggle = (status: ConnectionStatus): void => {
    const next = new Set(hidden)
    if (!next.delete(status)) next.add(status)
    wish.value = { ...wish.value, hidden: next }
  }
  return (
    <div class="filters">
      <label class="field grow">
        <span class="sr">Filter by id, address, failure or proof</span>
        <input
          id="filter"
          type="search"
          placeholder="Filter by id, address, failure or proof"
          value={text}
          data-testid="crowd-filter"
          onInput={({ currentTarget }) => (wish.value = { ...wish.value, text: currentTarget.value })}
        />
        <kbd aria-hidden="true">/</kbd>
      </label>
      <div class="chips" role="group" aria-label="Statuses that are shown">
        {STATUSES.map((status) => (
          <button
            key={status}
            type="button"
            class="chip"
            data-status={status}
            aria-pressed={!hidden.has(status)}
            title={MEANINGS[status]}
            onClick={() => toggle(status)}
          >
            <Shape status={status} />
            {status}
          </button>
        ))}
      </div>
      <label class="field">
        <span>Sort</span>
        <select
          data-testid="crowd-sort"
          value={sort}
          onChange={({ currentTarget }) => (wish.value = { ...wish.value, sort: currentTarget.value as Sort })}
        >
          {SORTS.map((by) => (
            <option key={by} value={by}>
              {by}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="icon"
          aria-pressed={isDescending}
          aria-label="Descending"
          title={isDescending ? 'Descending' : 'Ascending'}
          onClick={() => (wish.value = { ...wish.value, isDescending: !isDescending })}
        >
          {isDescending ? '↓' : '↑'}
        </button>
      </label>
      <output class="hint" data-testid="crowd-count">
        {shown === known.value ? `${count(shown)} peers` : `${count(shown)} of ${count(known.value)}`}
      </output>
    </div>
  )
}
