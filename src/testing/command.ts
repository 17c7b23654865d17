/** A run is plain data, so that it can be generated, shrunk, printed and replayed. */
import type { ConnectionStatus } from '../../machines/domain/connection-status.ts'

/**
 * One thing that a user, the other side or time does. A peer is an index into the run's peer ids; `nth` picks
 * among what is there when its turn comes (modulo how many there are), so that a shrunk run stays meaningful.
 *
 * @since 0.1.0
 */
export type Command =
  // what the user does
  | { readonly type: 'connect'; readonly peer: number; readonly signal: boolean }
  | { readonly type: 'abortCaller'; readonly nth: number }
  | { readonly type: 'disconnect'; readonly peer: number; readonly pool?: boolean }
  | { readonly type: 'release'; readonly nth: number }
  /** `close()` of a connection. */
  | { readonly type: 'hangUp'; readonly nth: number }
  | { readonly type: 'updateStatus'; readonly peer: number; readonly status: ConnectionStatus }
  | { readonly type: 'updateStatuses'; readonly entries: readonly (readonly [peer: number, status: ConnectionStatus])[] }
  | { readonly type: 'setLimits'; readonly maxConnections?: number; readonly poolTimeoutMs?: number }
  | { readonly type: 'recordMessage'; readonly peer: number; readonly bytes: number }
  | { readonly type: 'send'; readonly nth: number; readonly bytes: number }
  | { readonly type: 'read'; readonly nth: number }
  | { readonly type: 'stopReading'; readonly nth: number }
  | { readonly type: 'readAll'; readonly on: boolean }
  // what the other side does
  | { readonly type: 'openDial'; readonly nth: number }
  | { readonly type: 'failDial'; readonly nth: number; readonly fault: Fault }
  /** Opens a dial that was aborted; possible where the transport's `onAbort` is `'ignore'`. */
  | { readonly type: 'openLate'; readonly nth: number }
  /** A link arrives; without a peer it proves no id. */
  | { readonly type: 'arrive'; readonly peer?: number }
  | { readonly type: 'receive'; readonly nth: number; readonly bytes: number }
  | { readonly type: 'remoteClose'; readonly nth: number }
  | { readonly type: 'failLink'; readonly nth: number; readonly fault: Fault }
  | { readonly type: 'finishClose'; readonly nth: number }
  // what time does
  | { readonly type: 'advance'; readonly ms: number }
  /** To the next instant at which anything is due, and this many milliseconds past it. */
  | { readonly type: 'advanceToDeadline'; readonly offset: -1 | 0 | 1 }
  // the end
  | { readonly type: 'shutdown'; readonly timeoutMs: number }
  | { readonly type: 'stop' }

/** What breaks a dial or a link. @since 0.1.0 */
export interface Fault {
  /** The platform's code, `ECONNRESET` for one. */
  readonly code: string
  readonly message: string
}

/** The fault as the Error that a transport would give. @since 0.1.0 */
export function faultError(fault: Fault): Error & { readonly code: string } {
  return Object.assign(new Error(fault.message), { code: fault.code })
}
