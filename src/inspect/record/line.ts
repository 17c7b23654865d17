/** A line of a recording means the same to who writes it and to who reads it. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import type { Limits } from '../../../machines/domain/limits.ts'
import type { PeerState } from '../../../machines/domain/peer-state.ts'
import type { PeerContext, PeerEvent } from '../../../machines/peer-machine.ts'
import type { SupervisorEvent } from '../../../machines/supervisor-machine.ts'

/** The version of this format. A reader refuses any other. */
export const RECORDING_VERSION = 1

/** Where everything stood: the first line of each part, and the first after lines that were lost. */
export interface StartLine {
  readonly recording: typeof RECORDING_VERSION
  /** The version of the package that wrote it. */
  readonly package: string
  /** Names the run: the parts of one recording share it. */
  readonly run: string
  /** Counts the parts of a recording from 1. */
  readonly part: number
  /** When, in milliseconds since the epoch. */
  readonly at: number
  /** The `seq` of the last move before. */
  readonly seq: number
  /** The state of the supervisor's machine. */
  readonly supervisor: string
  readonly limits: Limits
  /** How many peers are known: so many lines with a peer follow. */
  readonly peers: number
}

/** One known peer, after a {@link StartLine}. */
export interface PeerLine {
  readonly peer: PeerId
  /** The state told last; left out: not told of yet. */
  readonly state?: PeerState
  /** The state value of its machine. */
  readonly value: unknown
  readonly context: PeerContext
}

/** An event that a machine took: a peer's, or, without `p`, the supervisor's. */
interface EventLine {
  /** When it happened, in milliseconds since the epoch. The event's own `at` is what its machine compares, and may differ. */
  readonly at: number
  /** The `seq` of the last move before it. */
  readonly s: number
  readonly p?: PeerId
  readonly e: PeerEvent | SupervisorEvent
}

/** So many events were not written, as the disk was too slow; a {@link StartLine} follows. */
interface LostLine {
  readonly lost: number
  readonly at: number
}

/** The recording was closed in order: the last line. */
interface EndLine {
  /** The state of the supervisor. */
  readonly end: string
  readonly at: number
  /** The `seq` of the last move. */
  readonly s: number
}

/** A line of a recording. */
export type Line = StartLine | PeerLine | EventLine | LostLine | EndLine

/** The line as it is written, with its end. */
export function writeLine(line: Line): string {
  return `${JSON.stringify(line, (_, value: unknown) => (isBeyondJson(value) ? { $number: String(value) } : value))}\n`
}

/** A limit may be `Infinity`, which JSON would make null of. */
function isBeyondJson(value: unknown): boolean {
  return typeof value === 'number' && !Number.isFinite(value)
}
