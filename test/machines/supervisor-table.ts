/** What the supervisor machine does is written down a second time, cell by cell, and can be held against it. */
import { initialTransition, transition } from 'xstate'
import { type SupervisorEvent, supervisorMachine } from '../../machines/supervisor-machine.ts'
import { spellChanges, spellStep } from './effects.ts'
import { ADMISSIONS, CASES, LIMITS, OTHER } from './supervisor-cases.ts'

/** The supervisor machine, or a mutant of it. */
export type SupervisorMachine = typeof supervisorMachine

export type State = 'Accepting' | 'Draining' | 'Closing' | 'Stopped'

/** A cell is `target: actions in order; changes of the context`. A case that a state does not list does nothing there. */
export const SUPERVISOR_TABLE: Readonly<Record<State, Readonly<Record<string, string>>>> = {
  Accepting: {
    'peer.connect forbid': 'Accepting: refuse(ERR_INVALID_TRANSITION)',
    'peer.connect join': 'Accepting: connectPeer',
    'peer.connect admit': 'Accepting: connectPeer',
    'peer.connect evict': 'Accepting: evictLongestIdle(any), connectPeer',
    'peer.connect outrank': 'Accepting: evictVictim, connectPeer',
    'peer.connect break': 'Accepting: refuse(ERR_CIRCUIT_OPEN)',
    'peer.connect wait': 'Accepting: awaitSlot',
    'peer.connect full': 'Accepting: refuse(ERR_QUEUE_FULL)',
    'peer.connect refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.connect exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed admit': 'Accepting: redialPeer',
    'backoff.elapsed evict': 'Accepting: evictLongestIdle(any), redialPeer',
    'backoff.elapsed outrank': 'Accepting: evictVictim, redialPeer',
    'backoff.elapsed break': 'Accepting: refuse(ERR_CIRCUIT_OPEN)',
    'backoff.elapsed wait': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed full': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report forbid': 'Accepting: refuse(ERR_INVALID_TRANSITION)',
    'peer.report join': 'Accepting: reportPeer',
    'peer.report admit': 'Accepting: reportPeer',
    'peer.report evict': 'Accepting: evictLongestIdle(any), reportPeer',
    'peer.report outrank': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report break': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report wait': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report full': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'link.accepted forbid': 'Accepting: rejectLink',
    'link.accepted join': 'Accepting: acceptLink',
    'link.accepted admit': 'Accepting: acceptLink',
    'link.accepted evict': 'Accepting: evictLongestIdle(inbound), acceptLink',
    'link.accepted outrank': 'Accepting: evictVictim, acceptLink',
    'link.accepted break': 'Accepting: rejectLink',
    'link.accepted wait': 'Accepting: rejectLink',
    'link.accepted full': 'Accepting: rejectLink',
    'link.accepted refuse': 'Accepting: rejectLink',
    'link.accepted exceeded': 'Accepting: rejectLink',
    'peer.disconnect': 'Accepting: disconnectPeer',
    'peer.crashed': 'Accepting: replacePeer',
    'limits.set': 'Accepting: trimPool; limits=other',
    'supervisor.drain': 'Draining: closeListeners, endIdle',
    'supervisor.shutdown': 'Closing: startShutdownDeadline, closeListeners, stopPeers',
  },
  Draining: {
    ...each('peer.connect', 'Draining: refuse(ERR_STOPPED)'),
    ...each('peer.report', 'Draining: refuse(ERR_STOPPED)'),
    ...each('link.accepted', 'Draining: rejectLink'),
    'peer.disconnect': 'Draining: disconnectPeer',
    'peer.crashed': 'Draining: replacePeer',
    'supervisor.shutdown': 'Closing: startShutdownDeadline, stopPeers',
  },
  Closing: {
    ...each('peer.connect', 'Closing: refuse(ERR_STOPPED)'),
    ...each('peer.report', 'Closing: refuse(ERR_STOPPED)'),
    ...each('link.accepted', 'Closing: rejectLink'),
    'peer.disconnect': 'Closing: disconnectPeer',
    'peer.crashed': 'Closing: replacePeer',
    'shutdown.timedOut': 'Closing: abortPeers',
    'supervisor.emptied': 'Stopped: endStreams',
  },
  Stopped: {
    'peer.disconnect': 'Stopped: disconnectPeer',
    'peer.crashed': 'Stopped: replacePeer',
  },
}

export const STATES = Object.keys(SUPERVISOR_TABLE) as State[]

/** Where an actor of the machine begins. */
export function fresh() {
  return initialTransition(supervisorMachine, { limits: LIMITS })[0]
}

/** What every case does in a state, and what the table says that it does. */
export function compareSupervisor(machine: SupervisorMachine, state: State): Record<'actual' | 'written', Record<string, string>> {
  return {
    actual: Object.fromEntries(Object.entries(CASES).map(([name, event]) => [name, supervisorStep(machine, state, event)])),
    written: Object.fromEntries(Object.keys(CASES).map((name) => [name, SUPERVISOR_TABLE[state][name] ?? ''])),
  }
}

/** What an event does in a state, as a line of text. */
export function supervisorStep(machine: SupervisorMachine, value: State, event: SupervisorEvent): string {
  const before = machine.resolveState({ value, context: { limits: LIMITS }, status: value === 'Stopped' ? 'done' : 'active' })
  const [after, actions] = transition(machine, before, event)
  const changes = spellChanges(before.context, after.context, (limits) => (limits === OTHER ? 'other' : 'wrong'))
  return spellStep(before, after, { state: String, actions, changes })
}

function each(type: string, cell: string): Record<string, string> {
  return Object.fromEntries(ADMISSIONS.map((admission) => [`${type} ${admission}`, cell]))
}
