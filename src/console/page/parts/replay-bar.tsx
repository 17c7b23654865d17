/** A recording can be played, stepped through both ways and sought in, and it is seen where it stands. */
import { clock, count } from '../state/numbers.ts'
import { control } from '../state/server.ts'
import { replay } from '../state/session.ts'

const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 50]

/** The bar; nothing where a manager is shown. */
export function ReplayBar() {
  const now = replay.value
  if (now === undefined) return null
  const speeds = SPEEDS.includes(now.speed) ? SPEEDS : [...SPEEDS, now.speed].toSorted((a, b) => a - b)
  return (
    <section class="replay" aria-label="Replay" data-testid="replay" data-position={now.position} data-playing={now.playing}>
      <div class="buttons">
        <button
          type="button"
          class="icon"
          aria-label="A step back"
          title="A step back (←)"
          disabled={now.position === 0}
          onClick={() => control({ type: 'replay', action: 'back' })}
        >
          <Sign d="M12 3v10L5 8ZM3 3h2v10H3Z" />
        </button>
        <button
          type="button"
          class="icon play"
          aria-label={now.playing ? 'Pause' : 'Play'}
          title="Play or pause (space)"
          onClick={() => control({ type: 'replay', action: now.playing ? 'pause' : 'play' })}
        >
          <Sign d={now.playing ? 'M4 3h3v10H4ZM9 3h3v10H9Z' : 'M4 2.5l9 5.5-9 5.5Z'} />
        </button>
        <button
          type="button"
          class="icon"
          aria-label="A step on"
          title="A step on (→)"
          disabled={now.position >= now.length}
          onClick={() => control({ type: 'replay', action: 'step' })}
        >
          <Sign d="M4 3v10l7-5ZM11 3h2v10h-2Z" />
        </button>
      </div>
      <input
        type="range"
        min={0}
        max={now.length}
        value={now.position}
        aria-label="Position"
        aria-valuetext={`step ${now.position} of ${now.length}`}
        data-testid="replay-seek"
        onInput={({ currentTarget }) => control({ type: 'replay', action: 'seek', position: Number(currentTarget.value) })}
      />
      <span class="where">
        <b data-testid="replay-position">{count(now.position)}</b> of {count(now.length)}
        <time>{clock(now.at)}</time>
      </span>
      <label class="field">
        <span class="sr">Speed</span>
        <select
          value={now.speed}
          onChange={({ currentTarget }) => control({ type: 'replay', action: 'speed', speed: Number(currentTarget.value) })}
        >
          {speeds.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      <span class="file mono" title={now.file}>
        {now.file}
      </span>
    </section>
  )
}

function Sign({ d }: { d: string }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={d} fill="currentColor" />
    </svg>
  )
}
