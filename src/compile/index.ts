/** Machines compiled to tables or to code, for XState actors that must be fast. */
export { compile, type CompiledLogic } from './compile.ts'
export type { CodeKit, MachineCode, Made } from './code.ts'
export { emit, type EmitOptions } from './emit.ts'
export type { Take } from './table.ts'
export { UncompilableError, type Refusal } from './uncompilable-error.ts'
