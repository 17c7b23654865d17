/** Every option that a manager takes is drawn, as plain data that shrinks and prints; what is a function is drawn as what it answers. */
import fc from 'fast-check'
import type { AdmissionDecision, ManagerOptions } from 'qudag-connections'
import { DEFAULT_EPOCH, type ScriptedOptions } from 'qudag-connections/testing'
import { LOCAL } from '../properties/variant.ts'

/** Four to be dialled by name, on either side of a duel; one that is an address; four that need the option `resolve`; ourselves. */
export const PEERS = [
  'scripted://a',
  'scripted://b',
  'scripted://x',
  'scripted://y',
  'scripted://198.51.100.7:1/',
  'many',
  'alice',
  'unheard',
  'nowhere',
  LOCAL,
] as const

/** Where links come from: two ports of one host each, two hosts of one subnet, a gateway, ourselves, and nowhere that is an IP. */
export const HOSTS = [
  '203.0.113.5',
  '203.0.113.9',
  '[2001:db8:1:100::1]',
  '[2001:db8:1:200::1]',
  '192.168.1.4',
  '127.0.0.1',
  'host.test',
] as const

/** What the option `gate` answers, one after the other. */
type GateAnswer = 'yes' | 'no' | 'later' | 'throws'

/** All that one manager is told. */
export interface Drawn {
  readonly maxConnections: number
  /** What is plain data already. */
  readonly plain: Omit<ManagerOptions, 'admission' | 'score' | 'gate' | 'resolve' | 'reconnect'>
  readonly admission: 'reject' | 'queue' | 'evict' | readonly (AdmissionDecision | 'throws' | 'nonsense')[]
  readonly score: 'tags' | 'holds'
  readonly gate: 'none' | readonly GateAnswer[]
  readonly resolve: 'by name' | 'at once' | 'later' | 'throws'
  readonly reconnect: false | (Exclude<NonNullable<ManagerOptions['reconnect']>, false> & { readonly isPicky: boolean })
  readonly script: ScriptedOptions
  readonly randoms: readonly number[]
}

const few = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max })
const ms = fc.constantFrom(1, 50, 300, 1_000, 5_000, 30_000)
/** Left out, now and then: then the default holds. */
const some = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

const tag = fc.record({ name: fc.constantFrom('relay', 'friend'), value: fc.integer({ min: -3, max: 9 }) })
const saved = fc.record({
  peerId: fc.constantFrom(...PEERS.slice(0, 4)),
  addresses: fc.constantFrom<string[]>([], ['scripted://elsewhere']),
  tags: fc.uniqueArray(tag, { maxLength: 2, selector: ({ name }) => name }),
  protections: fc.constantFrom<Record<string, number>>({}, { session: 1 }),
})
const restore = fc.uniqueArray(saved, { minLength: 1, maxLength: 3, selector: ({ peerId }) => peerId }).map((peers) => ({
  version: 1 as const,
  at: DEFAULT_EPOCH,
  peers,
}))

const reconnect = fc.record(
  {
    baseMs: fc.constantFrom(300, 1_000),
    maxMs: fc.constantFrom(1_000, 60_000),
    attempts: fc.constantFrom(0, 1, 5, Infinity),
    stableMs: ms,
    concurrency: few(2),
    isPicky: fc.boolean(),
  },
  { requiredKeys: ['isPicky'] },
)
const breaker = some({ failures: few(3), openMs: ms, maxOpenMs: fc.constantFrom(1_000, 300_000) })
const heartbeat = fc.record({
  idleMs: fc.constantFrom(300, 1_000, 15_000),
  minTimeoutMs: fc.constantFrom(20, 300),
  maxTimeoutMs: fc.constantFrom(300, 60_000),
  misses: few(3),
  silenceMs: fc.constantFrom(100, 2_000, 60_000),
})
const limits = some({
  inbound: fc.integer({ min: 0, max: 4 }),
  dialing: few(3),
  pendingInbound: few(3),
  perHost: fc.constantFrom(1, 2, Infinity),
  perSubnet: fc.constantFrom(1, 2, Infinity),
  exempt: fc.constantFrom<string[]>([], ['192.168.0.0/16'], ['203.0.113.9']),
})
const rate = some({ perSecond: fc.constantFrom(0.5, 5), burst: few(3), total: fc.constantFrom(1, 3, Infinity) })

const plain: fc.Arbitrary<Drawn['plain']> = some({
  poolTimeoutMs: fc.constantFrom(0, 300, 5_000, 300_000, 300_000),
  maxIdle: fc.constantFrom(0, 1, 2, 3, Infinity),
  connectTimeoutMs: fc.constantFrom(1, 700, 5_000, 10_000, 10_000),
  closeTimeoutMs: fc.constantFrom(0, 300),
  duplicates: fc.constantFrom('newest', 'oldest', 'oldest', 'several'),
  evictionGraceMs: fc.constantFrom(0, 0, 100, 30_000),
  staggerMs: fc.constantFrom(0, 50, 250),
  maxWaiting: few(3),
  waitTimeoutMs: fc.constantFrom(1, 300, 5_000, 30_000),
  limits,
  rate: fc.oneof(fc.constant(false as const), rate, rate),
  allow: fc.constantFrom<string[]>([], [], ['203.0.113.9'], [PEERS[0]], ['2001:db8::/32']),
  deny: fc.constantFrom<string[]>([], [], [PEERS[2]], ['198.51.100.0/24'], ['203.0.113.5', '203.0.113.9/32']),
  breaker: fc.oneof(fc.constant(false as const), breaker, breaker),
  heartbeat: fc.oneof(fc.constant(false as const), heartbeat, heartbeat),
  maxLifetimeMs: fc.constantFrom(100, 5_000, Infinity),
  validate: fc.boolean(),
  metrics: some({
    sampleMs: fc.constantFrom(5_000, 20_000),
    windowMs: fc.constantFrom(1_000, 60_000),
    latencyMs: fc.constantFrom(1_000, 5_000),
  }),
  maxBufferedBytes: fc.constantFrom(1, 60, 1_048_576),
  restore,
})

const answers = fc.array(fc.constantFrom<GateAnswer>('yes', 'yes', 'yes', 'no', 'later', 'later', 'throws'), { minLength: 1, maxLength: 4 })
const decision = fc.constantFrom<AdmissionDecision | 'throws' | 'nonsense'>(
  'admit',
  'queue',
  'evict',
  'reject',
  { kind: 'reject', reason: 'not today' },
  'throws',
  'nonsense',
)

/** Everything at once: no option is ever out of reach of the others. */
export const drawn: fc.Arbitrary<Drawn> = fc.record({
  maxConnections: few(6),
  plain,
  admission: fc.oneof(
    fc.constant('reject' as const),
    fc.constant('queue' as const),
    fc.constant('evict' as const),
    fc.array(decision, { minLength: 1, maxLength: 5 }),
  ),
  score: fc.constantFrom('tags', 'tags', 'holds'),
  gate: fc.oneof({ weight: 3, arbitrary: fc.constant('none' as const) }, { weight: 1, arbitrary: answers }),
  resolve: fc.constantFrom('by name', 'at once', 'at once', 'later', 'throws'),
  reconnect: fc.oneof(fc.constant(false as const), reconnect),
  script: fc.record({
    localPeerId: fc.constant(LOCAL),
    onAbort: fc.constantFrom('reject', 'ignore'),
    tellLocalEnd: fc.constantFrom('sync', 'microtask'),
    autoClose: fc.constantFrom(false, 'sync', 'microtask'),
    ping: fc.boolean(),
    autoOpen: fc.constantFrom(false, false, true),
    highWaterMark: fc.constantFrom(0, 65_536),
    maxFrameBytes: fc.constantFrom(30, 1_000),
  }) as fc.Arbitrary<ScriptedOptions>,
  // A pause that is drawn as 0 for ever would be no pause.
  randoms: fc.constantFrom([0.5], [0.25, 0.999], [0, 0.5, 0.999, 0.75]),
})
