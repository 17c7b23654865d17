/** Every event of the supervisor machine, with every admission that it can be judged to, is a case with a name. */
import { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import type { Limits } from '../../machines/domain/limits.ts'
import type { AdmissionView } from '../../machines/policy/admission.ts'
import type { SupervisorEvent } from '../../machines/supervisor-machine.ts'

const at = 7
const peerId = 'peer'

/** What is in force when each case begins, and what `limits.set` brings. */
export const LIMITS: Limits = { maxConnections: 2, poolTimeoutMs: 1_000, maxIdle: Infinity }
export const OTHER: Limits = { maxConnections: 9, poolTimeoutMs: 0, maxIdle: 3 }

/** Under a limit of two: one view for each admission, and one from when the limit was higher. */
const FULL: AdmissionView = { legal: true, needsSlot: true, held: 2, idle: 0, isCircuitOpen: false, waiting: 0, maxWaiting: 0 }
const VIEWS: Readonly<Record<string, AdmissionView>> = {
  forbid: { ...FULL, legal: false, held: 0 },
  join: { ...FULL, needsSlot: false, idle: 2 },
  admit: { ...FULL, held: 1, idle: 1 },
  evict: { ...FULL, idle: 1 },
  outrank: { ...FULL, contest: { score: 2, lowest: 1 } },
  break: { ...FULL, held: 1, isCircuitOpen: true },
  wait: { ...FULL, waiting: 1, maxWaiting: 2 },
  full: { ...FULL, waiting: 2, maxWaiting: 2 },
  refuse: FULL,
  exceeded: { ...FULL, held: 3, idle: 3, contest: { score: 2, lowest: 1 } },
}

/** The admissions, by the name that cases use. */
export const ADMISSIONS = Object.keys(VIEWS)

export const CASES: Readonly<Record<string, SupervisorEvent>> = Object.fromEntries([
  ...Object.entries(VIEWS).flatMap(([name, view]): [string, SupervisorEvent][] => [
    [`peer.connect ${name}`, { type: 'peer.connect', peerId, at, view }],
    [`backoff.elapsed ${name}`, { type: 'backoff.elapsed', peerId, at, view }],
    [`peer.report ${name}`, { type: 'peer.report', peerId, at, status: ConnectionStatus.Connected, failure: undefined, view }],
    [`link.accepted ${name}`, { type: 'link.accepted', peerId, at, dialWins: false, view }],
  ]),
  ['peer.disconnect', { type: 'peer.disconnect', peerId, at, pool: true }],
  ['peer.crashed', { type: 'peer.crashed', peerId, at, failure: { code: 'ERR_CRASHED', message: 'no', at, attempts: 0 } }],
  ['limits.set', { type: 'limits.set', at, limits: OTHER }],
  ['supervisor.drain', { type: 'supervisor.drain', at }],
  ['supervisor.shutdown', { type: 'supervisor.shutdown', at, timeoutMs: 1 }],
  ['shutdown.timedOut', { type: 'shutdown.timedOut', at }],
  ['supervisor.emptied', { type: 'supervisor.emptied', at }],
])
