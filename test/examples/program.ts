/** A program that runs until it is told to end is started as its reader starts it, read line by line, and never outlives its test. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** A program of `examples/` that runs in a process of its own. */
export class Program {
  readonly #child: ChildProcess
  readonly #lines: string[] = []
  readonly #ended: Promise<readonly [code: number | null, signal: NodeJS.Signals | null]>
  #look: (() => void)[] = []
  #isOver = false

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const child = spawn(process.execPath, ['examples/run.mjs', ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    this.#ended = once(child, 'close').then(([code, signal]) => {
      this.#isOver = true
      this.#tell()
      return [code as number | null, signal as NodeJS.Signals | null] as const
    })
    createInterface(child.stdout).on('line', (line) => {
      this.#lines.push(line)
      this.#tell()
    })
    onTestFinished(() => void child.kill('SIGKILL'))
  }

  /** What it has printed. */
  get lines(): readonly string[] {
    return this.#lines
  }

  /** Waits for what `find` finds in its lines. Rejects when it ends before. */
  async until<T>(find: (lines: readonly string[]) => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find(this.#lines)
      if (found !== undefined && found !== false) return found
      if (this.#isOver) throw new Error(`it ended before; it said:\n${this.#lines.join('\n')}`)
      await new Promise<void>((resolve) => this.#look.push(resolve))
    }
  }

  /** Waits for a line that matches; gives what the first group of it caught. */
  async match(pattern: RegExp): Promise<string> {
    return this.until((lines) => lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined))
  }

  /** Sends a signal; resolves with how it ended. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<readonly [code: number | null, signal: NodeJS.Signals | null]> {
    this.#child.kill(signal)
    return this.#ended
  }

  #tell(): void {
    const look = this.#look
    this.#look = []
    for (const each of look) each()
  }
}
