/** The console shows a manager that runs and a recorded run by the same means. */
import type { Observable } from 'rxjs'
import { decideReport } from '../../machines/policy/report.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import { inspectionOf, type InspectionSource, type PeerInside } from '../inspect/index.ts'
import type { Explanation } from '../runtime/supervisor/explanation.ts'
import type { ConsoleCommand, PageMessage, ReplayStatus } from './wire.ts'

/** What a console shows. @since 0.1.0 */
export interface ConsoleSource extends InspectionSource {
  /** The commands that make sense for a peer now. */
  commandsFor(inside: PeerInside): readonly ConsoleCommand[]
  /** Carries out a command; rejects, in words for the user, where it cannot. Left out where nothing can be commanded. */
  command?(command: ConsoleCommand): Promise<void>
  /** Left out where it is no recording. */
  readonly replay?: ReplayControl
}

/** A recording that can be moved through. @since 0.1.0 */
export interface ReplayControl {
  /** Where it stands, then each time that changes. */
  readonly status$: Observable<ReplayStatus>
  /** Does what a page asks for. */
  control(request: Extract<PageMessage, { type: 'replay' }>): void
}

/** A manager that runs, to be shown and commanded. It belongs to the caller, who shuts it down. @since 0.1.0 */
export function managerSource(manager: ConnectionManager): ConsoleSource {
  return Object.assign(inspectionOf(manager), {
    commandsFor,
    async command(command: ConsoleCommand): Promise<void> {
      const { peerId } = command
      switch (command.type) {
        case 'peer.connect':
          // The hold is given back by `peer.disconnect`, as where an app connects a peer by an event.
          await manager.connect(peerId)
          return
        case 'peer.disconnect':
          return manager.disconnect(peerId, { pool: command.pool })
        case 'peer.retry':
          return manager.retryNow(peerId)
        case 'peer.report':
          return manager.updateStatus(peerId, command.status)
      }
    },
  })
}

function commandsFor({ peerId, state, explanation }: PeerInside): readonly ConsoleCommand[] {
  const { owner = 'manager', waiting } = (explanation ?? {}) as Partial<Explanation>
  const isAppHeld = owner === 'app' && (state === 'Connected' || state === 'Connecting.reported')
  const isOpen = state === 'Connected' || state?.startsWith('Connecting.') === true
  const commands: ConsoleCommand[] = []
  if (!isOpen && !isAppHeld) commands.push({ type: 'peer.connect', peerId })
  if (waiting?.for === 'backoff') commands.push({ type: 'peer.retry', peerId })
  if (state === undefined) return commands
  if (state === 'Connected' && !isAppHeld) commands.push({ type: 'peer.disconnect', peerId, pool: true })
  commands.push({ type: 'peer.disconnect', peerId, pool: false })
  for (const status of ['Connecting', 'Connected', 'Disconnected', 'Failed'] as const) {
    if (decideReport(state, owner, status).kind === 'apply') commands.push({ type: 'peer.report', peerId, status })
  }
  return commands
}
