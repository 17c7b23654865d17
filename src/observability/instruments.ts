/** The table of instruments: what is measured of a manager, as both exporters and the page have it. */

/** What an instrument does: a gauge is as it is now, a counter only grows, a histogram counts durations by bounds. */
type Kind = 'gauge' | 'counter' | 'histogram'

/** One thing that is measured. */
export interface Instrument {
  readonly name: string
  readonly kind: Kind
  /** As UCUM has it: `s` for seconds, `By` for bytes, a thing in braces for a count. */
  readonly unit: string
  /** Each has few values, whatever the number of peers. */
  readonly attributes: readonly string[]
  readonly about: string
  /** What to do when it looks wrong. */
  readonly wrong: string
}

/** Every instrument. */
export const INSTRUMENTS = [
  {
    name: 'qudag.connection.info',
    kind: 'gauge',
    unit: '{manager}',
    attributes: ['qudag.connection.admission'],
    about: 'One, with how the manager is set up.',
    wrong: 'Where it is gone, the manager has ended.',
  },
  {
    name: 'qudag.connection.accepting',
    kind: 'gauge',
    unit: '{manager}',
    attributes: [],
    about: 'Whether it takes new work: 1, or 0 while it drains or closes.',
    wrong: 'At 0 for longer than a deployment takes: something called `drain()` or `shutdown()` and the process did not end.',
  },
  {
    name: 'qudag.connection.count',
    kind: 'gauge',
    unit: '{connection}',
    attributes: ['qudag.connection.state', 'qudag.connection.direction'],
    about:
      'Links by state (used, idle, which is pooled, connecting, closing) and by who opened them. Together they are the slots that are held.',
    wrong:
      'Near the maximum: raise `maxConnections`, or release connections sooner. Many closing: the other sides do not answer a goodbye.',
  },
  {
    name: 'qudag.connection.ages',
    kind: 'gauge',
    unit: '{connection}',
    attributes: ['qudag.connection.age'],
    about: 'Open links by how long they are open, pooled time included, beside the durations of those that have ended.',
    wrong: 'All of them young while traffic is steady: links do not last, see the disconnections. All at once after a storm: see that.',
  },
  {
    name: 'qudag.connection.oldest',
    kind: 'gauge',
    unit: 's',
    attributes: [],
    about: 'The age of the oldest open link; 0 where there is none.',
    wrong: 'Older than the last move of an address or a certificate: a link may still lead to where a peer was. `disconnect` it.',
  },
  {
    name: 'qudag.connection.max',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'The most links held at one time: `maxConnections`.',
    wrong: 'Compare it with what was configured: `setLimits` changes it.',
  },
  {
    name: 'qudag.connection.idle.max',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'The most links that may wait in the pool.',
    wrong: 'Idle links always at it while the hit ratio is low: raise `maxIdle`.',
  },
  {
    name: 'qudag.connection.inbound.used',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'Live links that others opened.',
    wrong: 'At its maximum: strangers fill the door. See the rejections, and `limits.perHost`.',
  },
  {
    name: 'qudag.connection.inbound.max',
    kind: 'gauge',
    unit: '{connection}',
    attributes: [],
    about: 'The most links that others may open.',
    wrong: 'Compare it with `limits.inbound`.',
  },
  {
    name: 'qudag.connection.pending_requests',
    kind: 'gauge',
    unit: '{request}',
    attributes: ['qudag.connection.wait'],
    about: 'Peers that wait: for a slot, for their turn to be dialled, for their turn to be dialled again, or at the gate.',
    wrong:
      'Growing for a slot: links are held too long, or `maxConnections` is too low. For a turn: dials are slow, see the dial time; or raise `limits.dialing`.',
  },
  {
    name: 'qudag.connection.peers',
    kind: 'gauge',
    unit: '{peer}',
    attributes: ['qudag.connection.status'],
    about: 'Known peers by status.',
    wrong: 'Many Failed: see the attempts by `error.type`.',
  },
  {
    name: 'qudag.connection.breakers.open',
    kind: 'gauge',
    unit: '{peer}',
    attributes: [],
    about: 'Peers whose breaker is open: attempts are refused at once.',
    wrong: 'The peers failed again and again. `explain(peerId)` says of what; `retryNow()` tries at once.',
  },
  {
    name: 'qudag.connection.kept.peers',
    kind: 'gauge',
    unit: '{peer}',
    attributes: ['qudag.connection.up'],
    about: 'Kept peers, by whether they are Connected.',
    wrong: 'Any that is not up: it is lost and dialled again. `explain(peerId)` has the cause and the next attempt.',
  },
  {
    name: 'qudag.connection.attempts',
    kind: 'counter',
    unit: '{attempt}',
    attributes: ['qudag.connection.transport', 'error.type'],
    about: 'Dials that ended, whatever number of addresses each tried; those that failed or were given up have an `error.type`.',
    wrong:
      'A high share of failures: `ERR_DIAL_FAILED` is the network or the peer, `ERR_NO_ADDRESS` is `resolve`, `ERR_REJECTED_BY_PEER` is the peer’s own limit.',
  },
  {
    name: 'qudag.connection.accepted',
    kind: 'counter',
    unit: '{connection}',
    attributes: [],
    about: 'Links that others opened and that were taken.',
    wrong: 'A storm: many peers come at once. See whether they stay, by the disconnections.',
  },
  {
    name: 'qudag.connection.rejected',
    kind: 'counter',
    unit: '{connection}',
    attributes: ['qudag.connection.direction', 'qudag.connection.reason'],
    about: 'Requests that were refused at once: arriving links by why, our own connects by the code of their error.',
    wrong:
      '`host-rate`, `host-limit`, `denied`, `gate`: somebody is at the door. `max-connections` and `ERR_MAX_CONNECTIONS`: the limit. `ERR_CIRCUIT_OPEN`: a peer is down.',
  },
  {
    name: 'qudag.connection.disconnections',
    kind: 'counter',
    unit: '{connection}',
    attributes: ['qudag.connection.direction', 'qudag.connection.reason'],
    about: 'Links that ended, by the first reason; `evicted` and `pool-evicted` had to yield.',
    wrong:
      '`heartbeat-lost`: the network swallows packets, or the peer hangs. `link-error`: resets. `evicted`: the limit is too low for what is wanted.',
  },
  {
    name: 'qudag.connection.pool.requests',
    kind: 'counter',
    unit: '{request}',
    attributes: ['qudag.connection.pool.result'],
    about: 'Connects that found a pooled link (hit), or had to dial (miss).',
    wrong: 'Few hits: links are not given back before they are wanted again, expire (`poolTimeoutMs`), or are evicted.',
  },
  {
    name: 'qudag.connection.timeouts',
    kind: 'counter',
    unit: '{timeout}',
    attributes: [],
    about: 'Waits for a slot that took longer than `waitTimeoutMs`.',
    wrong: 'Links are held too long, or there are too few: see the use time and the pending requests.',
  },
  {
    name: 'qudag.connection.io',
    kind: 'counter',
    unit: 'By',
    attributes: ['network.io.direction'],
    about: 'Bytes of messages, received and sent.',
    wrong: 'Compare it with what the network interface counts.',
  },
  {
    name: 'qudag.connection.messages',
    kind: 'counter',
    unit: '{message}',
    attributes: ['network.io.direction'],
    about: 'Messages, received and sent.',
    wrong: 'None received while links are up: nobody sends, or nobody reads.',
  },
  {
    name: 'qudag.connection.create_time',
    kind: 'histogram',
    unit: 's',
    attributes: [],
    about: 'How long dials took that opened a link, look-up and all addresses included.',
    wrong: 'Slow: a name server, a first address that does not answer, or a peer under load. The spans of `./opentelemetry` say which.',
  },
  {
    name: 'qudag.connection.wait_time',
    kind: 'histogram',
    unit: 's',
    attributes: [],
    about: 'How long peers waited for a slot, served or not. None where a slot was free.',
    wrong: 'Long: as for pending requests.',
  },
  {
    name: 'qudag.connection.use_time',
    kind: 'histogram',
    unit: 's',
    attributes: [],
    about: 'How long connections were held, from `connect` to `release`.',
    wrong: 'Longer than a unit of work takes: somebody forgets to release.',
  },
  {
    name: 'qudag.connection.round_trip_time',
    kind: 'histogram',
    unit: 's',
    attributes: [],
    about: 'Round trips of pings.',
    wrong: 'Slow: a far or overloaded peer, or an event loop that is blocked: on this side, all peers look slow at once.',
  },
  {
    name: 'qudag.connection.duration',
    kind: 'histogram',
    unit: 's',
    attributes: [],
    about: 'How long links lasted that have ended, pooled time included. Those that are open are not in it: see their ages.',
    wrong: 'Very short: links that are opened and lost at once; see the disconnections.',
  },
] as const satisfies readonly Instrument[]

/** The name of an instrument. */
export type InstrumentName = (typeof INSTRUMENTS)[number]['name']

/** The name of a histogram. */
export type HistogramName = Extract<(typeof INSTRUMENTS)[number], { kind: 'histogram' }>['name']

/** The upper bounds of every histogram's buckets, in seconds. */
export const BOUNDS: readonly number[] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10]

/** Its name in Prometheus, as OpenTelemetry translates it. */
export function prometheusName({ name, kind, unit }: Instrument): string {
  const units: Readonly<Record<string, string>> = { s: '_seconds', By: '_bytes' }
  return `${name.replaceAll('.', '_')}${units[unit] ?? ''}${kind === 'counter' ? '_total' : ''}`
}

/** The name of an attribute there. */
export function prometheusLabel(attribute: string): string {
  return attribute.replaceAll('.', '_')
}
