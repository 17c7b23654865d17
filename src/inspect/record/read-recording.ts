/** A recording is read in the order in which it was written, with no more of it in memory than a line. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { Line, StartLine } from './line.ts'
import { readLine } from './line-check.ts'
import { RecordingError } from './recording-error.ts'
import { RecordingFold } from './recording-fold.ts'
import { Replay } from './replay.ts'

/** The longest line that a recording may have, in characters. */
const LONGEST_LINE = 4 * 1024 * 1024

/** What may be said of a reading. @since 0.1.0 */
export interface ReadRecordingOptions {
  /** How many steps are kept, some 300 bytes each; of a longer recording the latest, and the rest is where it begins. @default 1_000_000 */
  readonly maxSteps?: number
}

const KNOWN = { maxSteps: true } as const satisfies Known<ReadRecordingOptions>

/**
 * Reads a recording, with the parts of it that were rotated away and are still there (`file.1`, `file.2` …), and runs its
 * events again. A last line that was cut off is left out. Where `file` is missing or empty, as a crash may leave it, what was
 * rotated away is read alone, and the replay's `standIn` says so.
 *
 * @throws RecordingError that says what is wrong and in which line; the system's error where there is no such file
 * @since 0.1.0
 * @example
 * const replay = await readRecording('run.jsonl')
 * console.log(replay)
 */
export async function readRecording(file: string, options: ReadRecordingOptions = {}): Promise<Replay> {
  assertKnown('', options, KNOWN)
  const { maxSteps = 1_000_000 } = options
  assertInteger('maxSteps', maxSteps, 1)
  const { parts, standIn } = await partsOf(file)
  const fold = new RecordingFold(file, maxSteps)
  for (const part of parts) {
    let number = 0
    let unread: number | undefined
    for await (const text of linesOf(part)) {
      number++
      // Only the end of a file may have been cut off.
      if (unread !== undefined) throw notALine(part, unread)
      const line = lineOf(text, part, number)
      if (line === undefined) unread = number
      else fold.add(line, number, part)
    }
    if (unread === 1) throw notALine(part, unread)
  }
  fold.end()
  return new Replay(file, fold, standIn)
}

/** @throws RecordingError where it is JSON, and no line of a recording */
function lineOf(text: string, file: string, number: number): Line | undefined {
  try {
    return readLine(text)
  } catch (error) {
    throw notALine(file, number, (error as Error).message)
  }
}

interface Parts {
  /** The files of one recording, the oldest first. */
  readonly parts: readonly string[]
  readonly standIn: string | undefined
}

/** Where a crash has left no beginning in FILE, the recording is what was rotated away before. */
async function partsOf(file: string): Promise<Parts> {
  const { start, isEmpty } = await beginningOf(file)
  if (start !== undefined || !isEmpty) return { parts: await joined(file, file, 0, start), standIn: undefined }
  for (let n = 1; n <= 2; n++) {
    const older = `${file}.${n}`
    const standing = await beginningOf(older).then(
      ({ start: found }) => found,
      () => undefined,
    )
    if (standing !== undefined) return { parts: await joined(file, older, n, standing), standIn: older }
  }
  return { parts: [file], standIn: undefined }
}

/** The part `latest`, which is the nth, after the older ones that it goes on from. One number may be left out: a crash in the middle of a rotation leaves that. */
async function joined(file: string, latest: string, nth: number, beginning: StartLine | undefined): Promise<string[]> {
  const parts = [latest]
  let start = beginning
  let missing = 0
  for (let n = nth + 1; start !== undefined && start.part > 1 && missing < 2; n++) {
    const older = `${file}.${n}`
    const before = await beginningOf(older).then(
      ({ start: found }) => found,
      () => undefined,
    )
    if (before?.run === start.run && before.part === start.part - 1) {
      parts.unshift(older)
      start = before
      missing = 0
    } else if (before === undefined) missing++
    else break
  }
  return parts
}

/** Where a file says that everything stood. `isEmpty`: it is not there, or was cut off in its first line. */
async function beginningOf(file: string): Promise<{ readonly start?: StartLine; readonly isEmpty: boolean }> {
  const found = await stat(file).catch(() => undefined)
  if (found === undefined) return { isEmpty: true }
  // A fifo would be waited for, and what was read of it would be gone.
  if (!found.isFile() && !found.isDirectory()) throw new RecordingError('ERR_NOT_A_FILE', 'it is no regular file', file)
  let text: string | undefined
  let count = 0
  try {
    for await (const line of linesOf(file)) {
      text ??= line
      if (++count > 1) break
    }
    const line = text === undefined ? undefined : readLine(text)
    if (line !== undefined && 'recording' in line) return { start: line, isEmpty: false }
    return { isEmpty: count === 0 || (count === 1 && line === undefined) }
  } catch {
    return { isEmpty: false }
  }
}

/** The lines of a file; the last one also where its end is missing. */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  // The pieces of a line that goes on from chunk to chunk; joined once, when its end is there.
  let pieces: string[] = []
  let length = 0
  for await (const chunk of createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const [first = '', ...others] = chunk.split('\n')
    pieces.push(first)
    length += first.length
    const last = others.pop()
    if (last !== undefined) {
      yield pieces.join('')
      yield* others
      pieces = [last]
      length = last.length
    }
    if (length > LONGEST_LINE) throw new RecordingError('ERR_NOT_A_RECORDING', 'its lines are too long for a recording', file)
  }
  if (length > 0) yield pieces.join('')
}

function notALine(file: string, line: number, why?: string): RecordingError {
  return line === 1
    ? new RecordingError('ERR_NOT_A_RECORDING', why ?? 'it does not begin as a recording does', file, line)
    : new RecordingError('ERR_RECORDING_DAMAGED', why ?? 'this line cannot be read', file, line)
}
