/** The header says what this is, whether it is live, and how full it is. */
import { held, isOver, metrics, moveRate, replay, supervisor } from '../state/session.ts'
import { count, short } from '../state/numbers.ts'
import { serverLink } from '../state/server.ts'
import { isDark, nextTheme, palette } from '../state/theme.ts'
import { showKeys } from './key-map.ts'

const LINKS = [
  ['overview', 'States'],
  ['crowd', 'Peers'],
  ['metrics', 'Metrics'],
  ['supervisor', 'Supervisor'],
  ['log', 'Log'],
] as const

/** The bar at the top. */
export function Header() {
  return (
    <header class="bar">
      <div class="brand">
        <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          <path class="wire" d="M9 9l14 6M9 23l14-8M9 9v14" />
          <circle cx="9" cy="9" r="4.5" />
          <circle cx="9" cy="23" r="4.5" />
          <circle cx="24" cy="15" r="5.5" />
        </svg>
        <h1>
          qudag<span>connections</span>
        </h1>
      </div>
      <nav aria-label="Parts of this page">
        {LINKS.map(([id, label]) => (
          <a key={id} href={`#${id}`} onClick={(event) => jump(event, id)}>
            {label}
          </a>
        ))}
      </nav>
      <div class="standing">
        <Live />
        <Supervised />
        <Limit />
        <Theme />
        <button type="button" class="icon" aria-label="Keys" title="Keys (?)" onClick={() => showKeys(true)}>
          ?
        </button>
      </div>
    </header>
  )
}

/** The address names the peer that is open; a jump within the page must not take its place. */
function jump(event: Event, id: string): void {
  event.preventDefault()
  document.querySelector(`#${id}`)?.scrollIntoView({ behavior: 'smooth', block: 'start' })
}

function Live() {
  const { kind } = serverLink.value
  const name =
    kind === 'ended' || (isOver.value && kind === 'live') ? 'over' : kind === 'live' && replay.value !== undefined ? 'replay' : kind
  const words = {
    connecting: 'Connecting',
    live: 'Live',
    lost: 'Lost',
    refused: 'Refused',
    outdated: 'Outdated',
    over: 'Over',
    replay: 'Replay',
  }
  return (
    <span class="live" data-link={name} data-testid="link" role="status" aria-live="polite">
      <i aria-hidden="true" />
      {words[name]}
    </span>
  )
}

function Supervised() {
  if (supervisor.value === '') return null
  return (
    <span class="stat">
      <small>Supervisor</small>
      <b data-testid="supervisor-state">{supervisor.value}</b>
    </span>
  )
}

function Limit() {
  const limit = metrics.value?.limit
  if (limit === undefined) return null
  const share = Math.min(1, held.value / limit)
  return (
    <>
      <span class="stat rate">
        <small>Moves a second</small>
        <b>{short(Math.round(moveRate.value * 10) / 10)}</b>
      </span>
      <span class="stat limit" title={`${count(held.value)} links are held of the ${count(limit)} that may be`}>
        <small>Links held</small>
        <b>
          <span data-testid="held">{count(held.value)}</span> of {count(limit)}
        </b>
        <span
          class={`gauge ${share >= 1 ? 'full' : ''}`}
          role="meter"
          aria-label="Links held"
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={held.value}
        >
          <i style={{ transform: `scaleX(${share})` }} />
        </span>
      </span>
    </>
  )
}

function Theme() {
  void palette.value
  return (
    <button
      type="button"
      class="icon"
      aria-label={isDark() ? 'Light theme' : 'Dark theme'}
      title="Theme (t)"
      onClick={nextTheme}
      data-testid="theme"
    >
      {isDark() ? '☀' : '☾'}
    </button>
  )
}
