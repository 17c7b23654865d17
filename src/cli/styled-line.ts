/** A line never takes more columns than there are, and nothing in it can command the terminal. */

import { printable } from '../../machines/domain/plain-text.ts'

/** How a piece of text looks. */
export type Style = 'plain' | 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** A piece of a line. */
export type Span = readonly [text: string, style?: Style]

/** One line of a screen. */
export type StyledLine = readonly Span[]

const CODES: Readonly<Record<Style, string>> = { plain: '', bold: '1', dim: '2', red: '31', green: '32', yellow: '33', cyan: '36' }

/** How many columns a line takes, each character counted as one. */
export function widthOf(line: StyledLine): number {
  return line.reduce((sum, [text]) => sum + Array.from(text).length, 0)
}

/** A line as text of at most `width` columns, with an ellipsis where something was cut. */
export function paint(line: StyledLine, width: number, colors: boolean): string {
  let left = width
  let painted = ''
  const fits = widthOf(line) <= width
  for (const [text, style = 'plain'] of line) {
    if (left <= 0) break
    const characters = Array.from(printable(text))
    const isLast = !fits && characters.length >= left
    const shown = isLast ? `${characters.slice(0, left - 1).join('')}…` : characters.join('')
    painted += colors && CODES[style] !== '' && shown !== '' ? `\u001B[${CODES[style]}m${shown}\u001B[0m` : shown
    left -= isLast ? left : characters.length
  }
  return painted
}
