/** Machines compiled to tables, for XState actors that must be fast. */
export { compile, type CompiledLogic } from './compile.ts'
export { UncompilableError, type Refusal } from './uncompilable-error.ts'
