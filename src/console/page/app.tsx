/** The page reads from what is most asked for to what is seldom needed, on any screen. */
import { useEffect } from 'preact/hooks'
import { CrowdChart, isEverythingNamed } from './chart/live-chart.tsx'
import { Crowd } from './crowd/crowd.tsx'
import { Metrics } from './metrics/metrics.tsx'
import { Fleet } from './parts/fleet.tsx'
import { Header } from './parts/header.tsx'
import { Keys } from './parts/keys.tsx'
import { listenToKeys } from './parts/key-map.ts'
import { Log } from './parts/log.tsx'
import { Notice } from './parts/notice.tsx'
import { PeerPanel } from './parts/peer-panel.tsx'
import { ReplayBar } from './parts/replay-bar.tsx'
import { Supervisor } from './parts/supervisor.tsx'
import { Tiles } from './parts/tiles.tsx'
import { hello, isOver } from './state/session.ts'
import { openPeer } from './state/route.ts'
import { lookAt, serverLink } from './state/server.ts'

/** The page. */
export function App() {
  useEffect(listenToKeys, [])
  useEffect(() => lookAt(openPeer.value), [openPeer.value])
  const chart = hello.value?.charts.find(({ id }) => id === 'peer')
  const isStill = serverLink.value.kind !== 'live' || isOver.value
  return (
    <>
      <a class="skip" href="#main">
        Skip to the peers
      </a>
      <Header />
      <Notice />
      {hello.value === null ? (
        <Waiting />
      ) : (
        <main id="main" class={isStill ? 'still' : ''} data-testid="dashboard">
          <Tiles />
          <Fleet />
          <section class="card hero" id="overview" aria-labelledby="overview-title">
            <header class="card-head">
              <h2 id="overview-title">How a peer lives</h2>
              <p class="hint">
                Boxes are states, with how many peers are in each now. Lines are what moves them; a line lights up when it happens.
              </p>
              <label class="switch">
                <input
                  type="checkbox"
                  checked={isEverythingNamed.value}
                  onChange={({ currentTarget }) => (isEverythingNamed.value = currentTarget.checked)}
                />
                Name every line
              </label>
            </header>
            {chart !== undefined && <CrowdChart chart={chart} />}
          </section>
          <Crowd />
          <Metrics />
          <Supervisor />
          <Log />
        </main>
      )}
      <PeerPanel />
      <ReplayBar />
      <Keys />
    </>
  )
}

const WAITS = {
  connecting: 'Connecting to the server …',
  live: 'Connecting to the server …',
  lost: 'There is no server at this address now.',
  refused: 'The server rejected this page.',
  outdated: 'This page is not of the server’s version.',
  ended: 'All is over here.',
}

function Waiting() {
  return (
    <main id="main" class="waiting" data-testid="waiting">
      <div class="spinner" aria-hidden="true" />
      <p>{WAITS[serverLink.value.kind]}</p>
    </main>
  )
}
