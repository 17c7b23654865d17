/** An app's report never contradicts a link that this manager holds itself. */
import type { ConnectionStatus } from '../domain/connection-status.ts'
import { holdsSlot, statusOf, type PeerState } from '../domain/peer-state.ts'

/** The owner of a peer's link: this manager, or the app that reports on it. @since 0.1.0 */
export type Owner = 'manager' | 'app'

/** What a report does to a peer. @since 0.1.0 */
export interface ReportVerdict {
  /** `ignore`: it has that status already; `refuse`: its link is ours and cannot be talked into this. */
  readonly kind: 'ignore' | 'apply' | 'refuse'
  /** Whether the peer needs a slot that it does not hold yet. */
  readonly needsSlot: boolean
}

const IGNORE: ReportVerdict = { kind: 'ignore', needsSlot: false }
const REFUSE: ReportVerdict = { kind: 'refuse', needsSlot: false }
const APPLY: ReportVerdict = { kind: 'apply', needsSlot: false }
const APPLY_IN_SLOT: ReportVerdict = { kind: 'apply', needsSlot: true }

/** Decides on a report of `status` for a peer in `state` (undefined: unknown). @since 0.1.0 */
export function decideReport(state: PeerState | undefined, owner: Owner, status: ConnectionStatus): ReportVerdict {
  const held = state !== undefined && holdsSlot(state)
  if (held && owner === 'manager') {
    if (statusOf(state) === status) return IGNORE
    return status === 'Disconnected' || status === 'Failed' ? APPLY : REFUSE
  }
  const wantsSlot = status === 'Connecting' || status === 'Connected'
  return wantsSlot && !held ? APPLY_IN_SLOT : APPLY
}
