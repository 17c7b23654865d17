/** Whatever a user, the other side, a transport's bug or time can do comes up, as plain data that shrinks. */
import fc from 'fast-check'
import type { SelectionStrategy } from 'qudag-connections'
import { arbitraries, type Command } from 'qudag-connections/testing'
import { HOSTS, PEERS } from './generator.ts'

/** What `Command` has no word for. A peer is an index; `nth` picks among what is there. */
export type More =
  | {
      readonly type: 'ask'
      readonly peer: number
      readonly signal: boolean
      readonly priority: number
      readonly keep: boolean
      readonly addresses: number
    }
  | { readonly type: 'tag'; readonly peer: number; readonly name: string; readonly value: number; readonly ttlMs: number | undefined }
  | { readonly type: 'untag' | 'protect' | 'unprotect'; readonly peer: number; readonly name: string }
  | {
      readonly type: 'warm' | 'select'
      readonly peers: readonly number[]
      readonly strategy: Exclude<SelectionStrategy, (...args: never) => unknown> | 'first'
    }
  | { readonly type: 'retryNow'; readonly peer: number | undefined }
  | { readonly type: 'limits'; readonly maxConnections?: number; readonly poolTimeoutMs?: number; readonly maxIdle?: number }
  | { readonly type: 'drain'; readonly timeoutMs: number | undefined }
  | { readonly type: 'look' | 'wanted' | 'pass' }
  | { readonly type: 'command'; readonly peer: number; readonly event: 'peer.connect' | 'peer.disconnect' }
  | { readonly type: 'listen'; readonly fails: boolean; readonly unheard: boolean }
  /** The gate answers one that it was asked about. */
  | { readonly type: 'answer'; readonly nth: number; readonly answer: 'yes' | 'no' | 'rejects' }
  /** A link comes from an address; it may prove an id, or what is none. */
  | { readonly type: 'come'; readonly host: number; readonly peer: number | 'nobody' | 'nonsense' }
  /** The other side of a dial proves an id. */
  | { readonly type: 'openAs'; readonly nth: number; readonly peer: number }
  | { readonly type: 'pong'; readonly nth: number; readonly ms: number | 'fails' }
  /** Links that open or come in the next step throw when they are attached; or one throws when it is closed. */
  | { readonly type: 'break'; readonly how: 'attach' | 'close'; readonly nth: number }
  | { readonly type: 'drained'; readonly nth: number }

/** One thing that happens, and whether promise jobs run before the next. */
export interface Step {
  readonly step: Command | More
  readonly settle: boolean
}

const { command } = arbitraries(fc)
/** Those that can be dialled come up more often. */
const peer = fc.oneof(w1(8, fc.nat({ max: 3 })), w1(4, fc.nat({ max: PEERS.length - 1 })), w1(1, fc.constant(PEERS.indexOf('alice'))))
const nth = fc.nat({ max: 7 })
const name = fc.constantFrom('relay', 'friend')
const peers = fc.array(peer, { minLength: 1, maxLength: 4 })

const SHARED: readonly Command['type'][] = [
  ...(['abortCaller', 'disconnect', 'release', 'hangUp', 'updateStatus', 'updateStatuses', 'recordMessage', 'read'] as const),
  ...(['openDial', 'failDial', 'openLate', 'arrive', 'receive', 'remoteClose', 'failLink', 'finishClose', 'advanceToDeadline'] as const),
]
const shared = command({ peers: PEERS.length, types: SHARED })

const w = (weight: number, arbitrary: fc.Arbitrary<Command | More>): fc.WeightedArbitrary<Command | More> => ({ weight, arbitrary })
const is = <T extends string>(type: T): fc.Arbitrary<T> => fc.constant(type)

const one = fc.oneof(
  w(60, shared),
  w(
    16,
    fc.record({
      type: is('ask'),
      peer,
      signal: fc.boolean(),
      priority: fc.integer({ min: -1, max: 2 }),
      keep: fc.nat({ max: 3 }).map((n) => n === 0),
      addresses: fc.constantFrom(0, 0, 0, 1, 3),
    }),
  ),
  w(
    4,
    fc.record({
      type: is('tag'),
      peer,
      name,
      value: fc.integer({ min: -3, max: 9 }),
      ttlMs: fc.constantFrom(undefined, 0, 300, 5_000),
    }),
  ),
  w(4, fc.record({ type: fc.constantFrom('untag', 'protect', 'unprotect'), peer, name })),
  w(
    3,
    fc.record({
      type: fc.constantFrom('warm', 'warm', 'select'),
      peers,
      strategy: fc.constantFrom('round-robin', 'least-used', 'fastest', 'weighted', 'first'),
    }),
  ),
  w(2, fc.record({ type: is('retryNow'), peer: fc.option(peer, { nil: undefined }) })),
  w(
    3,
    fc.record(
      {
        type: is('limits'),
        maxConnections: fc.integer({ min: 1, max: 6 }),
        poolTimeoutMs: fc.constantFrom(0, 300, 5_000),
        maxIdle: fc.constantFrom(0, 1, Infinity),
      },
      { requiredKeys: ['type'] },
    ),
  ),
  w(4, fc.record({ type: fc.constantFrom('look', 'wanted', 'pass', 'pass') })),
  w(3, fc.record({ type: is('command'), peer, event: fc.constantFrom('peer.connect', 'peer.disconnect') })),
  w(1, fc.record({ type: is('listen'), fails: fc.boolean(), unheard: fc.boolean() })),
  w(4, fc.record({ type: is('answer'), nth, answer: fc.constantFrom('yes', 'yes', 'no', 'rejects') })),
  w(
    12,
    fc.record({
      type: is('come'),
      host: fc.nat({ max: HOSTS.length - 1 }),
      peer: fc.oneof(w1(6, fc.nat({ max: 4 })), w1(6, fc.constant('nobody' as const)), w1(1, fc.constant('nonsense' as const))),
    }),
  ),
  w(3, fc.record({ type: is('openAs'), nth, peer: fc.nat({ max: 4 }) })),
  w(4, fc.record({ type: is('pong'), nth, ms: fc.constantFrom(0, 1, 200, 'fails' as const) })),
  w(2, fc.record({ type: is('break'), how: fc.constantFrom('attach', 'close'), nth })),
  w(1, fc.record({ type: is('drained'), nth })),
  w(3, fc.record({ type: is('send'), nth, bytes: fc.constantFrom(0, 10, 40) })),
  w(
    8,
    fc.record({
      type: is('advance'),
      ms: fc.constantFrom(0, 1, 1, 50, 300, 300, 300, 300, 1_000, 1_000, 1_000, 5_000, 5_000, 30_000, 60_000),
    }),
  ),
)

function w1<T>(weight: number, arbitrary: fc.Arbitrary<T>): fc.WeightedArbitrary<T> {
  return { weight, arbitrary }
}

/** What comes last, or nearly: after it everything is refused. */
const late = fc.oneof(
  w(2, fc.record({ type: is('drain'), timeoutMs: fc.constantFrom(0, 50, 5_000, undefined, Infinity) })),
  w(2, fc.record({ type: is('shutdown'), timeoutMs: fc.constantFrom(0, 300, 5_000) })),
)

const step = (of: fc.Arbitrary<Command | More>): fc.Arbitrary<Step> => fc.record({ step: of, settle: fc.nat({ max: 2 }).map((n) => n > 0) })

/** So many steps, or up to a fifth more when a drain or a shutdown comes before the end. */
export function steps(minLength: number, maxLength: number): fc.Arbitrary<readonly Step[]> {
  const body = fc.array(step(one), { minLength, maxLength, size: 'max' })
  const tail = fc
    .tuple(step(late), fc.array(step(one), { maxLength: Math.ceil(minLength / 5), size: 'max' }))
    .map(([first, rest]) => [first, ...rest])
  return fc.tuple(body, fc.oneof(fc.constant([]), tail)).map(([all, end]) => [...all, ...end])
}
