/** All that `run` can be told stands in one table, with its names, its range, its default and its help. */
import { LOOPBACK, PRIVATE } from '../../../machines/domain/cidr-set.ts'
import { parseCidr } from '../../../machines/domain/ip.ts'
import { readAccessList } from '../../../machines/policy/access.ts'
import { isIdentityId } from '../../transports/identity-algorithm.ts'
import { UsageError, type Flag } from '../arguments.ts'
import { checked, choice, integer, positive, repeatable, text, toggle } from '../flags.ts'
import { address } from './address.ts'
import { LOG_LEVELS } from '../line-logger.ts'
import { metricsFlag } from '../metrics-place.ts'
import { READY_WHEN } from '../readiness.ts'
import { readFleetStore } from './fleet.ts'
import { leading, setting } from './setting.ts'

const LONGEST_MS = 2_147_483_647
const MOST = 1_000_000
const MOST_SECONDS = 1_000_000

const PEERS = {
  listen: setting('listen', repeatable(address('accept peers there; port 0 takes a free port and says which', 'listen'))),
  connect: setting('connect', repeatable(address('connect to the peer there, and again when it is lost', 'dial'))),
  keep: setting(
    'keep',
    repeatable(
      address(
        'keep connected to the peer there, whatever --reconnect says; others yield to it where --admission evicts, and it to nobody',
        'dial',
      ),
    ),
  ),
  cert: setting('tls.cert', text('FILE', 'the certificate that wss: is listened with, as PEM, with those that it needs; needs --key')),
  key: setting('tls.key', text('FILE', 'its private key, as PEM, without a password')),
  identity: setting('identity.file', text('FILE', 'who we are on tls: links; make one with qudag-connections identity create FILE')),
  only: setting(
    'identity.only',
    repeatable(checked('ID', 'speak on tls: links with nobody but the peer of that id, dialled or arriving', identityId)),
  ),
  'require-post-quantum': setting(
    'identity.requirePostQuantum',
    toggle('refuse tls: links that a quantum computer could break; needs an identity of ml-dsa-65, and Node 24.7 or newer'),
  ),
  allow: setting('allow', repeatable(someone('let in past the limits and rates for inbound links'))),
  deny: setting('deny', repeatable(someone('neither let in nor dial; wins over --allow'))),
}

const LIMITS = {
  max: setting('maxConnections', integer('N', 'the most links held at one time', 1, MOST), 100),
  'max-inbound': setting('limits.inbound', integer('N', 'the most of them that others opened (default: 80 % of --max)', 0, MOST)),
  'max-dialing': setting('limits.dialing', integer('N', 'the most dials under way at one time; more wait their turn', 1, MOST), 100),
  'max-per-host': setting('limits.perHost', integer('N', 'the most inbound links of one host', 0, MOST), 8),
  'max-per-subnet': setting('limits.perSubnet', integer('N', 'the most inbound links of one IPv6 /48', 0, MOST), 64),
  rate: leading('rate.perSecond', positive('N', 'inbound links of one host each second', MOST), 5),
  'rate-burst': setting('rate.burst', integer('N', 'inbound links of one host at once', 1, MOST), 16),
  'rate-total': setting('rate.total', integer('N', 'inbound links of all hosts each second', 1, MOST), 500),
  exempt: setting(
    'limits.exempt',
    repeatable(checked('CIDR', 'what no limit or rate per host counts (default: loopback, private and link-local ranges)', range)),
    [...LOOPBACK, ...PRIVATE],
  ),
  admission: setting(
    'admission',
    choice(['reject', 'queue', 'evict'], 'at the limit a request is refused, waits, or takes the slot of a peer that is worth less'),
    'reject',
  ),
  'eviction-grace': setting('evictionGraceMs', duration('how long a connection is safe from eviction', 0), 30_000),
  'max-waiting': setting('maxWaiting', integer('N', 'the most connects that wait for a slot', 1, MOST), 500),
  'wait-timeout': setting('waitTimeoutMs', duration('the longest that a connect waits for a slot', 1), 30_000),
}

const LINKS = {
  'connect-timeout': setting('connectTimeoutMs', duration('the longest that a dial may take', 1), 10_000),
  'close-timeout': setting('closeTimeoutMs', duration('the longest that a close in order may take', 0), 5_000),
  heartbeat: leading('heartbeat.idleMs', duration('a link that was silent for so long is pinged', 1), 15_000),
  'heartbeat-misses': setting('heartbeat.misses', integer('N', 'it is lost after so many pings without an answer', 1, MOST), 3),
  'heartbeat-silence': setting('heartbeat.silenceMs', duration('and after so much silence, both', 1), 60_000),
  'pool-timeout': setting('poolTimeoutMs', duration('how long an unused link waits for reuse; 0: no pool', 0), 300_000),
}

const RECOVERY = {
  reconnect: leading(
    'reconnect.baseMs',
    duration('the first pause is drawn from 0 to this, each further one from twice as much', 1),
    1_000,
  ),
  'reconnect-max': setting('reconnect.maxMs', duration('no pause is drawn from more', 1), 60_000),
  'reconnect-attempts': setting('reconnect.attempts', integer('N', 'tries in a row for a peer of --connect (default: no end)', 0, MOST)),
  'reconnect-stable': setting('reconnect.stableMs', duration('a link that lasted so long has them counted anew', 0), 30_000),
  'reconnect-concurrency': setting('reconnect.concurrency', integer('N', 'the most such dials at one time', 1, MOST), 5),
  breaker: leading('breaker.failures', integer('N', 'a peer that failed so often in a row is left alone', 1, MOST), 5),
  'breaker-open': setting('breaker.openMs', duration('for so long, at first', 1), 30_000),
  'breaker-max-open': setting('breaker.maxOpenMs', duration('and for so long at most', 1), 300_000),
}

const MESSAGES = {
  echo: setting('echo', toggle('send back every message that arrives; not together with --send')),
  send: setting('send', text('TEXT', 'send this to every peer: at once when it is connected, then every --every')),
  every: setting('everyMs', duration('how often --send sends (default 1000)', 1)),
}

const REPORT = {
  seconds: setting('seconds', positive('S', 'end after so many seconds (default: at SIGINT, which is Ctrl-C, or SIGTERM)', MOST_SECONDS)),
  metrics: setting('report.metricsSeconds', positive('S', 'in lines, how often the metrics are told, in seconds', MOST_SECONDS), 5),
  json: setting('report.json', toggle('print JSON lines, on a terminal too'), false),
  'log-level': setting(
    'report.logLevel',
    choice(LOG_LEVELS, 'log what happens to stderr, one JSON object a line, from this level on (default: nothing)'),
  ),
  'metrics-listen': setting('serve.metrics', metricsFlag),
  'ready-when': setting(
    'serve.readyWhen',
    repeatable(choice(READY_WHEN, '/readyz also asks that there is a free slot, or that every peer of --keep is connected')),
  ),
  record: setting('report.record', text('FILE', 'write all that happens to a file, for qudag-connections replay')),
}

const FLEET = {
  fleet: setting(
    'fleet.store',
    checked(
      'STORE',
      'be a node of the fleet that meets at redis://HOST:PORT, etcd://HOST:PORT, or among the workers of this machine: cluster',
      readFleetStore,
    ),
  ),
  'fleet-limit': setting('fleet.limit', integer('N', 'the most links of all nodes together (default: --max)', 1, MOST)),
  'fleet-node': setting('fleet.node', text('NAME', 'the name of this node (default: the host and the process)')),
  'fleet-lease': setting('fleet.leaseMs', duration('how long a node owns its peers without hearing from the store (default 15000)', 100)),
  workers: setting(
    'fleet.workers',
    integer(
      'N',
      'with --fleet cluster: how many processes do the work (default 2). They share each port of --listen; the first serves at that of --metrics-listen and --console, the others at those that follow; each has a name and a file of its own for --fleet-node and --record',
      1,
      1_024,
    ),
  ),
}

/** Every setting under its heading. */
export const HEADINGS = {
  Peers: PEERS,
  'Limits, and what happens at them': LIMITS,
  'Links (MS: milliseconds)': LINKS,
  Recovery: RECOVERY,
  'Fleet: many processes, one limit, each peer held by one of them': FLEET,
  Messages: MESSAGES,
  Report: REPORT,
}

/** Every setting, by the name of its flag. */
export const SETTINGS = { ...PEERS, ...LIMITS, ...LINKS, ...RECOVERY, ...FLEET, ...MESSAGES, ...REPORT }

function duration(about: string, least: number): Flag<number> {
  return integer('MS', about, least, LONGEST_MS)
}

function someone(about: string): Flag<string> {
  return checked('WHO', `${about}: a peer id, an IP address or a CIDR`, (given) => {
    if (typeof readAccessList([given]) !== 'string') return given
    throw new UsageError(`must be a peer id, an IP address or a CIDR, got '${given}'`)
  })
}

function identityId(given: string): string {
  if (isIdentityId(given)) return given
  throw new UsageError(`must be an id of 52 characters, as qudag-connections identity show prints it, got '${given}'`)
}

function range(given: string): string {
  if (parseCidr(given) !== undefined) return given
  throw new UsageError(`must be an IP address or a CIDR, got '${given}'`)
}
