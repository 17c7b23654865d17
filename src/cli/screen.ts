/** The screen: whatever ends the process, the cursor is shown again and the shell's own screen is back. */
import type { ConsoleOutput } from './console-output.ts'
import { paint, widthOf, type StyledLine } from './styled-line.ts'

/** Another screen, no cursor, no wrapping; and back. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[2J'
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l'
/** Terminals that know synchronized output show a frame at once; others ignore it. */
const BEGIN = '\u001B[?2026h\u001B[H'
const REST_OF_LINE = '\u001B[K'
const REST_OF_SCREEN = '\r\n\u001B[J'
const END = '\u001B[?2026l'

/** The terminal's alternate screen. Whoever opens it must {@link Screen.close} it. */
export class Screen {
  readonly #output: ConsoleOutput
  readonly #stopListening: () => void
  readonly #colors: boolean
  #isOpen = true

  /** @param redraw called when the terminal has changed its size */
  constructor(output: ConsoleOutput, redraw: () => void) {
    this.#output = output
    this.#colors = output.hasColors
    this.#stopListening = output.onResize(redraw)
    // An error that nobody catches is printed by Node after this, and belongs on the shell's screen.
    process.on('uncaughtExceptionMonitor', this.close)
    process.on('exit', this.close)
    output.write(ENTER)
  }

  /** Shows these lines, and nothing else; only what changed is seen to change. */
  draw(lines: readonly StyledLine[]): void {
    if (!this.#isOpen) return
    const { columns, rows } = this.#output
    // After a full line the cursor still stands on its last character, which clearing the rest would clear.
    const painted = lines.map((line) => paint(line, columns, this.#colors) + (widthOf(line) < columns ? REST_OF_LINE : ''))
    this.#output.write(BEGIN + painted.join('\r\n') + (lines.length < rows ? REST_OF_SCREEN : '') + END)
  }

  /** Prints lines where the shell goes on, after the screen is closed. */
  print(lines: readonly StyledLine[]): void {
    for (const line of lines) this.#output.print(paint(line, this.#output.columns, this.#colors))
  }

  /** Gives the terminal back. Idempotent. */
  readonly close = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#stopListening()
    process.off('uncaughtExceptionMonitor', this.close)
    process.off('exit', this.close)
    this.#output.write(LEAVE)
  }
}
