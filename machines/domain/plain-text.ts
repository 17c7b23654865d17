/** Text that is printed commands no terminal, and reads in the order in which it stands. */

/**
 * What commands or deceives: control characters (C0, DEL, C1), marks that turn the direction of text round, separators of
 * lines and paragraphs, characters without width that hide among others, and halves of characters.
 */
/* oxlint-disable no-control-regex -- control characters are what it is about */
const UNPRINTABLE =
  /[\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]|\p{Surrogate}/gu

/** Text that can be printed on one line: each such character is replaced by a space. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ')
}

/** Text of several lines that can be printed. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

/** A value as JSON on one line, in which each such character is escaped; what reads it reads the same value. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (found) =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  )
}
