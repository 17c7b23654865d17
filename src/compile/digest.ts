/** The digest of a table: equal digests mean the same transitions with the same guards and actions by name, whatever implements them. */
import type { Act } from './action-plan.ts'
import type { Candidate, Table } from './table.ts'

/** The digest of all that emitted code takes for granted, as 16 hexadecimal digits. */
export function digestOf(table: Table): string {
  return hash(
    JSON.stringify([...table.states].map(([id, state]) => [id, [...state.candidates].map(([type, all]) => [type, all.map(spell)])])),
  )
}

function spell({ acts, target, final, guard, guardName, plain }: Candidate): unknown {
  return [
    guard === undefined ? 0 : plain?.predicate === undefined ? 1 : 2,
    guardName,
    acts.map(spellAct),
    target.nodes.at(-1)?.id,
    final?.id,
  ]
}

function spellAct({ kind, type, paramsOf, assignment }: Act): unknown {
  return [
    kind,
    type,
    paramsOf !== undefined,
    assignment?.make !== undefined,
    assignment?.keys,
    assignment?.values.map((value) => typeof value),
  ]
}

/** Whether a value can be written as itself. */
export function isPrimitive(value: unknown): boolean {
  return value === undefined || value === null || typeof value === 'boolean' || typeof value === 'string' || Number.isSafeInteger(value)
}

/** FNV-1a of 64 bits: it notices a change, and proves nothing. */
function hash(text: string): string {
  let sum = 0xcbf29ce484222325n
  for (let index = 0; index < text.length; index++) sum = ((sum ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n) & 0xffffffffffffffffn
  return sum.toString(16).padStart(16, '0')
}
