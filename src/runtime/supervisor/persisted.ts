/** A persisted supervisor is plain JSON, says only what was changed at run time, and comes back running. */
import type { Snapshot } from 'xstate'
import { checkLimits, type Limits } from '../../../machines/domain/limits.ts'
import { spelled } from '../errors/failures.ts'

const VERSION = 1

/** Where a supervisor's machine can have been. */
const STATES: ReadonlySet<unknown> = new Set(['Accepting', 'Draining', 'Closing', 'Stopped'])

const LIMITS = ['maxConnections', 'poolTimeoutMs', 'maxIdle'] as const

/**
 * What is persisted of a supervisor: the limits that are not as configured. Of its peers nothing is; `export()` gives those
 * that are kept.
 */
export function persistedSupervisor(limits: Limits, configured: Limits): Snapshot<unknown> {
  const changed: Record<string, number | null> = {}
  for (const name of LIMITS) {
    // JSON knows no Infinity.
    if (limits[name] !== configured[name]) changed[name] = limits[name] === Infinity ? null : limits[name]
  }
  const snapshot = { status: 'active', value: 'Accepting', context: { version: VERSION, changed }, children: {}, historyValue: {} }
  return snapshot as unknown as Snapshot<unknown>
}

/**
 * The limits of a supervisor that is restored: those of the configuration, but for what had been changed at run time.
 * A snapshot of a version that did not tell the two apart has changed nothing.
 *
 * @throws TypeError or RangeError that names the field
 */
export function restoredLimits(snapshot: unknown, configured: Limits): Limits {
  const { value, context } = fields('snapshot', snapshot)
  if (!STATES.has(value))
    throw new TypeError("snapshot.value must be a state of a supervisor ('Accepting' for one): another machine's snapshot?")
  const { version, changed } = fields('snapshot.context', context)
  if (version === undefined) return configured
  if (version !== VERSION) throw new RangeError(`snapshot.context.version must be ${VERSION}, got ${spelled(version)}`)
  const given = fields('snapshot.context.changed', changed)
  if (Object.keys(given).length === 0) return configured
  try {
    const { maxIdle } = given
    return checkLimits(Object.hasOwn(given, 'maxIdle') && maxIdle === null ? { ...given, maxIdle: Infinity } : given, configured)
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof TypeError)) throw error
    const Kind = error instanceof RangeError ? RangeError : TypeError
    throw new Kind(`snapshot.context.changed: ${error.message}`, { cause: error })
  }
}

function fields(name: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError(`${name} must be an object`)
  return value as Record<string, unknown>
}
