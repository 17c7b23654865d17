/** Any number of peers that live by the peer machine's table, at a cost that hides nobody else's. */
import { BehaviorSubject, Subject } from 'rxjs'

/** Where a peer goes from each state, and why. */
const NEXT = {
  'Disconnected.closed': [['Connecting.dialing', 'connect']],
  'Connecting.dialing': [
    ['Connected', 'opened'],
    ['Connected', 'opened'],
    ['Connected', 'opened'],
    ['Failed', 'dial-failed'],
  ],
  Connected: [
    ['Disconnected.pooled', 'disconnect'],
    ['Disconnected.pooled', 'disconnect'],
    ['Disconnected.closed', 'remote-closed'],
    ['Failed', 'link-error'],
  ],
  'Disconnected.pooled': [['Connected', 'reused']],
  Failed: [['Connecting.dialing', 'backoff']],
}
/** Visits every peer, so that neighbours do not move together. */
const STRIDE = 7919

/** A source for `serveConsole`, and what has it move on. */
export async function scriptedSource(count) {
  const { ConnectionManager } = await import('../../dist/src/index.js')
  const metrics$ = new BehaviorSubject(new ConnectionManager(count * 2).metrics)
  const moves$ = new Subject()
  const peers = new Map()
  for (let index = 0; index < count; index++) {
    const peerId = `peer-${index}`
    const facts = {
      peerId,
      state: 'Connected',
      direction: 'outbound',
      remoteAddress: `10.0.${index >> 8}.${index & 255}:4001`,
      latency: 1,
      failure: undefined,
    }
    peers.set(peerId, facts)
  }
  const all = [...peers.values()]
  let [seq, next] = [0, 0]
  const moveOne = (at) => {
    next = (next + STRIDE) % count
    const peer = all[next]
    const ways = NEXT[peer.state]
    const [to, reason] = ways[Math.floor(Math.random() * ways.length)]
    const from = peer.state
    peer.state = to
    peer.latency = to === 'Connected' ? Math.random() * 80 : peer.latency
    peer.failure = to === 'Failed' ? { code: 'ERR_DIAL_FAILED', message: 'no answer', at, attempts: 1 } : undefined
    const [before, after] = [from, to].map((state) => state.split('.')[0])
    moves$.next({ seq: ++seq, at, peerId: peer.peerId, from: before, to: after, fromState: from, toState: to, reason })
  }
  setInterval(() => {
    const byStatus = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
    for (const { state } of all) byStatus[state.split('.')[0]]++
    const messagesPerSecond = 40_000 + Math.random() * 5_000
    metrics$.next({
      ...metrics$.value,
      at: Date.now(),
      byStatus,
      connections: byStatus.Connected,
      messagesPerSecond,
      memoryUsage: process.memoryUsage.rss(),
    })
  }, 1_000)
  const source = {
    moves$,
    metrics$,
    supervisorState: 'Accepting',
    now: () => Date.now(),
    peers: () => all,
    facts: (peerId) => peers.get(peerId),
    inside: (peerId) => ({ peerId, state: peers.get(peerId)?.state, context: undefined, explanation: undefined, valid: [] }),
    listen: () => () => {},
    look: () => () => {},
    commandsFor: () => [],
  }
  const moveOn = (many) => {
    const at = Date.now()
    for (let left = many; left > 0; left--) moveOne(at)
  }
  return { shown: source, moveOn }
}
