/** What a machine does in one step is one line of text, so that a table of it can be read and compared. */
import type { AnyMachineSnapshot } from 'xstate'

/** An action as `transition()` returns it. */
export interface Done {
  readonly type: string
  readonly params?: unknown
}

/** Spells an action with its parameters: `refuseCallers(ERR_STOPPED)`. */
function spellAction({ type, params }: Done): string {
  return params === undefined ? type : `${type}(${Object.values(params as object).join(' ')})`
}

/** What the context changed to, by key, as `key=value`. */
export function spellChanges<C extends object>(before: C, after: C, spell: (value: unknown) => string): string[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof C & string)[]
  return keys.filter((key) => before[key] !== after[key]).map((key) => `${key}=${spell(after[key])}`)
}

/** One step as `target: actions; changes`. A step that does nothing at all is the empty string. */
export function spellStep(
  before: AnyMachineSnapshot,
  after: AnyMachineSnapshot,
  spelled: { readonly state: (value: unknown) => string; readonly actions: readonly Done[]; readonly changes: readonly string[] },
): string {
  const from = spelled.state(before.value)
  const to = spelled.state(after.value)
  const actions = spelled.actions.map(spellAction).join(', ')
  const changes = spelled.changes.join(', ')
  if (from === to && actions === '' && changes === '') return ''
  return `${to}: ${actions}${changes === '' ? '' : `; ${changes}`}`
}
