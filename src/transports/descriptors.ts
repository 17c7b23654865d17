/** File descriptors: strangers leave some for what we want to open ourselves, as far as the limit can be known. */
import { readdirSync, readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

const OUT_OF_DESCRIPTORS = new Set<unknown>(['EMFILE', 'ENFILE'])
/** How often one dial may have a stranger yield. */
const MOST_RETRIES = 8

let limit: number | undefined

/** How many descriptors this process may have; Infinity: not to be known here. */
export function descriptorLimit(): number {
  return (limit ??= readLimit()) ?? Infinity
}

/** As the system says it. A read that fails for want of descriptors is made again the next time. */
function readLimit(): number | undefined {
  try {
    const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1]
    return soft === undefined ? Infinity : Number(soft)
  } catch (error) {
    return isOutOfDescriptors(error) ? undefined : reportedLimit()
  }
}

/** Where there is no such file. */
function reportedLimit(): number {
  if (process.platform === 'win32') return Infinity
  const { userLimits } = process.report.getReport() as { userLimits?: { open_files?: { soft?: unknown } } }
  const soft = userLimits?.open_files?.soft
  return typeof soft === 'number' ? soft : Infinity
}

/** How many were in use when they were counted last, and how many connections have been accepted since. */
let counted = 0
let acceptedSince = Infinity

/**
 * How many descriptors are in use, now that this socket has just been accepted. Counted only where they may be `many`,
 * because that takes time for each of them; else it is a number below that. Undefined: not to be known here, as on Windows.
 */
export function descriptorsInUse(socket: Socket, many: number): number | undefined {
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } | null }
  const fd = handle?.fd
  if (typeof fd !== 'number' || fd < 0) return undefined
  acceptedSince++
  const guess = Math.max(counted + acceptedSince, fd + 1)
  if (guess < many) return guess
  counted = countDescriptors() ?? fd + 1
  acceptedSince = 0
  return counted
}

/** Undefined: not to be known here. */
function countDescriptors(): number | undefined {
  try {
    // One of them is the folder's own.
    return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length - 1
  } catch (error) {
    return isOutOfDescriptors(error) ? descriptorLimit() : undefined
  }
}

/** How many descriptors silent strangers leave free: an eighth of all, from 4 to 64. */
export function reserveOf(total: number): number {
  return Math.min(64, Math.max(4, Math.floor(total / 8)))
}

/** How many descriptors any stranger leaves free, where no other one can yield to it: a quarter of the reserve. */
export function lastReserveOf(total: number): number {
  return Math.ceil(reserveOf(total) / 4)
}

/** Whether an operation failed because this process, or the whole system, has no descriptor left. */
export function isOutOfDescriptors(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isOutOfDescriptors)
  return OUT_OF_DESCRIPTORS.has((error as { code?: unknown } | null)?.code)
}

/**
 * Does what needs a descriptor. Where there is none, something yields one and it is tried again, a few times.
 *
 * @param attempt never throws, its promise rejects
 * @param yieldOne has something of less worth give its descriptor back; false: there is nothing
 */
export function withDescriptors<T>(attempt: () => Promise<T>, yieldOne: () => boolean, retries = MOST_RETRIES): Promise<T> {
  return attempt().catch((error: unknown) => {
    if (retries === 0 || !isOutOfDescriptors(error) || !yieldOne()) throw error
    return withDescriptors(attempt, yieldOne, retries - 1)
  })
}
