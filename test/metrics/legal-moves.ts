/** The moves that the metrics are tested with are those that a supervisor can tell. */
import fc from 'fast-check'
import { statusOf, type PeerState } from '../../machines/domain/peer-state.ts'
import type { Move, TransitionReason } from '../../machines/domain/transition.ts'

export const START = 1_735_689_600_000

/** What is counted, and how often. */
export interface Tally {
  started: number
  succeeded: number
  failed: number
  hits: number
  misses: number
  expired: number
  evicted: number
}

/** Where a move leads, why, and what it counts: said by hand, so that it can be held against the fold. */
type Edge = readonly [to: PeerState | undefined, reason: TransitionReason, ...counts: (keyof Tally)[]]

const DIALED: readonly Edge[] = [
  ['Connecting.waiting', 'connect', 'started', 'misses'],
  ['Connecting.dialing', 'connect', 'started', 'misses'],
  ['Connected', 'inbound'],
  ['Connecting.reported', 'reported'],
  ['Connected', 'reported'],
  ['Failed', 'reported'],
]
const RETURNING: readonly Edge[] = [
  ...DIALED,
  ['Connecting.waiting', 'backoff', 'started'],
  ['Connecting.dialing', 'backoff', 'started'],
  ['Disconnected.closed', 'reported'],
  ['Failed', 'crashed'],
  [undefined, 'forgotten'],
  [undefined, 'shutdown'],
]
const DIALING: readonly Edge[] = [
  ['Connected', 'inbound'],
  ['Failed', 'timeout', 'failed'],
  ['Failed', 'crashed'],
  ['Failed', 'reported'],
  ['Disconnected.closed', 'aborted'],
  ['Disconnected.closed', 'disconnect'],
  ['Disconnected.closed', 'shutdown'],
]
const EDGES: Record<PeerState | 'unknown', readonly Edge[]> = {
  unknown: [...DIALED, ['Disconnected.closed', 'reported']],
  'Connecting.waiting': [...DIALING, ['Connecting.dialing', 'connect'], ['Connecting.dialing', 'backoff']],
  'Connecting.dialing': [...DIALING, ['Connected', 'opened', 'succeeded'], ['Failed', 'dial-failed', 'failed']],
  'Connecting.reported': [
    ['Connected', 'reported'],
    ['Disconnected.closed', 'reported'],
    ['Failed', 'reported'],
  ],
  Connected: [
    ['Disconnected.pooled', 'disconnect'],
    ['Disconnected.closing', 'disconnect'],
    ['Disconnected.closed', 'remote-closed'],
    ['Disconnected.closed', 'evicted'],
    ['Failed', 'link-error'],
    ['Failed', 'heartbeat-lost'],
    ['Connected', 'replaced'],
    ['Connecting.reported', 'reported'],
  ],
  'Disconnected.closed': RETURNING,
  'Disconnected.pooled': [
    ['Connected', 'reused', 'hits'],
    ['Connected', 'inbound'],
    ['Disconnected.closing', 'disconnect'],
    ['Disconnected.closing', 'shutdown'],
    ['Failed', 'reported'],
    [undefined, 'pool-expired', 'expired'],
    [undefined, 'pool-evicted', 'evicted'],
    [undefined, 'remote-closed'],
  ],
  'Disconnected.closing': [
    ['Connecting.dialing', 'connect', 'started', 'misses'],
    ['Connected', 'inbound'],
    ['Failed', 'reported'],
    [undefined, 'forgotten'],
  ],
  Failed: RETURNING,
}

/** A plain record of every peer's state, and a count of what happened: what the fold must agree with. */
export class Model {
  readonly states = new Map<string, PeerState>()
  readonly tally: Tally = { started: 0, succeeded: 0, failed: 0, hits: 0, misses: 0, expired: 0, evicted: 0 }
  #seq = 0

  /** Moves a peer along one of the edges that leave its state. */
  move(peerId: string, pick: number, at: number): Move {
    const fromState = this.states.get(peerId)
    const edges = EDGES[fromState ?? 'unknown']
    const [toState, reason, ...counts] = edges[pick % edges.length]!
    if (toState === undefined) this.states.delete(peerId)
    else this.states.set(peerId, toState)
    for (const count of counts) this.tally[count] += 1
    const [from, to] = [fromState && statusOf(fromState), toState && statusOf(toState)]
    return { seq: ++this.#seq, at, peerId, from, to, fromState, toState, reason }
  }

  /** How many peers are in a status, or in one of its substates. */
  count(state: string): number {
    return [...this.states.values()].filter((is) => is === state || is.startsWith(`${state}.`)).length
  }
}

/** One thing that happens, to one of two shards, some time after the one before. */
export const happenings = fc.array(
  fc.record({
    shard: fc.integer({ min: 0, max: 1 }),
    peer: fc.integer({ min: 0, max: 2 }),
    pick: fc.nat(60),
    after: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 3_000 })),
    what: fc.oneof(
      { weight: 6, arbitrary: fc.constant('move' as const) },
      { weight: 2, arbitrary: fc.constant('sample' as const) },
      { weight: 1, arbitrary: fc.constantFrom('inbound' as const, 'limits' as const) },
    ),
    traffic: fc.record({
      messages: fc.nat(1_000),
      bytesIn: fc.nat(1_000_000),
      bytesOut: fc.nat(1_000_000),
      memoryUsage: fc.nat(1_000_000_000),
    }),
    isStale: fc.boolean(),
    trips: fc.array(fc.double({ min: 0, max: 4_000, noNaN: true }), { maxLength: 5 }),
    limit: fc.integer({ min: 1, max: 50 }),
    maxIdle: fc.oneof(fc.constant(Infinity), fc.integer({ min: 0, max: 50 })),
  }),
  { maxLength: 60, size: 'max' },
)

/** One thing that happens. */
export type Happening = typeof happenings extends fc.Arbitrary<readonly (infer One)[]> ? One : never
