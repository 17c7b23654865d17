/** Histories of calls, generated, and driven into a store and a small model side by side. */
import type { Arbitrary } from 'fast-check'
import type { FleetStore } from 'qudag-connections/fleet'

/** One call of a history. */
export interface Step {
  readonly call: string
}

export const histories: Arbitrary<readonly Step[]>
export function drive(stores: readonly [FleetStore, FleetStore], prefix: string, history: readonly Step[]): Promise<void>
