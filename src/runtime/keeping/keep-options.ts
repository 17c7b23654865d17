/** The options of `keep` are read once, and checked before anything begins. */
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import { KEEP_QUEUE_DEFAULTS, withDefaults } from '../options/defaults.ts'
import { readAddresses, type Addresses } from '../options/given-addresses.ts'
import { assertBoolean, assertObject, assertPriority, assertSignal } from '../options/given-options.ts'
import type { KeepOptions, KeepQueueOptions } from './kept-peer.ts'

/** What `keep` was told, checked. */
export interface CheckedKeep {
  readonly addresses: Addresses
  readonly priority: number
  readonly keepAlive: boolean
  readonly signal: AbortSignal | undefined
  /** Undefined: nothing waits while there is no link. */
  readonly queue: Required<KeepQueueOptions> | undefined
}

const KEEP_OPTIONS = {
  address: true,
  addresses: true,
  priority: true,
  keepAlive: true,
  queue: true,
  signal: true,
} as const satisfies Known<KeepOptions>
const QUEUE_OPTIONS = { maxMessages: true, maxBytes: true } as const satisfies Known<KeepQueueOptions>

/** @throws TypeError or RangeError that names the option */
export function checkKeep(options: KeepOptions): CheckedKeep {
  assertObject('options', options)
  assertKnown('', options, KEEP_OPTIONS)
  const { address, addresses = [], priority = 0, keepAlive = false, queue = false, signal } = options
  assertPriority(priority)
  assertSignal(signal)
  assertBoolean('keepAlive', keepAlive)
  if (!Array.isArray(addresses)) throw new TypeError('addresses must be an array of URLs')
  const read = readAddresses('addresses', addresses)
  if (address !== undefined) read.unshift(...readAddresses('address', [address]))
  return { addresses: read.length === 0 ? undefined : read, priority, keepAlive, signal, queue: checkQueue(queue) }
}

function checkQueue(queue: false | KeepQueueOptions): CheckedKeep['queue'] {
  if (queue === false) return undefined
  assertObject('queue', queue)
  assertKnown('queue', queue, QUEUE_OPTIONS)
  const { maxMessages, maxBytes } = withDefaults(KEEP_QUEUE_DEFAULTS, queue)
  if (maxMessages !== Infinity) assertInteger('queue.maxMessages', maxMessages, 1)
  if (maxBytes !== Infinity) assertInteger('queue.maxBytes', maxBytes, 1)
  return { maxMessages, maxBytes }
}
