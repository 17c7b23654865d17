/** A recording is told as the run was, in its order and, where that is asked for, at its pace. */
import { isTransition } from '../../../machines/domain/transition.ts'
import { shownPeerId } from '../../../machines/domain/shown.ts'
import { replaySource } from '../../console/index.ts'
import { isMove, readRecording, type Replay, type ReplayStep } from '../../inspect/record/index.ts'
import { describeFlags, readFlags, UsageError } from '../arguments.ts'
import type { Command } from '../command.ts'
import { consoleFlag, openConsole } from '../console-link.ts'
import { ConsoleOutput } from '../console-output.ts'
import { positive, toggle } from '../flags.ts'
import { transitionFields } from '../json-report.ts'
import { noteworthy, plainLine, transitionLine } from '../plain-lines.ts'
import { pause } from '../pause.ts'
import { shownJson } from '../shown-json.ts'
import { Stop } from '../stop.ts'

/** The longest that a timer waits. */
const LONGEST_MS = 2_147_483_647
/** How many steps are told in one turn at most. */
const STEPS_A_TURN = 1_000

const FLAGS = {
  speed: positive('N', 'how many times as fast as it was, 1: as it was (default: all at once)', 1_000_000),
  json: toggle('print JSON lines'),
  console: consoleFlag,
}

const HELP = `qudag-connections replay: run again what was recorded

Reads a file that run --record or demo --record has written, runs the machines
again with what they took, and prints each transition. What was rotated away
(FILE.1 …) comes first, where it is still there, and stands for FILE where a
crash has left that empty. With --console it is shown in a
browser, step by step and at speed, forward and back, until SIGINT or SIGTERM.

Usage: qudag-connections replay FILE [options]

Options:
${describeFlags(FLAGS)}

JSON lines: every one has type and at (milliseconds since the epoch).
  begin       file, steps, supervisor, limits
  transition  seq, peerId, from, to, fromState, toState, reason, failure (if
              there is one); from or to is null: not known, or forgotten
  lost        the same of a peer that stands elsewhere after events that were
              not written
  report      steps, byStatus, supervisor, lost, truncated: the last line

Exit code 0: it was shown, 1: it is no recording, 2: wrong usage.`

/** `qudag-connections replay`. */
export const replay: Command = {
  name: 'replay',
  summary: 'run again what run --record has written',
  help: HELP,
  async run(args) {
    const output = new ConsoleOutput()
    const { file, rest } = takeFile(args)
    const given = readFlags(rest, FLAGS)
    if (given === 'help') return output.print(HELP)
    if (file === undefined) throw new UsageError('which recording? give its FILE')
    const stop = new Stop(output.gone)
    try {
      const run = await readRecording(file)
      if (run.standIn !== undefined)
        console.error(`${file} is missing or empty, as a crash may leave it: this is ${run.standIn}, the part before it`)
      if (given.console !== undefined) return await show(run, given.console, given.speed ?? 1, stop.signal, (line) => output.print(line))
      const told = given.json === true ? JSON_LINES : PLAIN_LINES
      await tell(run, told, given.speed ?? Infinity, stop.signal, (line) => output.print(line))
    } finally {
      stop.dispose()
    }
  },
}

async function show(run: Replay, port: number | 'usual', speed: number, signal: AbortSignal, print: (line: string) => void): Promise<void> {
  const source = replaySource(run, { speed, playing: true })
  try {
    await using served = await openConsole(source, port)
    print(`console: ${served.url}`)
    // The console itself keeps no process alive.
    while (!signal.aborted) await pause(LONGEST_MS, signal)
  } finally {
    source.close()
  }
}

async function tell(run: Replay, told: Told, speed: number, signal: AbortSignal, print: (line: string) => void): Promise<void> {
  print(told.begin(run))
  let taken = 0
  for (let { next } = run; next !== undefined && !signal.aborted; next = run.next) {
    // Signals, and that nobody reads any more, are heard of between turns alone.
    if (++taken % STEPS_A_TURN === 0) await pause(0, signal)
    for (let waitMs = (next.at - run.at) / speed; waitMs >= 1 && !signal.aborted; waitMs -= LONGEST_MS) {
      await pause(Math.min(waitMs, LONGEST_MS), signal)
    }
    if (signal.aborted) break
    run.step()
    const line = next.from === next.to ? undefined : told.step(next)
    if (line !== undefined) print(line)
  }
  print(told.end(run))
}

/** How a recording is told. */
interface Told {
  begin(run: Replay): string
  step(step: ReplayStep): string
  end(run: Replay): string
}

const PLAIN_LINES: Told = {
  begin: (run) => plainLine(run.at, 'begin', `${run.file}: ${counted(run.length, 'step')}, ${byStatus(run)}`),
  step(step) {
    if (isMove(step) && isTransition(step)) return transitionLine(noteworthy(step) ?? 'moved', { transition: step, name: step.peerId })
    return plainLine(step.at, step.reason, `${shownPeerId(step.peerId)}  ${step.fromState ?? 'new'} → ${step.toState ?? 'gone'}`)
  },
  end(run) {
    const missing = run.lost > 0 ? `; ${counted(run.lost, 'event')} not written, as the disk was too slow` : ''
    const cutOff = run.isTruncated && run.next === undefined ? '; it was not closed: the process died, or still writes' : ''
    return plainLine(run.at, 'end', `${counted(run.position, 'step')}, ${byStatus(run)}${missing}${cutOff}`)
  },
}

const JSON_LINES: Told = {
  begin: (run) => shownJson({ type: 'begin', at: run.at, file: run.file, steps: run.length, ...standingOf(run) }),
  step: (step) => shownJson({ type: isMove(step) ? 'transition' : step.reason, ...transitionFields(step) }),
  end(run) {
    const { at, position: steps, lost, isTruncated: truncated } = run
    return shownJson({ type: 'report', at, steps, ...standingOf(run), byStatus: countsOf(run), lost, truncated })
  },
}

function standingOf({ supervisor: { state, limits } }: Replay): object {
  return { supervisor: state, limits }
}

function byStatus(run: Replay): string {
  const counts = Object.entries(countsOf(run)).filter(([, count]) => count > 0)
  return counts.length === 0 ? 'no peers' : counts.map(([status, count]) => `${count} ${status}`).join(', ')
}

function countsOf(run: Replay): Record<string, number> {
  const counts: Record<string, number> = { Connecting: 0, Connected: 0, Disconnected: 0, Failed: 0 }
  for (const { status } of run.peers()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Flags whose value may follow. */
const TAKING = ['--speed', '--console']

/** The one argument that is neither a flag nor the value of one. */
function takeFile(args: readonly string[]): { readonly file: string | undefined; readonly rest: readonly string[] } {
  const index = args.findIndex((arg, at) => !arg.startsWith('-') && !TAKING.includes(args[at - 1] ?? ''))
  return index < 0 ? { file: undefined, rest: args } : { file: args[index], rest: args.toSpliced(index, 1) }
}
