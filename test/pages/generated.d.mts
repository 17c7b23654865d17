import type { AnyStateMachine } from 'xstate'
import type { Settings } from '../../src/cli/run/setting.ts'
import type { Instrument } from '../../src/observability/instruments.ts'

export function generatedParts(read: {
  readonly peerMachine: AnyStateMachine
  readonly SETTINGS: Settings
  readonly INSTRUMENTS: readonly Instrument[]
  readonly FLEET_INSTRUMENTS: readonly Instrument[]
}): Record<string, string>
export function partOf(page: string, name: string): string | undefined
export function renew(page: string, name: string, part: string): string
