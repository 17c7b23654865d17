/**
 * The supervisor's lifecycle: every slot is given here, and a supervisor that is stopped takes no new work.
 *
 * The peers are not in its context: each request carries a view of them, made at the moment it is asked.
 */
import { assign, setup } from 'xstate'
import type { ConnectionStatus } from './domain/connection-status.ts'
import type { Failure } from './domain/failure.ts'
import type { Limits } from './domain/limits.ts'
import type { PeerId } from './domain/peer-id.ts'
import { decideAdmission, type AdmissionView } from './policy/admission.ts'
import type { Direction } from './policy/duel.ts'

/** What the supervisor itself remembers. @since 0.1.0 */
export interface SupervisorContext {
  readonly limits: Limits
}

/** Requests for a slot and facts about peers, as the machine sees them. Each carries the time at which it happened. @since 0.1.0 */
export type SupervisorEvent =
  | { readonly type: 'peer.connect'; readonly peerId: PeerId; readonly at: number; readonly view: AdmissionView }
  | { readonly type: 'backoff.elapsed'; readonly peerId: PeerId; readonly at: number; readonly view: AdmissionView }
  | {
      readonly type: 'peer.report'
      readonly peerId: PeerId
      readonly at: number
      readonly status: ConnectionStatus
      readonly failure: Failure | undefined
      readonly view: AdmissionView
    }
  | {
      readonly type: 'link.accepted'
      readonly peerId: PeerId
      readonly at: number
      readonly dialWins: boolean
      readonly view: AdmissionView
    }
  | { readonly type: 'peer.disconnect'; readonly peerId: PeerId; readonly at: number; readonly pool: boolean }
  | { readonly type: 'peer.crashed'; readonly peerId: PeerId; readonly at: number; readonly failure: Failure }
  | { readonly type: 'limits.set'; readonly at: number; readonly limits: Limits }
  | { readonly type: 'supervisor.shutdown'; readonly at: number; readonly timeoutMs: number }
  | { readonly type: 'supervisor.drain' | 'shutdown.timedOut' | 'supervisor.emptied'; readonly at: number }

/** Why a request is refused. @since 0.1.0 */
export type RequestRefusal = 'ERR_MAX_CONNECTIONS' | 'ERR_INVALID_TRANSITION' | 'ERR_STOPPED' | 'ERR_CIRCUIT_OPEN' | 'ERR_QUEUE_FULL'

function admission(context: SupervisorContext, event: SupervisorEvent): string {
  return 'view' in event ? decideAdmission(event.view, context.limits.maxConnections).kind : 'forbid'
}

/** The supervisor's lifecycle. Provide its actions to run it; `createSupervisorLogic` does. @since 0.1.0 */
export const supervisorMachine = setup({
  types: {
    context: {} as SupervisorContext,
    events: {} as SupervisorEvent,
    input: {} as { readonly limits: Limits },
  },
  guards: {
    isForbidden: ({ context, event }) => admission(context, event) === 'forbid',
    needsNoSlot: ({ context, event }) => admission(context, event) === 'join',
    hasFreeSlot: ({ context, event }) => admission(context, event) === 'admit',
    hasIdleLink: ({ context, event }) => admission(context, event) === 'evict',
    isCircuitOpen: ({ context, event }) => admission(context, event) === 'break',
    mayEvict: ({ context, event }) => admission(context, event) === 'outrank',
    mayWait: ({ context, event }) => admission(context, event) === 'wait',
    isQueueFull: ({ context, event }) => admission(context, event) === 'full',
  },
  actions: {
    /** Starts a peer's actor where there is none and has it connect. */
    connectPeer: () => {},
    /** Has a peer dial again after its backoff. */
    redialPeer: () => {},
    /** Has a request wait in line for a slot. */
    awaitSlot: () => {},
    disconnectPeer: () => {},
    reportPeer: () => {},
    /** Gives an arriving link to its peer. */
    acceptLink: () => {},
    rejectLink: () => {},
    /** Makes room: the longest-idle pooled link that may yield is aborted. */
    evictLongestIdle: (_, _params: { of: Direction | 'any' }) => {},
    /** Makes room: the connected peer that is worth least is cut off. */
    evictVictim: () => {},
    refuse: (_, _params: { refusal: RequestRefusal }) => {},
    /** Puts a fresh actor in the place of one that threw. */
    replacePeer: () => {},
    /** Evicts as many pooled links as the new limits want. */
    trimPool: () => {},
    closeListeners: () => {},
    /** Ends whatever waits and whatever nobody uses; what is in use goes on. */
    endIdle: () => {},
    stopPeers: () => {},
    abortPeers: () => {},
    startShutdownDeadline: () => {},
    endStreams: () => {},
    setLimits: assign({ limits: ({ context, event }) => (event.type === 'limits.set' ? event.limits : context.limits) }),
  },
}).createMachine({
  id: 'supervisor',
  context: ({ input }) => ({ limits: input.limits }),
  initial: 'Accepting',
  on: {
    'peer.disconnect': { actions: [{ type: 'disconnectPeer' }] },
    'peer.crashed': { actions: [{ type: 'replacePeer' }] },
  },
  states: {
    Accepting: {
      on: {
        'peer.connect': [
          { guard: 'isForbidden', actions: [{ type: 'refuse', params: { refusal: 'ERR_INVALID_TRANSITION' } }] },
          { guard: 'needsNoSlot', actions: [{ type: 'connectPeer' }] },
          { guard: 'hasFreeSlot', actions: [{ type: 'connectPeer' }] },
          { guard: 'hasIdleLink', actions: [{ type: 'evictLongestIdle', params: { of: 'any' } }, { type: 'connectPeer' }] },
          { guard: 'mayEvict', actions: [{ type: 'evictVictim' }, { type: 'connectPeer' }] },
          { guard: 'isCircuitOpen', actions: [{ type: 'refuse', params: { refusal: 'ERR_CIRCUIT_OPEN' } }] },
          { guard: 'mayWait', actions: [{ type: 'awaitSlot' }] },
          { guard: 'isQueueFull', actions: [{ type: 'refuse', params: { refusal: 'ERR_QUEUE_FULL' } }] },
          { actions: [{ type: 'refuse', params: { refusal: 'ERR_MAX_CONNECTIONS' } }] },
        ],
        'backoff.elapsed': [
          { guard: 'isForbidden' },
          { guard: 'needsNoSlot' },
          { guard: 'hasFreeSlot', actions: [{ type: 'redialPeer' }] },
          { guard: 'hasIdleLink', actions: [{ type: 'evictLongestIdle', params: { of: 'any' } }, { type: 'redialPeer' }] },
          { guard: 'mayEvict', actions: [{ type: 'evictVictim' }, { type: 'redialPeer' }] },
          { guard: 'isCircuitOpen', actions: [{ type: 'refuse', params: { refusal: 'ERR_CIRCUIT_OPEN' } }] },
          { actions: [{ type: 'refuse', params: { refusal: 'ERR_MAX_CONNECTIONS' } }] },
        ],
        'peer.report': [
          { guard: 'isForbidden', actions: [{ type: 'refuse', params: { refusal: 'ERR_INVALID_TRANSITION' } }] },
          { guard: 'needsNoSlot', actions: [{ type: 'reportPeer' }] },
          { guard: 'hasFreeSlot', actions: [{ type: 'reportPeer' }] },
          { guard: 'hasIdleLink', actions: [{ type: 'evictLongestIdle', params: { of: 'any' } }, { type: 'reportPeer' }] },
          { actions: [{ type: 'refuse', params: { refusal: 'ERR_MAX_CONNECTIONS' } }] },
        ],
        'link.accepted': [
          { guard: 'isForbidden', actions: [{ type: 'rejectLink' }] },
          { guard: 'needsNoSlot', actions: [{ type: 'acceptLink' }] },
          { guard: 'hasFreeSlot', actions: [{ type: 'acceptLink' }] },
          { guard: 'hasIdleLink', actions: [{ type: 'evictLongestIdle', params: { of: 'inbound' } }, { type: 'acceptLink' }] },
          { guard: 'mayEvict', actions: [{ type: 'evictVictim' }, { type: 'acceptLink' }] },
          { actions: [{ type: 'rejectLink' }] },
        ],
        'limits.set': { actions: [{ type: 'setLimits' }, { type: 'trimPool' }] },
        'supervisor.drain': { target: 'Draining', actions: [{ type: 'closeListeners' }, { type: 'endIdle' }] },
        'supervisor.shutdown': {
          target: 'Closing',
          actions: [{ type: 'startShutdownDeadline' }, { type: 'closeListeners' }, { type: 'stopPeers' }],
        },
      },
    },
    Draining: {
      description: 'No new work; what is in use goes on until it is given back or the drain has waited long enough, and nothing is pooled.',
      on: {
        'peer.connect': { actions: [{ type: 'refuse', params: { refusal: 'ERR_STOPPED' } }] },
        'peer.report': { actions: [{ type: 'refuse', params: { refusal: 'ERR_STOPPED' } }] },
        'link.accepted': { actions: [{ type: 'rejectLink' }] },
        'supervisor.shutdown': { target: 'Closing', actions: [{ type: 'startShutdownDeadline' }, { type: 'stopPeers' }] },
      },
    },
    Closing: {
      description: 'No new work; everything that is open is closed in parallel.',
      on: {
        'peer.connect': { actions: [{ type: 'refuse', params: { refusal: 'ERR_STOPPED' } }] },
        'peer.report': { actions: [{ type: 'refuse', params: { refusal: 'ERR_STOPPED' } }] },
        'link.accepted': { actions: [{ type: 'rejectLink' }] },
        'shutdown.timedOut': { actions: [{ type: 'abortPeers' }] },
        'supervisor.emptied': { target: 'Stopped' },
      },
    },
    Stopped: {
      type: 'final',
      entry: [{ type: 'endStreams' }],
    },
  },
})
