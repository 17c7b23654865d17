/** Starts programs that leave themselves few descriptors. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A program of this folder, in a process of its own. */
export interface Program {
  /** The next thing that it says. */
  next(): Promise<unknown>
  /** Says something to it. */
  say(fact: unknown): void
  /** How it ended: its exit code, or the signal; and what it wrote to stderr. */
  readonly ended: Promise<{ readonly code: number | string; readonly stderr: string }>
  kill(): void
}

/** Runs a program. */
export function run(program: string, args: readonly string[] = []): Program {
  const file = fileURLToPath(new URL(program, import.meta.url))
  // Without the conditions that this process runs under: the child takes the built package.
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({ code: code ?? signal ?? -1, stderr }))
  return {
    async next() {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${program} said nothing more: ${JSON.stringify(await ended)}`)
      return JSON.parse(value)
    },
    say: (fact) => void child.stdin.write(`${JSON.stringify(fact)}\n`),
    ended,
    kill: () => void child.kill('SIGKILL'),
  }
}
