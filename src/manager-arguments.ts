/** The arguments of the manager's methods, and how each is checked: what is wrong is named, and changes nothing. */
import { assertStatus, type ConnectionStatus } from '../machines/domain/connection-status.ts'
import type { Known } from '../machines/domain/options.ts'
import { assertPeerId, isWellFormed, type PeerId } from '../machines/domain/peer-id.ts'
import type { ConnectOptions } from './runtime/options/connect-options.ts'
import { assertBoolean, assertPriority, assertSignal } from './runtime/options/given-options.ts'

/** A message that the app moved over a link of its own. @since 0.1.0 */
export interface RecordedMessage {
  /** Its size in bytes. @default 0 */
  readonly bytes?: number
  /** A round trip that was measured, in milliseconds. @default none */
  readonly latencyMs?: number
}

/** Stands for options that nobody gave: there is nothing to check of them. */
export const NO_OPTIONS: ConnectOptions & { readonly pool?: boolean } = Object.freeze({})

export const CONNECT_OPTIONS = {
  signal: true,
  priority: true,
  keep: true,
  keepAlive: true,
  addresses: true,
} as const satisfies Known<ConnectOptions>
export const DISCONNECT_OPTIONS = { pool: true } as const
export const STATUS_OPTIONS = { failure: true } as const
export const TAG_OPTIONS = { ttlMs: true } as const
export const MESSAGE_OPTIONS = { bytes: true, latencyMs: true } as const satisfies Known<RecordedMessage>
export const SHUTDOWN_OPTIONS = { timeoutMs: true } as const

/** Checks what `connect` was asked for. */
export function assertConnect({
  signal,
  priority,
  keep,
  keepAlive,
  addresses,
}: { readonly [name in keyof ConnectOptions]: unknown }): void {
  assertSignal(signal)
  assertPriority(priority)
  assertBoolean('keep', keep)
  assertBoolean('keepAlive', keepAlive)
  if (keepAlive === true && keep !== true) throw new TypeError('keepAlive needs keep: true')
  if (addresses !== undefined && !Array.isArray(addresses)) throw new TypeError('addresses must be an array of URLs')
}

/** The peer ids of an iterable, each checked. */
export function readPeerIds(peerIds: unknown): PeerId[] {
  if (typeof peerIds !== 'object' || typeof (peerIds as Iterable<unknown> | null)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('peerIds must be an iterable of peer ids')
  }
  const read = [...(peerIds as Iterable<PeerId>)]
  for (const peerId of read) assertPeerId(peerId)
  return read
}

export function checkEntries(entries: unknown): readonly (readonly [PeerId, ConnectionStatus])[] {
  if (typeof (entries as Iterable<unknown> | undefined | null)?.[Symbol.iterator] !== 'function') {
    throw new TypeError('entries must be an iterable of [peerId, status]')
  }
  return Array.from(entries as Iterable<unknown>, (entry) => {
    if (!Array.isArray(entry)) throw new TypeError('entries must hold [peerId, status] pairs')
    const [peerId, status] = entry as unknown[]
    assertPeerId(peerId)
    assertStatus(status)
    return [peerId, status] as const
  })
}

export function assertName(name: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`name must be a string, got ${name === null ? 'null' : typeof name}`)
  if (!isWellFormed(name)) throw new RangeError('name must be well-formed Unicode: it has a lone surrogate')
}

export function assertValue(value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`value must be a number, got ${value === null ? 'null' : typeof value}`)
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`value must be a number within ±2^53 - 1, got ${value}`)
}

export function assertAmount(name: string, value: unknown): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, got ${typeof value}`)
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`${name} must be a finite number >= 0, got ${value}`)
}
