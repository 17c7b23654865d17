/** Keeps one thing true: every event of the supervisor machine, with every admission that it can be judged to, is a case with a name. */
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
const VIEWS: Readonly<Record<string, AdmissionView>> = {
  forbid: { legal: false, needsSlot: true, held: 0, idle: 0 },
  join: { legal: true, needsSlot: false, held: 2, idle: 2 },
  admit: { legal: true, needsSlot: true, held: 1, idle: 1 },
  evict: { legal: true, needsSlot: true, held: 2, idle: 1 },
  refuse: { legal: true, needsSlot: true, held: 2, idle: 0 },
  exceeded: { legal: true, needsSlot: true, held: 3, idle: 3 },
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
  ['supervisor.shutdown', { type: 'supervisor.shutdown', at, timeoutMs: 1 }],
  ['shutdown.timedOut', { type: 'shutdown.timedOut', at }],
  ['supervisor.emptied', { type: 'supervisor.emptied', at }],
])
