/** Emitted code without a build step: its text is evaluated, as a test may and nothing that is shipped does. */
import type { MachineCode } from 'qudag-connections/compile'
import type { AnyStateMachine } from 'xstate'
import { emitTable } from '../../src/compile/emit.ts'
import { type Table, tableOf } from '../../src/compile/table.ts'
import { TableLogic } from '../../src/compile/table-logic.ts'

/** The code in the text of a JavaScript module that `emit` wrote. */
export function codeIn(text: string): MachineCode {
  // oxlint-disable-next-line typescript/no-implied-eval -- a test may
  return new Function(`${text.replace('export const code', 'const code')}\nreturn code`)() as MachineCode
}

/** The logic that runs code emitted from a table. */
export function emittedFrom(table: Table, input?: unknown): TableLogic {
  return new TableLogic(table, codeIn(emitTable(table, { input, types: false })))
}

/** The logic that runs code emitted from a machine. */
export function emittedOf(machine: AnyStateMachine, input?: unknown): TableLogic {
  return emittedFrom(tableOf(machine), input)
}
