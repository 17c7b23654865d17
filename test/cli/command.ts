/** A test waits for what a command says and for its end, never for time. */
import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { ONE_FILE_CLI } from '../setup/one-file-cli.ts'

/** How a command ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
  readonly stderr: string
}

/** The built command in one file, running. Its output is a pipe, not a terminal. */
export class RunningCommand {
  static readonly program: string = ONE_FILE_CLI
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<Ended>
  readonly #lines: string[] = []
  readonly #waiting = new Set<() => void>()
  #isOver = false

  /** @param args may begin with what {@link without} gives */
  constructor(...args: readonly string[]) {
    const node = args[0] === '--import' ? args.slice(0, 2) : []
    this.child = spawn(process.execPath, [...node, new.target.program, ...args.slice(node.length)], { stdio: ['ignore', 'pipe', 'pipe'] })
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

  /** Resolves with the first line that matches, or the nth, past or to come. Rejects when the command ends without it. */
  async line(pattern: RegExp, nth = 1): Promise<string> {
    for (;;) {
      const found = this.#lines.filter((line) => pattern.test(line))[nth - 1]
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

/** The command as it is published: every module a file. It takes three times as long to start. */
export class BuiltCommand extends RunningCommand {
  static override readonly program = 'dist/src/cli/main.js'
}

/** What makes Node not find a package, as if it were not installed; comes before the other arguments of a command. */
export function without(name: string): readonly string[] {
  const hook = `export const resolve = (name, context, next) => {
    if (name === ${JSON.stringify(name)}) throw Object.assign(new Error('Cannot find package ' + name), { code: 'ERR_MODULE_NOT_FOUND' })
    return next(name, context)
  }`
  const program = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hook))})`
  return ['--import', dataUrl(program)]
}

function dataUrl(program: string): string {
  return `data:text/javascript,${encodeURIComponent(program)}`
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
