/** Keeps one thing true: a test waits for what a command says and for its end, never for time. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const PROGRAM = 'dist/src/cli/main.js'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
  readonly stderr: string
}

/** The built command, running. Its output is a pipe, not a terminal. */
export class RunningCommand {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #isOver = false

  constructor(...args: readonly string[]) {
    this.child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    this.child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    createInterface(this.child.stdout).on('line', (line) => {
      this.#lines.push(line)
      this.#tell()
    })
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#isOver = true
      this.#tell()
      return { code, signal, lines: this.#lines, stderr }
    })
  }

  /** Resolves with the first line that matches, past or to come. Rejects when the command ends without one. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#lines.find((line) => pattern.test(line))
      if (found !== undefined) return found
      if (this.#isOver) throw new Error(`it ended without ${pattern}:\n${this.#lines.join('\n')}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  #tell(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** The ids of processes that lines of the demo name. */
export function pidsIn(lines: readonly string[]): readonly number[] {
  return lines.flatMap((line) => Array.from(line.matchAll(/\(pid (\d+)/g), ([, pid]) => Number(pid)))
}

/** Whether a process runs. One that has ended and that nobody has asked after yet does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
