/** Rarities of a scripted link: what most links never have, so that a link of a crowd stays small. */
import type { CloseReason, EndReason } from '../transports/transport.ts'
import type { ScriptedPings } from './scripted-pings.ts'

/** Each is made when it is first needed. */
export interface Rarities {
  sent?: Uint8Array[]
  queue?: Uint8Array[]
  /** What `closed` will be told: once the queue is empty, and a handler is there. */
  end?: CloseReason | undefined
  closed?: Promise<void>
  resolveClosed?: () => void
  pings?: ScriptedPings
  partBytes?: number
  assurances?: number
  farewell?: EndReason
}
