/** The panel shows one peer in full, as it is now, until it is closed. */
import { useEffect, useRef } from 'preact/hooks'
import { LitChart } from '../chart/live-chart.tsx'
import { goTo, openPeer } from '../state/route.ts'
import { counted, crowd, hello, isOver, peer } from '../state/session.ts'
import { serverLink } from '../state/server.ts'
import { DataTree } from './data-tree.tsx'
import { PeerCommands } from './peer-commands.tsx'
import { PeerMoves, PeerStory, storyOf } from './peer-story.tsx'
import { StateBadge } from './shape.tsx'

/** The panel; nothing while no peer is open. */
export function PeerPanel() {
  const peerId = openPeer.value
  const panel = useRef<HTMLElement>(null)
  const before = useRef<Element | null>(null)
  useEffect(() => {
    if (peerId !== null) {
      before.current ??= document.activeElement
      panel.current?.focus({ preventScroll: true })
    } else if (before.current instanceof HTMLElement) {
      before.current.focus({ preventScroll: true })
      before.current = null
    }
  }, [peerId])
  if (peerId === null) return null
  const shown = peer.value?.peerId === peerId ? peer.value : undefined
  const chart = hello.value?.charts.find(({ id }) => id === 'peer')
  return (
    <aside class="panel" ref={panel} tabIndex={-1} aria-label={`Peer ${peerId}`} data-testid="peer" data-state={shown?.state ?? ''}>
      <header>
        <div>
          <small>Peer</small>
          <h2>{peerId}</h2>
        </div>
        {shown?.state !== undefined && (
          <span role="status" aria-live="polite" data-testid="peer-state">
            <StateBadge state={shown.state} />
          </span>
        )}
        <button type="button" class="icon" aria-label="Close" title="Close (Esc)" onClick={() => goTo(null)}>
          ✕
        </button>
      </header>
      {shown !== undefined && serverLink.value.kind !== 'live' && (
        <p class="notice" data-testid="peer-stale">
          {AWAY[serverLink.value.kind]} This is how the peer was.
        </p>
      )}
      {shown === undefined ? (
        <Unanswered peerId={peerId} />
      ) : (
        <>
          {shown.state === undefined && (
            <p class="notice" data-testid="peer-unknown">
              <strong>This peer is not known now.</strong> It was forgotten, or has never connected; as soon as it connects it is shown
              here.
            </p>
          )}
          <PeerStory detail={shown} />
          {hello.value?.allowSend === true ? <PeerCommands detail={shown} /> : null}
          <section>
            <h3>Events accepted now</h3>
            <p class="valid" data-testid="peer-valid">
              {shown.valid.length === 0 ? <span class="none">none</span> : shown.valid.map((event) => <code key={event}>{event}</code>)}
            </p>
            {hello.value?.allowSend === false && <p class="hint">This console is read-only: the server does not allow commands.</p>}
          </section>
          <PeerMoves detail={shown} />
          {chart !== undefined && (
            <section>
              <h3>State and transitions</h3>
              <LitChart chart={chart} state={shown.state} />
            </section>
          )}
          <details>
            <summary>Context of its machine</summary>
            <DataTree value={shown.context} />
          </details>
          <details open={storyOf(shown) === undefined}>
            <summary>explain()</summary>
            <DataTree value={shown.explanation} />
          </details>
        </>
      )}
    </aside>
  )
}

const AWAY = {
  connecting: 'Connecting to the server.',
  lost: 'The connection to the server is lost.',
  refused: 'The server rejected this page.',
  outdated: 'This page is not of the server’s version.',
  ended: 'The manager has stopped.',
}

/** Until the server has answered, and where it never will: what the page knows by itself. */
function Unanswered({ peerId }: { peerId: string }) {
  const { kind } = serverLink.value
  void counted.value
  const slot = crowd.slotOf(peerId)
  const state = hello.value?.states[crowd.state[slot] ?? -1]
  const [address, failure] = [crowd.addresses[slot], crowd.failures[slot]]
  const isAsked = kind === 'live' && !isOver.value
  return (
    <>
      <p class={isAsked ? 'empty-note' : 'notice'} data-testid="peer-unanswered">
        {isAsked ? 'Asking the server …' : kind === 'live' ? AWAY.ended : AWAY[kind]}
        {!isAsked && (state === undefined ? ' Nothing is known of this peer here.' : ' This is what was known last.')}
      </p>
      {state !== undefined && (
        <dl class="facts" data-testid="peer-last-known">
          <div>
            <dt>State</dt>
            <dd>
              <StateBadge state={state} />
            </dd>
          </div>
          {address !== undefined && address !== '' && (
            <div>
              <dt>Address</dt>
              <dd>{address}</dd>
            </div>
          )}
          {failure != null && (
            <div>
              <dt>Last failure</dt>
              <dd class="failure">{failure}</dd>
            </div>
          )}
        </dl>
      )}
    </>
  )
}
