/** The commands of a peer: each that it would take now is a button, and what came of it is said beside it. */
import { useState } from 'preact/hooks'
import type { ConsoleCommand, PeerDetail } from '../../wire.ts'
import { command } from '../state/server.ts'

/** The commands that make sense now. */
export function PeerCommands({ detail }: { detail: PeerDetail }) {
  const [said, setSaid] = useState<{ readonly text: string; readonly isBad: boolean } | undefined>(undefined)
  const send = async (what: ConsoleCommand): Promise<void> => {
    setSaid({ text: `${nameOf(what)} …`, isBad: false })
    const error = await command(what)
    setSaid(error === undefined ? { text: `${nameOf(what)}: done.`, isBad: false } : { text: `${nameOf(what)}: ${error}`, isBad: true })
  }
  const reports = detail.commands.filter(({ type }) => type === 'peer.report')
  const button = (what: ConsoleCommand) => (
    <button
      key={nameOf(what)}
      type="button"
      class="button"
      title={what.type}
      data-testid="command"
      data-command={what.type}
      onClick={() => void send(what)}
    >
      {nameOf(what)}
    </button>
  )
  return (
    <section class="commands" aria-label="Commands">
      <div class="buttons">
        {detail.commands.filter(({ type }) => type !== 'peer.report').map(button)}
        {detail.commands.length === 0 && <span class="hint">No command makes sense now.</span>}
      </div>
      {reports.length > 0 && (
        <details>
          <summary>Report a status, as an app does that owns its links</summary>
          <div class="buttons">{reports.map(button)}</div>
        </details>
      )}
      <p class={said?.isBad === true ? 'said failure' : 'said'} role="status" data-testid="command-answer">
        {said?.text}
      </p>
    </section>
  )
}

function nameOf(what: ConsoleCommand): string {
  switch (what.type) {
    case 'peer.connect':
      return 'Connect'
    case 'peer.disconnect':
      return what.pool ? 'Disconnect, keep in the pool' : 'Disconnect and close'
    case 'peer.retry':
      return 'Try again now'
    case 'peer.report':
      return `Report ${what.status}`
  }
}
