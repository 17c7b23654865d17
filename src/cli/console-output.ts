/** Keeps one thing true: when whoever reads our output goes away (`| head`), we stop in order instead of crashing. */
import { printable, printableLines } from '../../machines/domain/plain-text.ts'
import { shownWords } from '../../machines/domain/shown.ts'
import type { WriteStream } from 'node:tty'

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

  readonly #lost = ({ code }: NodeJS.ErrnoException): void => {
    // EIO: the terminal was closed. Anything else is as final, and there is nowhere left to say so.
    this.#gone.abort(code)
  }
}

/** Writes a line to standard error: what went wrong, in which nothing commands the terminal and no secret of an address stands. */
export function complain(line: string): void {
  console.error(printable(shownWords(line)))
}
