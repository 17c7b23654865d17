/** The parts of a node that each of its rooms stands on. */
import type { FleetHost } from '../runtime/options/fleet-gate.ts'
import type { FleetSettings } from './fleet-options.ts'
import type { FleetKeys } from './keys.ts'
import type { Session } from './session.ts'

/** What a node was told, the names of its keys, its manager, and its session. */
export interface NodeParts {
  readonly settings: FleetSettings
  readonly keys: FleetKeys
  readonly host: FleetHost
  readonly session: Session
}
