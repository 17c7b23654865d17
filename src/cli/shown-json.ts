/** A line for programs holds no secret of an address, and commands no terminal that it is printed on. */
import { printableJson } from '../../machines/domain/plain-text.ts'
import { shownPeerId, shownWords } from '../../machines/domain/shown.ts'

/** A value as one line of JSON. */
export function shownJson(value: object): string {
  // The console's own URL is told with its token: without it nobody could open it.
  return printableJson('type' in value && value.type === 'console' ? value : shown(value))
}

function shown(value: unknown): unknown {
  if (typeof value === 'string') return shownWords(shownPeerId(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(shown)
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shown(field)]))
}
