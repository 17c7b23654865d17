/**
 * What the peer machine does is written down a second time, cell by cell, in other words than its own.
 *
 * A cell is `target: actions in order; changes of the context`. A case that a state does not list does nothing there. A
 * change that leaves things as they are (an app's peer that becomes the app's) is left out by whoever compares.
 */
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { Owner } from '../../machines/policy/report.ts'

const TO_CLOSED = 'Disconnected.closed'
const START = 'startDial, startDeadline(connectTimeoutMs dial.timedOut)'
const WAIT = 'startDeadline(waitTimeoutMs dial.timedOut)'
const CLOSE = 'closeLink, startDeadline(closeTimeoutMs close.timedOut)'
/** Leaving Connected, and coming into it. */
const LEAVE = 'endHolds, abortDial'
const SERVE = 'serveCallers; failure=none'

type Cells = Readonly<Record<string, string>>

/** What can happen while a slot is taken and no link is there; `leave` is what the substate does on its way out. */
function connecting(state: PeerState, leave: string): Cells {
  const dialWins = `Connected: ${leave}adoptLink, startDeadline(connectTimeoutMs dial.timedOut), tell(inbound), ${SERVE}`
  return {
    'link.accepted dialWins': dialWins,
    'link.accepted replacing': `Connected: ${leave}abortDial, adoptLink, tell(inbound), ${SERVE}`,
    'callers.left': `${TO_CLOSED}: ${leave}abortDial, tell(aborted), forget(forgotten)`,
    'peer.disconnect pool': `${TO_CLOSED}: ${leave}abortDial, refuseCallers(ERR_DISCONNECTED), tell(disconnect), forget(forgotten)`,
    'peer.disconnect close': `${TO_CLOSED}: ${leave}abortDial, refuseCallers(ERR_DISCONNECTED), tell(disconnect), forget(forgotten)`,
    'peer.reported Disconnected': `${TO_CLOSED}: ${leave}abortDial, refuseCallers(ERR_DISCONNECTED), tell(reported); failure=none`,
    'peer.reported Failed': `Failed: ${leave}abortDial, refuseCallers(ERR_DISCONNECTED), tell(reported); failure=new`,
    'supervisor.stopped': `${TO_CLOSED}: ${leave}abortDial, refuseCallers(ERR_STOPPED), tell(shutdown), forget(shutdown)`,
    ...(state === 'Connecting.waiting'
      ? {
          'turn.granted': `Connecting.dialing: clearDeadline, tell(connect), ${START}`,
          'dial.timedOut': 'Failed: clearDeadline, refuseCallers(failure), tell(timeout); failure=new',
        }
      : {}),
    ...(state === 'Connecting.reported' ? { 'peer.reported Connected': `Connected: tell(reported), ${SERVE}` } : {}),
    ...(state === 'Connecting.dialing'
      ? {
          'link.opened': `Connected: clearDeadline, adoptLink, tell(opened), ${SERVE}`,
          'dial.failed': 'Failed: clearDeadline, refuseCallers(failure), tell(dial-failed); failure=new',
          'dial.timedOut': 'Failed: clearDeadline, abortDial, refuseCallers(failure), tell(timeout); failure=new',
        }
      : {}),
  }
}

function connected(owner: Owner): Cells {
  return {
    'link.opened': 'Connected: clearDeadline, adoptLink, tell(replaced)',
    'link.accepted replacing': 'Connected: abortDial, adoptLink, tell(replaced)',
    'link.accepted dialWins': 'Connected: adoptLink, tell(replaced)',
    'dial.failed': 'Connected: clearDeadline',
    'dial.timedOut': 'Connected: abortDial',
    'link.closed': `${TO_CLOSED}: ${LEAVE}, dropLink, tell(remote-closed)`,
    'link.failed': `Failed: ${LEAVE}, dropLink, tell(link-error); failure=new`,
    'heartbeat.lost': `Failed: ${LEAVE}, abortLink, tell(heartbeat-lost); failure=new`,
    'peer.evict': `${TO_CLOSED}: ${LEAVE}, abortLink, tell(evicted)`,
    'peer.reported Disconnected': `${TO_CLOSED}: ${LEAVE}, abortLink, tell(reported)`,
    'peer.reported Failed': `Failed: ${LEAVE}, abortLink, tell(reported); failure=new`,
    ...(owner === 'app'
      ? {
          'peer.disconnect pool': `${TO_CLOSED}: ${LEAVE}, tell(disconnect), forget(forgotten)`,
          'peer.disconnect close': `${TO_CLOSED}: ${LEAVE}, tell(disconnect), forget(forgotten)`,
          'peer.reported Connecting': `Connecting.reported: ${LEAVE}, tell(reported)`,
          'supervisor.stopped': `${TO_CLOSED}: ${LEAVE}, tell(shutdown), forget(shutdown)`,
        }
      : {
          'peer.disconnect pool': `Disconnected.pooled: ${LEAVE}, tell(disconnect); pooledAt=1500`,
          'peer.disconnect close': `Disconnected.closing: ${LEAVE}, tell(disconnect), ${CLOSE}`,
          'supervisor.stopped': `Disconnected.closing: ${LEAVE}, tell(shutdown), ${CLOSE}`,
        }),
  }
}

/** What can happen to a peer without a link. */
function remembered(state: 'Disconnected.closed' | 'Failed'): Cells {
  const isClosed = state === 'Disconnected.closed'
  return {
    'peer.connect turn fresh': `Connecting.dialing: tell(connect), ${START}; owner=manager`,
    'peer.connect turn stale': `Connecting.dialing: tell(connect), ${START}; owner=manager`,
    'peer.connect wait fresh': `Connecting.waiting: tell(connect), ${WAIT}; owner=manager`,
    'peer.connect wait stale': `Connecting.waiting: tell(connect), ${WAIT}; owner=manager`,
    'backoff.elapsed turn': `Connecting.dialing: tell(backoff), ${START}; owner=manager`,
    'backoff.elapsed wait': `Connecting.waiting: tell(backoff), ${WAIT}; owner=manager`,
    'link.accepted replacing': `Connected: adoptLink, tell(inbound), serveCallers; owner=manager, failure=none`,
    'link.accepted dialWins': `Connected: adoptLink, tell(inbound), serveCallers; owner=manager, failure=none`,
    'peer.reported Connecting': 'Connecting.reported: tell(reported); owner=app',
    'peer.reported Connected': 'Connected: tell(reported), serveCallers; owner=app, failure=none',
    'peer.disconnect pool': `${state}: forget(forgotten)`,
    'peer.disconnect close': `${state}: forget(forgotten)`,
    'memory.full': `${state}: forget(forgotten)`,
    ...(isClosed
      ? {
          'peer.reported Disconnected': `${TO_CLOSED}: tell(reported); owner=app`,
          'peer.reported Failed': 'Failed: tell(reported); owner=app, failure=new',
          'peer.crashed': 'Failed: tell(crashed); failure=new',
          'supervisor.stopped': `${TO_CLOSED}: forget(shutdown)`,
        }
      : {
          'peer.reported Disconnected': `${TO_CLOSED}: tell(reported); owner=app, failure=none`,
          'peer.reported Failed': 'Failed: ; owner=app, failure=new',
          'supervisor.stopped': `${TO_CLOSED}: tell(shutdown), forget(shutdown)`,
        }),
  }
}

const POOLED: Cells = {
  'peer.connect turn fresh': `Connected: tell(reused), ${SERVE}`,
  'peer.connect wait fresh': `Connected: tell(reused), ${SERVE}`,
  'peer.connect turn stale': `${TO_CLOSED}: abortLink, forget(pool-expired)`,
  'peer.connect wait stale': `${TO_CLOSED}: abortLink, forget(pool-expired)`,
  'peer.disconnect close': `Disconnected.closing: tell(disconnect), ${CLOSE}`,
  'pool.expired': `${TO_CLOSED}: abortLink, forget(pool-expired)`,
  'pool.evicted': `${TO_CLOSED}: abortLink, forget(pool-evicted)`,
  'link.closed': `${TO_CLOSED}: dropLink, forget(remote-closed)`,
  'link.failed': `${TO_CLOSED}: dropLink, forget(remote-closed)`,
  'link.accepted replacing': `Connected: adoptLink, tell(inbound), ${SERVE}`,
  'link.accepted dialWins': `Connected: adoptLink, tell(inbound), ${SERVE}`,
  'peer.reported Failed': 'Failed: abortLink, tell(reported); failure=new',
  'supervisor.stopped': `Disconnected.closing: tell(shutdown), ${CLOSE}`,
}

/** Leaving a close. */
const OVER = 'clearDeadline, settleClose'

const CLOSING: Cells = {
  'link.closed': `${TO_CLOSED}: ${OVER}, dropLink, forget(forgotten)`,
  'link.failed': `${TO_CLOSED}: ${OVER}, dropLink, forget(forgotten)`,
  'close.timedOut': `${TO_CLOSED}: ${OVER}, abortLink, forget(forgotten)`,
  'link.accepted replacing': `Connected: ${OVER}, adoptLink, tell(inbound), ${SERVE}`,
  'link.accepted dialWins': `Connected: ${OVER}, adoptLink, tell(inbound), ${SERVE}`,
  'peer.disconnect pool': 'Disconnected.closing: refuseCallers(ERR_DISCONNECTED)',
  'peer.disconnect close': 'Disconnected.closing: refuseCallers(ERR_DISCONNECTED)',
  'peer.reported Failed': `Failed: ${OVER}, abortLink, refuseCallers(ERR_DISCONNECTED), tell(reported); failure=new`,
  'supervisor.stopped': 'Disconnected.closing: refuseCallers(ERR_STOPPED)',
}

/** What each case does in a state, to a peer of that owner. */
export function peerTable(state: PeerState, owner: Owner): Cells {
  switch (state) {
    case 'Connecting.reported':
      return connecting(state, '')
    case 'Connecting.waiting':
    case 'Connecting.dialing':
      return connecting(state, 'clearDeadline, ')
    case 'Connected':
      return connected(owner)
    case 'Disconnected.pooled':
      return POOLED
    case 'Disconnected.closing':
      return CLOSING
    case 'Disconnected.closed':
    case 'Failed':
      return remembered(state)
  }
}
