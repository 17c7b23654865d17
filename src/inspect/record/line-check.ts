/** A line that is taken from a file is one that a recorder can have written, field by field. */
import { ConnectionStatus } from '../../../machines/domain/connection-status.ts'
import type { Failure } from '../../../machines/domain/failure.ts'
import { assertPeerId, type PeerId } from '../../../machines/domain/peer-id.ts'
import { assertDuration, assertInteger, type Limits } from '../../../machines/domain/limits.ts'
import { PEER_STATES, type PeerState } from '../../../machines/domain/peer-state.ts'
import { peerMachine, type PeerContext, type PeerEvent } from '../../../machines/peer-machine.ts'
import { supervisorMachine, type SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import type { Line, PeerLine, StartLine } from './line.ts'

type Fields = Readonly<Record<string, unknown>>

/** The last instant that a `Date` can tell, in milliseconds since the epoch. */
const LAST_INSTANT = 8.64e15

const PEER_EVENTS: ReadonlySet<string> = new Set(peerMachine.events)
const SUPERVISOR_EVENTS: ReadonlySet<string> = new Set(supervisorMachine.events)
const SUPERVISOR_STATES: ReadonlySet<unknown> = new Set(Object.keys(supervisorMachine.states))
const STATES: ReadonlySet<unknown> = new Set(PEER_STATES)
const STATUSES: ReadonlySet<unknown> = new Set(Object.values(ConnectionStatus))

/** Whether an event is one that a machine moves on: a peer's, or, with `isPeers` false, the supervisor's. */
export function isKnownEvent(type: string, isPeers: boolean): boolean {
  return (isPeers ? PEER_EVENTS : SUPERVISOR_EVENTS).has(type)
}

/**
 * What a written line says; undefined: it is no JSON, as where a line was cut off.
 *
 * @throws TypeError or RangeError that says what is wrong with it
 */
export function readLine(written: string): Line | undefined {
  let value: unknown
  try {
    // A reviver makes parsing ten times as dear, and few lines have anything for it.
    value = written.includes('"$number"') ? JSON.parse(written, (_, inner: unknown) => numberIn(inner)) : JSON.parse(written)
  } catch {
    return undefined
  }
  return checkLine(value)
}

function numberIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, '$number') ? numberOf(value as { $number: unknown }) : value
}

function numberOf({ $number }: { readonly $number: unknown }): unknown {
  return typeof $number === 'string' ? Number($number) : $number
}

/**
 * What a parsed line says. What JSON has beside that is left behind.
 *
 * @throws TypeError or RangeError that says what is wrong with it
 */
function checkLine(value: unknown): Line {
  const line = fields('a line', value)
  if (Object.hasOwn(line, 'recording')) return start(line)
  if (Object.hasOwn(line, 'lost')) return { lost: integer('lost', line['lost'], 1), at: instant(line['at']) }
  if (Object.hasOwn(line, 'end')) {
    return { end: supervisorState('end', line['end']), at: instant(line['at']), s: integer('s', line['s'], 0) }
  }
  if (Object.hasOwn(line, 'peer')) return peer(line)
  if (!Object.hasOwn(line, 'e')) throw new TypeError('it is no line of a recording')
  const [at, s] = [instant(line['at']), integer('s', line['s'], 0)]
  return line['p'] === undefined
    ? { at, s, e: supervisorEvent(fields('e', line['e'])) }
    : { at, s, p: peerId('p', line['p']), e: peerEvent(fields('e', line['e'])) }
}

function start(line: Fields): StartLine {
  // What another version means by its fields is not known here; the fold refuses it.
  if (line['recording'] !== 1) return { ...line, package: text('package', line['package'] ?? 'of another version') } as unknown as StartLine
  return {
    recording: 1,
    package: text('package', line['package']),
    run: text('run', line['run']),
    part: integer('part', line['part'], 1),
    at: instant(line['at']),
    seq: integer('seq', line['seq'], 0),
    supervisor: supervisorState('supervisor', line['supervisor']),
    limits: limits(line['limits']),
    peers: integer('peers', line['peers'], 0),
  }
}

function peer(line: Fields): PeerLine {
  const id = peerId('peer', line['peer'])
  const { state } = line
  if (state !== undefined && !STATES.has(state)) throw new TypeError(`state ${shown(state)} is no state of a peer`)
  const base = { peer: id, value: line['value'], context: context(id, fields('context', line['context'])) }
  return state === undefined ? base : { ...base, state: state as PeerState }
}

function context(id: PeerId, value: Fields): PeerContext {
  const { owner, pooledAt, failure } = value
  if (value['peerId'] !== id) throw new TypeError('context.peerId must be the peer of the line')
  if (owner !== 'manager' && owner !== 'app') throw new TypeError(`context.owner must be 'manager' or 'app', got ${shown(owner)}`)
  if (typeof pooledAt !== 'number') throw new TypeError('context.pooledAt must be a number')
  return { peerId: id, owner, pooledAt, failure: failure === undefined ? undefined : failureOf(failure) }
}

function peerEvent(event: Fields): PeerEvent {
  const checked = common(event, PEER_EVENTS, 'a peer')
  for (const name of ['turn', 'pool', 'dialWins']) {
    if (checked[name] !== undefined && typeof checked[name] !== 'boolean') throw new TypeError(`e.${name} must be a boolean`)
  }
  if (checked['ttl'] !== undefined && typeof checked['ttl'] !== 'number') throw new TypeError('e.ttl must be a number')
  return checked as unknown as PeerEvent
}

function supervisorEvent(event: Fields): SupervisorEvent {
  const checked = common(event, SUPERVISOR_EVENTS, 'the supervisor')
  if (checked['peerId'] !== undefined) checked['peerId'] = peerId('e.peerId', checked['peerId'])
  if (checked['type'] === 'limits.set') checked['limits'] = limits(checked['limits'])
  return checked as unknown as SupervisorEvent
}

/** What the events of both machines have. */
function common(event: Fields, known: ReadonlySet<string>, whose: string): Record<string, unknown> {
  const { type, status, failure } = event
  if (typeof type !== 'string' || !known.has(type)) throw new TypeError(`${shown(type)} is no event of ${whose}`)
  const checked: Record<string, unknown> = { ...event, at: instant(event['at']) }
  if (failure !== undefined) checked['failure'] = failureOf(failure)
  const needsStatus = type === 'peer.reported' || type === 'peer.report'
  if ((needsStatus || status !== undefined) && !STATUSES.has(status)) throw new TypeError(`e.status ${shown(status)} is no status`)
  return checked
}

function failureOf(value: unknown): Failure {
  const failure = fields('failure', value)
  const { at = 0, attempts = 0, address, remoteCode, reason, retryAfterMs } = failure
  return {
    code: text('failure.code', failure['code']),
    message: text('failure.message', failure['message']),
    at: instant(at),
    attempts: integer('failure.attempts', attempts, 0),
    ...(address === undefined ? {} : { address: text('failure.address', address) }),
    ...(remoteCode === undefined ? {} : { remoteCode: text('failure.remoteCode', remoteCode) }),
    ...(reason === undefined ? {} : { reason: text('failure.reason', reason) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs: instant(retryAfterMs) }),
  }
}

function limits(value: unknown): Limits {
  const { maxConnections, poolTimeoutMs, maxIdle } = fields('limits', value)
  assertInteger('limits.maxConnections', maxConnections, 1)
  assertDuration('limits.poolTimeoutMs', poolTimeoutMs, 0)
  if (maxIdle === Infinity) return { maxConnections, poolTimeoutMs, maxIdle }
  assertInteger('limits.maxIdle', maxIdle, 0)
  return { maxConnections, poolTimeoutMs, maxIdle }
}

function peerId(name: string, value: unknown): PeerId {
  try {
    assertPeerId(value)
  } catch (error) {
    throw new TypeError(`${name}: ${(error as Error).message}`, { cause: error })
  }
  return value
}

function instant(value: unknown): number {
  if (typeof value === 'number' && value >= 0 && value <= LAST_INSTANT) return value
  throw new RangeError(`at must be an instant, in milliseconds since the epoch, got ${shown(value)}`)
}

function integer(name: string, value: unknown, least: number): number {
  assertInteger(name, value, least)
  return value
}

function supervisorState(name: string, value: unknown): string {
  if (SUPERVISOR_STATES.has(value)) return value as string
  throw new TypeError(`${name} ${shown(value)} is no state of the supervisor`)
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string`)
  return value
}

function fields(name: string, value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${name} must be an object`)
  return value as Fields
}

/** A value as a message may show it: short, whatever it is. */
function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value === 'number' ? String(value) : typeof value
}
