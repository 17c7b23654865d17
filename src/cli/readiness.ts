/** Readiness: whether a manager should be given work, as whoever balances or restarts it asks. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../connection-manager.ts'

/** What can be asked for beside that new work is taken. */
export const READY_WHEN = ['below-limit', 'kept'] as const

/** One of these. */
export type ReadyWhen = (typeof READY_WHEN)[number]

/** What was found: a line for each thing that was asked for. */
export interface Readiness {
  readonly isReady: boolean
  readonly lines: readonly string[]
}

/** Whether a manager is ready. @param kept whose links `kept` asks for */
export function readinessOf(manager: ConnectionManager, when: readonly ReadyWhen[], kept: readonly PeerId[]): Readiness {
  const { state, limits, slots, fleet } = manager.explain()
  const up = kept.filter((peerId) => manager.status(peerId) === 'Connected').length
  // A pooled link yields to whoever needs its slot.
  const used = slots.held - slots.pooled
  const checks = [
    { isGood: state === 'Accepting', text: `takes new work: ${state}` },
    ...(fleet === undefined
      ? []
      : [
          {
            isGood: fleet.state === 'joined',
            text: `node '${fleet.node}' of fleet '${fleet.fleet}': ${fleet.state}${inBrackets(fleet.storeError)}`,
          },
        ]),
    ...(when.includes('below-limit')
      ? [{ isGood: used < limits.maxConnections, text: `below its limit: ${used} of ${limits.maxConnections} in use` }]
      : []),
    ...(when.includes('kept') ? [{ isGood: up === kept.length, text: `kept peers: ${up} of ${kept.length} connected` }] : []),
  ]
  return {
    isReady: checks.every(({ isGood }) => isGood),
    lines: checks.map(({ isGood, text }) => `${isGood ? 'ok' : 'NOT'} ${text}`),
  }
}

function inBrackets(why: string | undefined): string {
  return why === undefined ? '' : ` (${why})`
}
