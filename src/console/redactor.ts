/** The redactor: what leaves for a page is small, plain, and has passed the app's own rule. */

import { isArrayBuffer, isError } from '../../machines/domain/realm.ts'
import { printableLines } from '../../machines/domain/plain-text.ts'
import { shownPeerId, shownWords } from '../../machines/domain/shown.ts'

/**
 * Says what is shown in the place of a value; `undefined`: nothing. It is asked of every value on its way down, an object
 * before its fields, with the names that lead to it.
 *
 * @since 0.1.0
 */
export type Redactor = (value: unknown, path: readonly string[]) => unknown

const LONGEST_TEXT = 1_024
const MOST_ENTRIES = 256
const DEEPEST = 12

/** Cuts what is long, drops what is binary, and hides the passwords of URLs. */
export const redactDefault: Redactor = (value) => {
  if (typeof value === 'string') return shortened(printableLines(shownWords(shownPeerId(value))))
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (isArrayBuffer(value)) return `[${value.byteLength} bytes]`
  return value
}

/**
 * A copy of a value in plain JSON, every part of which the redactor has passed. A list or an object shows at most 256
 * entries, twelve deep. What the redactor throws is shown in the value's place, never the value.
 */
export function redacted(value: unknown, redact: Redactor, path: readonly string[] = []): unknown {
  try {
    return copied(value, redact, path)
  } catch (error) {
    // A getter, of the value or of what the redactor gave for it.
    return failed(error)
  }
}

function copied(value: unknown, redact: Redactor, path: readonly string[]): unknown {
  const shown = pass(value, redact, path)
  if (typeof shown === 'bigint') return shown.toString()
  if (typeof shown === 'function' || typeof shown === 'symbol') return undefined
  if (typeof shown !== 'object' || shown === null) return shown
  if (path.length >= DEEPEST) return '…'
  if (isError(shown)) return redacted({ name: shown.name, message: shown.message }, redact, path)
  if (Array.isArray(shown)) return shown.slice(0, MOST_ENTRIES).map((one, index) => redacted(one, redact, [...path, String(index)]))
  const entries = Object.entries(shown).slice(0, MOST_ENTRIES)
  return Object.fromEntries(
    entries.flatMap(([name, field]) => {
      const kept = redacted(field, redact, [...path, name])
      return kept === undefined ? [] : [[name, kept]]
    }),
  )
}

function pass(value: unknown, redact: Redactor, path: readonly string[]): unknown {
  const shown = redact(value, path)
  if (typeof (shown as { then?: unknown } | undefined | null)?.then !== 'function') return shown
  // A promise says nothing yet, and what it keeps back must not be shown.
  Promise.resolve(shown).then(undefined, () => {})
  throw new TypeError('redact must answer at once, and not with a promise')
}

function failed(error: unknown): string {
  const words = isError(error) ? error.message : typeof error
  return `[redact failed: ${words}]`
}

/** Cut where no secret is cut open: what is hidden is hidden before. */
function shortened(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}
