/** The log shows the latest moves that pass its filter, in no more rows than are seen. */
import { signal } from '@preact/signals'
import { useRef, useState } from 'preact/hooks'
import type { ConnectionStatus } from '../../../../machines/domain/connection-status.ts'
import type { PeerState } from '../../../../machines/domain/peer-state.ts'
import type { LogEntry } from '../../wire.ts'
import { isPaused, logged, missed, pauseLog, skipped } from '../state/log-book.ts'
import { clock, count } from '../state/numbers.ts'
import { goTo, peerHref } from '../state/route.ts'
import { hello } from '../state/session.ts'
import { statusIn, STATUSES } from '../state/status.ts'
import { StateBadge } from './shape.tsx'

const ROW = 30
const ROWS = 14

const text = signal('')
const into = signal<ConnectionStatus | 'any' | 'failures'>('any')

/** The log. */
export function Log() {
  const [top, setTop] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const states = hello.value?.states ?? []
  const entries = logged.value.filter((entry) => passes(entry, states))
  const first = Math.max(0, Math.min(Math.floor(top / ROW) - 2, entries.length - ROWS))
  return (
    <section class="card log" id="log" aria-labelledby="log-title">
      <header class="card-head">
        <h2 id="log-title">What happened</h2>
        <p class="hint">
          The latest moves, the newest first{skipped.value > 0 && `; ${count(skipped.value)} more went by too fast to list`}.
        </p>
      </header>
      <div class="filters">
        <label class="field grow">
          <span class="sr">Filter the log</span>
          <input
            type="search"
            placeholder="Filter by peer, reason or failure"
            value={text.value}
            data-testid="log-filter"
            onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Into</span>
          <select
            value={into.value}
            data-testid="log-into"
            onChange={({ currentTarget }) => (into.value = currentTarget.value as typeof into.value)}
          >
            <option value="any">any state</option>
            {STATUSES.map((status) => (
              <option key={status}>{status}</option>
            ))}
            <option value="failures">with a failure</option>
          </select>
        </label>
        <button
          type="button"
          class="button"
          aria-pressed={isPaused.value}
          data-testid="log-pause"
          onClick={() => pauseLog(!isPaused.value)}
        >
          {isPaused.value ? `Go on${missed.value > 0 ? ` (${count(missed.value)} new)` : ''}` : 'Pause'}
        </button>
      </div>
      <div
        class="rows"
        ref={list}
        role="log"
        aria-live="off"
        tabIndex={0}
        aria-label="Moves"
        data-testid="log"
        onScroll={() => setTop(list.current!.scrollTop)}
      >
        {entries.length === 0 && (
          <p class="empty-note">{logged.value.length === 0 ? 'Nothing happened yet.' : 'No move passes this filter.'}</p>
        )}
        <div style={{ height: `${entries.length * ROW}px` }}>
          <ol style={{ transform: `translateY(${first * ROW}px)` }}>
            {entries.slice(first, first + ROWS + 4).map((entry) => (
              <Row key={entry.seq} entry={entry} states={states} />
            ))}
          </ol>
        </div>
      </div>
    </section>
  )
}

function Row({ entry, states }: { entry: LogEntry; states: readonly PeerState[] }) {
  return (
    <li>
      <time>{clock(entry.at)}</time>
      <a
        href={peerHref(entry.peerId)}
        onClick={(event) => {
          event.preventDefault()
          goTo(entry.peerId)
        }}
      >
        {entry.peerId}
      </a>
      <span class="from">{entry.from < 0 ? 'new' : states[entry.from]?.replace('.', ' · ')}</span>
      <span aria-hidden="true">→</span>
      {entry.to < 0 ? <span class="badge">forgotten</span> : <StateBadge state={states[entry.to] ?? ''} />}
      <span class="reason">{entry.reason}</span>
      <span class="failure">{entry.failure}</span>
    </li>
  )
}

function passes(entry: LogEntry, states: readonly PeerState[]): boolean {
  if (into.value === 'failures' ? entry.failure === undefined : into.value !== 'any' && statusIn(states[entry.to] ?? '') !== into.value)
    return false
  const words = text.value.toLowerCase()
  return words === '' || [entry.peerId, entry.reason, entry.failure ?? ''].some((part) => part.toLowerCase().includes(words))
}
