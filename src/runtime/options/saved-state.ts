/** The saved state of a manager between two runs is plain JSON, checked field by field where it comes back. */
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertPeerId, type PeerId } from '../../../machines/domain/peer-id.ts'
import type { SavedBreaker } from '../../../machines/policy/restoration.ts'

/** A kept peer, as it is remembered. @since 0.1.0 */
export interface SavedPeer {
  readonly peerId: PeerId
  /** Addresses that callers gave for it, in order. */
  readonly addresses: readonly string[]
  /** Its tags; `until`: when one goes by itself, in milliseconds since the epoch. */
  readonly tags: readonly { readonly name: string; readonly value: number; readonly until?: number }[]
  /** How often it is protected, by name. */
  readonly protections: Readonly<Record<string, number>>
  /** How its breaker stands; left out where it has seen no failure. Instants are milliseconds since the epoch. */
  readonly breaker?: SavedBreaker
  /** How often it has failed in a row, and when it is dialled again; left out where it has not failed. */
  readonly backoff?: { readonly attempt: number; readonly until?: number }
}

/** What a manager is to remember between two runs. Plain JSON. @since 0.1.0 */
export interface SavedState {
  readonly version: 1
  /** When it was taken, in milliseconds since the epoch. */
  readonly at: number
  /** The peers that are kept (`connect(peerId, { keep: true })`). */
  readonly peers: readonly SavedPeer[]
}

/** Checks what comes back. @throws TypeError or RangeError that names the field */
export function checkSavedState(given: unknown): SavedState {
  const { version, at, peers } = fields('restore', given)
  if (version !== 1) throw new RangeError(`restore.version must be 1, got ${String(version)}`)
  assertInstant('restore.at', at)
  const list = items('restore.peers', peers).map((peer, i) => checkPeer(`restore.peers[${i}]`, peer))
  const seen = new Set<PeerId>()
  for (const [i, { peerId }] of list.entries()) {
    if (seen.has(peerId)) throw new RangeError(`restore.peers[${i}].peerId is there twice: '${shownPeerId(peerId)}'`)
    seen.add(peerId)
  }
  return { version, at, peers: list }
}

function checkPeer(name: string, given: unknown): SavedPeer {
  const { peerId, addresses = [], tags = [], protections = {}, breaker, backoff } = fields(name, given)
  try {
    assertPeerId(peerId)
  } catch (error) {
    throw new RangeError(`${name}.peerId is no peer id: ${(error as Error).message}`, { cause: error })
  }
  return {
    peerId,
    addresses: items(`${name}.addresses`, addresses).map((address, i) => text(`${name}.addresses[${i}]`, address)),
    tags: items(`${name}.tags`, tags).map((tag, i) => checkTag(`${name}.tags[${i}]`, tag)),
    protections: Object.fromEntries(
      Object.entries(fields(`${name}.protections`, protections)).map(([protection, count]) => {
        assertInteger(`${name}.protections.${protection}`, count, 1)
        return [protection, count]
      }),
    ),
    ...(breaker === undefined ? {} : { breaker: checkBreaker(`${name}.breaker`, breaker) }),
    ...(backoff === undefined ? {} : { backoff: checkBackoff(`${name}.backoff`, backoff) }),
  }
}

function checkTag(field: string, given: unknown): SavedPeer['tags'][number] {
  const { name, value, until } = fields(field, given)
  if (typeof value !== 'number') throw new TypeError(`${field}.value must be a number, got ${typeof value}`)
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${field}.value must be a number within ±2^53 - 1, got ${value}`)
  if (until !== undefined) assertInstant(`${field}.until`, until)
  return { name: text(`${field}.name`, name), value, ...(until === undefined ? {} : { until }) }
}

function checkBreaker(field: string, given: unknown): SavedBreaker {
  const { failures, opened, openUntil } = fields(field, given)
  assertInteger(`${field}.failures`, failures, 0)
  assertInteger(`${field}.opened`, opened, 0)
  assertInstant(`${field}.openUntil`, openUntil)
  return { failures, opened, openUntil }
}

function checkBackoff(field: string, given: unknown): NonNullable<SavedPeer['backoff']> {
  const { attempt, until } = fields(field, given)
  assertInteger(`${field}.attempt`, attempt, 0)
  if (until === undefined) return { attempt }
  assertInstant(`${field}.until`, until)
  return { attempt, until }
}

function fields(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${name} must be an object`)
  return value as Record<string, unknown>
}

function items(name: string, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array`)
  return value as readonly unknown[]
}

function text(name: string, value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, got ${value === null ? 'null' : typeof value}`)
  return value
}

function assertInstant(name: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be milliseconds since the epoch, got ${value}`)
}
