/** An inspection source in the hand of a test, and the facts of a peer in it. */
import { ConnectionManager } from 'qudag-connections'
import type { InspectionSource, PeerFacts } from 'qudag-connections/inspect'
import type { Move, PeerState } from 'qudag-connections/machines'
import { scripted, VirtualClock } from 'qudag-connections/testing'
import { BehaviorSubject, Subject } from 'rxjs'

export const FACTS: PeerFacts = {
  peerId: '',
  state: undefined,
  direction: 'outbound',
  remoteAddress: '',
  latency: null,
  failure: undefined,
}

/** A source in the test's hand. */
export function scriptedSource() {
  const manager = new ConnectionManager(1, { transport: scripted(), clock: new VirtualClock() })
  const moves$ = new Subject<Move>()
  const jumps$ = new Subject<void>()
  let seq = 0
  let present: readonly PeerFacts[] = []
  const source = {
    moves$,
    jumps$,
    metrics$: new BehaviorSubject(manager.metrics),
    supervisorState: 'Accepting',
    now: () => 0,
    peers: () => present,
    /** Jumps to where these are there. */
    jump(there: readonly PeerFacts[]): void {
      present = there
      jumps$.next()
    },
    facts: () => undefined,
    inside: () => ({ peerId: '', state: undefined, context: undefined, explanation: undefined, valid: [] }),
    listen: () => () => {},
    look: () => () => {},
    move(peerId: string, fromState: PeerState | undefined, toState: PeerState | undefined): void {
      moves$.next({ seq: ++seq, at: 0, peerId, from: undefined, to: undefined, fromState, toState, reason: 'reported' })
    },
  } satisfies InspectionSource & Record<string, unknown>
  return source
}
