/** Keeps one thing true: a recording is read in the order in which it was written, with no more of it in memory than a line. */
import { createReadStream } from 'node:fs'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import { readLine, type StartLine } from './line.ts'
import { RecordingError } from './recording-error.ts'
import { RecordingFold } from './recording-fold.ts'
import { Replay } from './replay.ts'

/** The longest line that a recording may have, in characters. */
const LONGEST_LINE = 4 * 1024 * 1024

/** What may be said of a reading. */
export interface ReadRecordingOptions {
  /** How many steps are kept, some 300 bytes each; of a longer recording the latest, and the rest is where it begins. @default 1_000_000 */
  readonly maxSteps?: number
}

const KNOWN = { maxSteps: true } as const satisfies Known<ReadRecordingOptions>

/**
 * Reads a recording, with the parts of it that were rotated away and are still there (`file.1`, `file.2` …), and runs its
 * events again. A last line that was cut off is left out.
 *
 * @throws RecordingError that says what is wrong and in which line; the system's error where there is no such file
 */
export async function readRecording(file: string, options: ReadRecordingOptions = {}): Promise<Replay> {
  assertKnown('', options, KNOWN)
  const { maxSteps = 1_000_000 } = options
  assertInteger('maxSteps', maxSteps, 1)
  const fold = new RecordingFold(file, maxSteps)
  for (const part of await partsOf(file)) {
    let number = 0
    let unread: number | undefined
    for await (const text of linesOf(part)) {
      number++
      // Only the end of a file may have been cut off.
      if (unread !== undefined) throw notALine(part, unread)
      const line = readLine(text)
      if (line === undefined) unread = number
      else fold.add(line, number)
    }
    if (unread === 1) throw notALine(part, unread)
  }
  fold.end()
  return new Replay(file, fold)
}

/** The files of one recording, the oldest first. */
async function partsOf(file: string): Promise<string[]> {
  const parts = [file]
  let start = await startOf(file)
  for (let n = 1; start !== undefined && start.part > 1; n++) {
    const older = `${file}.${n}`
    const before: StartLine | undefined = await startOf(older).catch(() => undefined)
    if (before?.run !== start.run || before.part !== start.part - 1) break
    parts.unshift(older)
    start = before
  }
  return parts
}

async function startOf(file: string): Promise<StartLine | undefined> {
  for await (const text of linesOf(file)) {
    const line = readLine(text)
    return line !== undefined && 'recording' in line ? line : undefined
  }
  return undefined
}

/** The lines of a file; the last one also where its end is missing. */
async function* linesOf(file: string): AsyncGenerator<string, void, undefined> {
  let rest = ''
  for await (const chunk of createReadStream(file, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
    if (rest.length > LONGEST_LINE) throw new RecordingError('ERR_NOT_A_RECORDING', 'its lines are too long for a recording', file)
  }
  if (rest !== '') yield rest
}

function notALine(file: string, line: number): RecordingError {
  return line === 1
    ? new RecordingError('ERR_NOT_A_RECORDING', 'it does not begin as a recording does', file, line)
    : new RecordingError('ERR_RECORDING_DAMAGED', 'this line cannot be read', file, line)
}
