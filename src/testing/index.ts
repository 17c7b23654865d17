/**
 * Testing kit: a program that uses the package is tested without a socket and without waiting.
 *
 * fast-check is not reached from here at run time: `arbitraries(fc)` takes it as an argument.
 */
export { type Arbitraries, arbitraries, type CommandOptions } from './arbitraries.ts'
export { type Command, type Fault, faultError } from './command.ts'
export { flush } from './flush.ts'
export type { LedgerEvent, LinkLedger, Watcher } from './link-ledger.ts'
export type { OpenOptions, ScriptedDial } from './scripted-dial.ts'
export type { LinkScript } from './link-script.ts'
export type { ScriptedLink } from './scripted-link.ts'
export type { ArriveOptions, ScriptedOptions } from './scripted-options.ts'
export { scripted, type ScriptedTransport } from './scripted-transport.ts'
export {
  type CuttableEnds,
  type HealableEnds,
  type TestFramework,
  testTransport,
  type TransportEnds,
  type TransportSetup,
} from './test-transport.ts'
export { farSide, serveSide, type TextPort } from './transport-suite/far-side.ts'
export { DEFAULT_EPOCH, VirtualClock } from './virtual-clock.ts'
