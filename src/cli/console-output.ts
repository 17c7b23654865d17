/** The output of the command: when its reader goes away (`| head`), or it cannot be written, the command stops in order, and the exit code tells which. */
import { printable, printableLines } from '../../machines/domain/plain-text.ts'
import { shownWords } from '../../machines/domain/shown.ts'
import type { WriteStream } from 'node:tty'

/** A reader that went away, and a terminal that was closed: they wanted no more. Anything else, a full disk say, is a failure. */
const NOBODY_READS: ReadonlySet<string> = new Set(['EPIPE', 'EIO', 'ECONNRESET'])

/** Standard output, a terminal or not. */
export class ConsoleOutput {
  readonly #stream: WriteStream
  readonly #gone = new AbortController()

  constructor(stream: WriteStream = process.stdout) {
    this.#stream = stream
    stream.on('error', this.#lost)
  }

  /** Aborted when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal
  }

  /** Whether a table can be redrawn in place. */
  get isTerminal(): boolean {
    return this.#stream.isTTY && process.env['TERM'] !== 'dumb'
  }

  /** Whether colours are shown and wanted: `NO_COLOR`, `FORCE_COLOR` and `TERM` are heeded. */
  get hasColors(): boolean {
    return this.#stream.isTTY && this.#stream.hasColors()
  }

  /** The columns of the terminal. A pseudo-terminal of unknown size says 0. */
  get columns(): number {
    return this.#stream.columns || 80
  }

  get rows(): number {
    return this.#stream.rows || 24
  }

  /** Calls back when the terminal changes its size; the result takes that back. */
  onResize(f: () => void): () => void {
    this.#stream.on('resize', f)
    return () => void this.#stream.off('resize', f)
  }

  /** Writes text as it is. */
  write(text: string): void {
    if (!this.gone.aborted) this.#stream.write(text)
  }

  /** Writes one line, or several, in which nothing commands the terminal. */
  print(line: string): void {
    this.write(`${printableLines(line)}\n`)
  }

  readonly #lost = ({ code = '', message }: NodeJS.ErrnoException): void => {
    if (this.gone.aborted) return
    this.#gone.abort(code)
    if (NOBODY_READS.has(code)) return
    process.exitCode = 1
    complain(`the output cannot be written, so this ends: ${message}`)
  }
}

/** Writes a line to standard error: what went wrong, in which nothing commands the terminal and no secret of an address stands. */
export function complain(line: string): void {
  console.error(printable(shownWords(line)))
}
