/** The supervisor's machine with the effects of its actions: what each decision does to the supervisor whose machine decides. */
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { decideAdmission, type Admission, type AdmissionView, type RefusalReason } from '../../../machines/policy/admission.ts'
import { supervisorMachine, type SupervisorEvent } from '../../../machines/supervisor-machine.ts'
import { isShareFull } from '../admission/admissions.ts'
import { compile } from '../../compile/index.ts'
import { code } from './generated/supervisor-code.ts'
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
    connectPeer: act('peer.connect', (supervisor, event) => connectPeer(supervisor, event)),
    awaitSlot: act('peer.connect', (supervisor, event) => supervisor.waiters.add(event.peerId, event.at)),
    redialPeer: act('backoff.elapsed', (supervisor, event) => redialPeer(supervisor, event)),
    disconnectPeer: act('peer.disconnect', (supervisor, event) => supervisor.disconnectPeer(event)),
    reportPeer: act('peer.report', (supervisor, event) => reportPeer(supervisor, event)),
    acceptLink: act('link.accepted', (supervisor, event) => supervisor.arrivals.acceptLink(event)),
    rejectLink: act('link.accepted', (supervisor, event) => supervisor.arrivals.rejectLink(event)),
    replacePeer: act('peer.crashed', (supervisor, event) => supervisor.crashes.replace(event)),
    trimPool: act('limits.set', (supervisor, event) => supervisor.limitsChanged(event.limits)),
    startShutdownDeadline: act('supervisor.shutdown', (supervisor, event) => supervisor.ending.startDeadline(event.timeoutMs)),
    closeListeners: act('supervisor.drain', (supervisor) => supervisor.listeners.closeAll()),
    endIdle: act('supervisor.drain', (supervisor) => supervisor.ending.endIdle()),
    stopPeers: act('supervisor.shutdown', (supervisor) => supervisor.ending.stopPeers()),
    abortPeers: act('shutdown.timedOut', (supervisor) => supervisor.ending.abortPeers()),
    endStreams: act('supervisor.emptied', (supervisor) => supervisor.ending.endStreams()),
    evictVictim: ({ event }) => {
      if (current !== undefined && 'view' in event) evictVictim(current.supervisor, event)
    },
    evictLongestIdle: ({ event }, { of }) => current?.supervisor.poolTrim.evictLongestIdle(of, event.at),
    refuse: ({ event, context }, { refusal }) => {
      if (current === undefined || !('view' in event)) return
      const { peerId, at, view } = event
      const { world } = current.supervisor
      const lacksPermit = world.slots.held < world.limits.maxConnections && view.held > world.slots.held
      const verdict = current.supervisor.breakers.ask(world.peers.get(peerId), at)
      current.core.refusal = refusalOf(refusal, {
        peerId,
        limit: context.limits.maxConnections,
        current: lacksPermit ? world.slots.held : view.held,
        waiting: view.waiting,
        ...whyRefused(decideAdmission(view, context.limits.maxConnections)),
        ...(lacksPermit && refusal === 'ERR_MAX_CONNECTIONS' ? { reason: 'fleet-limit' } : {}),
        ...(event.type === 'peer.report' ? { status: event.status } : {}),
        ...(verdict.kind === 'refuse' ? { retryAfterMs: verdict.retryAfterMs } : {}),
      })
    },
  },
})
let compiled: ReturnType<typeof compile<typeof provided>> | undefined

/** The compiled machine, one for all supervisors of the process: {@link deciding} says whose step it takes. */
export function supervisorMachineWithEffects(): NonNullable<typeof compiled> {
  return (compiled ??= compile(provided, code))
}

function whyRefused(admission: Admission): RefusalReason {
  return admission.kind === 'refuse' ? admission : {}
}

function connectPeer(supervisor: Supervisor, { peerId, at }: { peerId: PeerId; at: number }): void {
  const peer = supervisor.world.known(peerId)
  supervisor.requests.handOverGate(peer)
  supervisor.checks.reuse(peer, at)
}

function redialPeer(supervisor: Supervisor, { peerId, at }: { peerId: PeerId; at: number }): void {
  const peer = supervisor.world.known(peerId)
  peer.wanted = true
  supervisor.requests.handOverGate(peer)
  supervisor.world.send(peer, { type: 'backoff.elapsed', at, turn: supervisor.world.turns.isFree })
}

function reportPeer(supervisor: Supervisor, { peerId, at, status, failure }: Extract<SupervisorEvent, { type: 'peer.report' }>): void {
  supervisor.world.send(supervisor.world.known(peerId), { type: 'peer.reported', at, status, failure })
}

/** Makes room for a newcomer that is worth more. A pooled link, whoever opened it, yields before one in use. */
function evictVictim(supervisor: Supervisor, { peerId, at, view }: { peerId: PeerId; at: number; view: AdmissionView }): void {
  const { world } = supervisor
  const among = isShareFull(view.inbound) ? 'inbound' : 'any'
  if (among === 'any' && world.pool.size > 0) return supervisor.poolTrim.evictLongestIdle('any', at)
  const victim = supervisor.evictions?.firstWeighed(among)
  if (victim === undefined) return
  const score = victim.evictable?.score ?? 0
  victim.eviction = { by: peerId, at: world.instant(at), score, newcomerScore: view.contest?.score ?? 0 }
  world.send(victim, { type: 'peer.evict', at })
}
