/** The supervisor's machine with the effects of its actions: what each decision does to the supervisor whose machine decides. */
import { decideAdmission, type Admission, type RefusalReason } from '../../../machines/policy/admission.ts'
import { supervisorMachine, type SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { compile } from '../../compile/index.ts'
import { refusalOf } from '../errors/refusals.ts'
import type { Supervisor } from './supervisor.ts'
import type { SupervisorCore } from './supervisor-core.ts'

/** A supervisor and its machine. */
export interface Deciding {
  readonly supervisor: Supervisor
  readonly core: SupervisorCore
}

/** The supervisor whose machine decides just now; its decisions are carried out within that step. */
let current: Deciding | undefined

/** Takes a step of this supervisor's machine. */
export function deciding<T>(supervisor: Deciding | undefined, step: () => T): T {
  const outer = current
  current = supervisor
  try {
    return step()
  } finally {
    current = outer
  }
}

const act =
  <T extends SupervisorEvent['type']>(_type: T, action: (supervisor: Supervisor, event: Extract<SupervisorEvent, { type: T }>) => void) =>
  ({ event }: { event: SupervisorEvent }): void => {
    if (current !== undefined) action(current.supervisor, event as Extract<SupervisorEvent, { type: T }>)
  }

const provided = supervisorMachine.provide({
  actions: {
    connectPeer: act('peer.connect', (supervisor, event) => supervisor.connectPeer(event)),
    awaitSlot: act('peer.connect', (supervisor, event) => supervisor.waiters.add(event.peerId, event.at)),
    redialPeer: act('backoff.elapsed', (supervisor, event) => supervisor.redialPeer(event)),
    disconnectPeer: act('peer.disconnect', (supervisor, event) => supervisor.disconnectPeer(event)),
    reportPeer: act('peer.report', (supervisor, event) => supervisor.reportPeer(event)),
    acceptLink: act('link.accepted', (supervisor, event) => supervisor.arrivals.acceptLink(event)),
    rejectLink: act('link.accepted', (supervisor, event) => supervisor.arrivals.rejectLink(event)),
    replacePeer: act('peer.crashed', (supervisor, event) => supervisor.replacePeer(event)),
    trimPool: act('limits.set', (supervisor, event) => supervisor.limitsChanged(event.limits)),
    startShutdownDeadline: act('supervisor.shutdown', (supervisor, event) => supervisor.ending.startDeadline(event.timeoutMs)),
    closeListeners: act('supervisor.drain', (supervisor) => supervisor.listeners.closeAll()),
    endIdle: act('supervisor.drain', (supervisor) => supervisor.ending.endIdle()),
    stopPeers: act('supervisor.shutdown', (supervisor) => supervisor.ending.stopPeers()),
    abortPeers: act('shutdown.timedOut', (supervisor) => supervisor.ending.abortPeers()),
    endStreams: act('supervisor.emptied', (supervisor) => supervisor.ending.endStreams()),
    evictVictim: ({ event }) => {
      if ('view' in event) current?.supervisor.evictVictim(event)
    },
    evictLongestIdle: ({ event }, { of }) => current?.supervisor.evictLongestIdle(of, event.at),
    refuse: ({ event, context }, { refusal }) => {
      if (current === undefined || !('view' in event)) return
      const { peerId, at, view } = event
      const verdict = current.supervisor.breakers.ask(current.supervisor.world.peers.get(peerId), at)
      current.core.refusal = refusalOf(refusal, {
        peerId,
        limit: context.limits.maxConnections,
        current: view.held,
        waiting: view.waiting,
        ...whyRefused(decideAdmission(view, context.limits.maxConnections)),
        ...(event.type === 'peer.report' ? { status: event.status } : {}),
        ...(verdict.kind === 'refuse' ? { retryAfterMs: verdict.retryAfterMs } : {}),
      })
    },
  },
})
let compiled: ReturnType<typeof compile<typeof provided>> | undefined

/** The compiled machine, one for all supervisors of the process: {@link deciding} says whose step it takes. */
export function supervisorMachineWithEffects(): NonNullable<typeof compiled> {
  return (compiled ??= compile(provided))
}

function whyRefused(admission: Admission): RefusalReason {
  return admission.kind === 'refuse' ? admission : {}
}
