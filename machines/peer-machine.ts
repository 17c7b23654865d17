/**
 * A peer is Connecting, Connected, Disconnected or Failed, and moves between them only as drawn here.
 *
 * A peer that nobody knows has no actor; its actor starts in `Disconnected.closed` and the action `forget` ends it.
 * Time enters as `at`; everything that touches the world is an action whose implementation is provided from outside.
 */
import { assign, setup } from 'xstate'
import type { ConnectionStatus } from './domain/connection-status.ts'
import type { Failure } from './domain/failure.ts'
import type { PeerId } from './domain/peer-id.ts'
import type { TransitionReason } from './domain/transition.ts'
import { isFresh } from './policy/pooling.ts'
import type { Owner } from './policy/report.ts'

/** What a peer remembers. Plain data; the link itself stays with the runtime. @since 0.1.0 */
export interface PeerContext {
  readonly peerId: PeerId
  /** Who opens and closes the link: this manager, or the app that reports on it. */
  readonly owner: Owner
  /** When the link went into the pool last, in milliseconds since the epoch. */
  readonly pooledAt: number
  /** Why the peer failed last; undefined when it is connected or was never lost. */
  readonly failure: Failure | undefined
}

/** What happens to a peer: commands (`peer.*` imperative) and facts. Each carries the time at which it happened. @since 0.1.0 */
export type PeerEvent =
  /** `ttl`: the pool TTL in force; `turn`: whether it may be dialled at once. */
  | { readonly type: 'peer.connect'; readonly at: number; readonly ttl: number; readonly turn: boolean }
  | { readonly type: 'backoff.elapsed'; readonly at: number; readonly turn: boolean }
  | { readonly type: 'turn.granted'; readonly at: number }
  /** `pool`: whether the link may wait for reuse. */
  | { readonly type: 'peer.disconnect'; readonly at: number; readonly pool: boolean }
  | { readonly type: 'peer.evict'; readonly at: number }
  | { readonly type: 'peer.reported'; readonly at: number; readonly status: ConnectionStatus; readonly failure: Failure | undefined }
  | { readonly type: 'peer.crashed'; readonly at: number; readonly failure: Failure }
  | { readonly type: 'callers.left'; readonly at: number }
  | { readonly type: 'dial.failed' | 'dial.timedOut'; readonly at: number; readonly failure: Failure }
  | { readonly type: 'link.opened'; readonly at: number }
  /** `dialWins`: our own dial under way will replace this link when it opens. */
  | { readonly type: 'link.accepted'; readonly at: number; readonly dialWins: boolean }
  | { readonly type: 'link.closed'; readonly at: number }
  | { readonly type: 'link.failed' | 'heartbeat.lost'; readonly at: number; readonly failure: Failure }
  | { readonly type: 'pool.expired' | 'pool.evicted' | 'close.timedOut' | 'memory.full' | 'supervisor.stopped'; readonly at: number }

/** What a caller who waits is told when there will be no link. `failure`: the error of the dial itself. @since 0.1.0 */
export type Refusal = 'failure' | 'ERR_DISCONNECTED' | 'ERR_STOPPED'

/** The deadlines that a state can set, by the option that says how long. @since 0.1.0 */
export type PeerDelay = 'waitTimeoutMs' | 'connectTimeoutMs' | 'closeTimeoutMs'

/** The events that a deadline sends. @since 0.1.0 */
export type PeerDeadline = 'dial.timedOut' | 'close.timedOut'

/** One peer's lifecycle. Provide its actions to run it; `createSupervisorLogic` does. @since 0.1.0 */
export const peerMachine = setup({
  types: {
    context: {} as PeerContext,
    events: {} as PeerEvent,
    input: {} as { readonly peerId: PeerId },
  },
  guards: {
    hasTurn: ({ event }) => 'turn' in event && event.turn,
    isFresh: ({ context, event }) => event.type === 'peer.connect' && isFresh(context.pooledAt, event.at, event.ttl),
    mayPool: ({ event }) => event.type === 'peer.disconnect' && event.pool,
    dialWins: ({ event }) => event.type === 'link.accepted' && event.dialWins,
    isAppOwned: ({ context }) => context.owner === 'app',
    appReportsConnecting: ({ context, event }) =>
      context.owner === 'app' && event.type === 'peer.reported' && event.status === 'Connecting',
    reportsConnecting: ({ event }) => event.type === 'peer.reported' && event.status === 'Connecting',
    reportsConnected: ({ event }) => event.type === 'peer.reported' && event.status === 'Connected',
    reportsDisconnected: ({ event }) => event.type === 'peer.reported' && event.status === 'Disconnected',
    reportsFailed: ({ event }) => event.type === 'peer.reported' && event.status === 'Failed',
  },
  actions: {
    /** Says why the state changes. */
    tell: (_, _params: { reason: TransitionReason }) => {},
    /** Ends this actor: the peer is unknown from here on. */
    forget: (_, _params: { reason: TransitionReason }) => {},
    startDial: () => {},
    abortDial: () => {},
    startDeadline: (_, _params: { delay: PeerDelay; then: PeerDeadline }) => {},
    clearDeadline: () => {},
    /** Takes over the link that just opened or arrived; one that was held is aborted. */
    adoptLink: () => {},
    closeLink: () => {},
    abortLink: () => {},
    /** Lets go of a link that is over by itself. */
    dropLink: () => {},
    /** Gives each waiting caller its hold. */
    serveCallers: () => {},
    refuseCallers: (_, _params: { refusal: Refusal }) => {},
    endHolds: () => {},
    /** Tells those who wait for the close that it is over. */
    settleClose: () => {},
    noteFailure: assign({ failure: ({ event }) => ('failure' in event ? event.failure : undefined) }),
    clearFailure: assign({ failure: undefined }),
    notePooling: assign({ pooledAt: ({ event }) => event.at }),
    becomeOurs: assign({ owner: 'manager' }),
    becomeAppOwned: assign({ owner: 'app' }),
  },
}).createMachine({
  id: 'peer',
  context: ({ input }) => ({ peerId: input.peerId, owner: 'manager', pooledAt: 0, failure: undefined }),
  initial: 'Disconnected',
  states: {
    Connecting: {
      initial: 'waiting',
      states: {
        waiting: {
          description: 'In a slot, waiting for its turn to be dialled.',
          entry: [{ type: 'startDeadline', params: { delay: 'waitTimeoutMs', then: 'dial.timedOut' } }],
          exit: [{ type: 'clearDeadline' }],
          on: {
            'turn.granted': { target: 'dialing', actions: [{ type: 'tell', params: { reason: 'connect' } }] },
            'dial.timedOut': {
              target: '#peer.Failed',
              actions: [
                { type: 'noteFailure' },
                { type: 'refuseCallers', params: { refusal: 'failure' } },
                { type: 'tell', params: { reason: 'timeout' } },
              ],
            },
          },
        },
        dialing: {
          entry: [{ type: 'startDial' }, { type: 'startDeadline', params: { delay: 'connectTimeoutMs', then: 'dial.timedOut' } }],
          exit: [{ type: 'clearDeadline' }],
          on: {
            'link.opened': { target: '#peer.Connected', actions: [{ type: 'adoptLink' }, { type: 'tell', params: { reason: 'opened' } }] },
            'dial.failed': {
              target: '#peer.Failed',
              actions: [
                { type: 'noteFailure' },
                { type: 'refuseCallers', params: { refusal: 'failure' } },
                { type: 'tell', params: { reason: 'dial-failed' } },
              ],
            },
            'dial.timedOut': {
              target: '#peer.Failed',
              actions: [
                { type: 'abortDial' },
                { type: 'noteFailure' },
                { type: 'refuseCallers', params: { refusal: 'failure' } },
                { type: 'tell', params: { reason: 'timeout' } },
              ],
            },
          },
        },
        reported: {
          description: 'The app says that it is connecting; nothing is dialled from here.',
          on: {
            'peer.reported': {
              guard: 'reportsConnected',
              target: '#peer.Connected',
              actions: [{ type: 'tell', params: { reason: 'reported' } }],
            },
          },
        },
      },
      on: {
        'link.accepted': [
          {
            guard: 'dialWins',
            target: 'Connected',
            actions: [
              { type: 'adoptLink' },
              { type: 'startDeadline', params: { delay: 'connectTimeoutMs', then: 'dial.timedOut' } },
              { type: 'tell', params: { reason: 'inbound' } },
            ],
          },
          {
            target: 'Connected',
            actions: [{ type: 'abortDial' }, { type: 'adoptLink' }, { type: 'tell', params: { reason: 'inbound' } }],
          },
        ],
        'callers.left': {
          target: '#peer.Disconnected.closed',
          actions: [
            { type: 'abortDial' },
            { type: 'tell', params: { reason: 'aborted' } },
            { type: 'forget', params: { reason: 'forgotten' } },
          ],
        },
        'peer.disconnect': {
          target: '#peer.Disconnected.closed',
          actions: [
            { type: 'abortDial' },
            { type: 'refuseCallers', params: { refusal: 'ERR_DISCONNECTED' } },
            { type: 'tell', params: { reason: 'disconnect' } },
            { type: 'forget', params: { reason: 'forgotten' } },
          ],
        },
        'peer.reported': [
          {
            guard: 'reportsDisconnected',
            target: '#peer.Disconnected.closed',
            actions: [
              { type: 'abortDial' },
              { type: 'clearFailure' },
              { type: 'refuseCallers', params: { refusal: 'ERR_DISCONNECTED' } },
              { type: 'tell', params: { reason: 'reported' } },
            ],
          },
          {
            guard: 'reportsFailed',
            target: 'Failed',
            actions: [
              { type: 'abortDial' },
              { type: 'noteFailure' },
              { type: 'refuseCallers', params: { refusal: 'ERR_DISCONNECTED' } },
              { type: 'tell', params: { reason: 'reported' } },
            ],
          },
        ],
        'supervisor.stopped': {
          target: '#peer.Disconnected.closed',
          actions: [
            { type: 'abortDial' },
            { type: 'refuseCallers', params: { refusal: 'ERR_STOPPED' } },
            { type: 'tell', params: { reason: 'shutdown' } },
            { type: 'forget', params: { reason: 'shutdown' } },
          ],
        },
      },
    },

    Connected: {
      entry: [{ type: 'clearFailure' }, { type: 'serveCallers' }],
      exit: [{ type: 'endHolds' }, { type: 'abortDial' }],
      on: {
        'peer.disconnect': [
          {
            guard: 'isAppOwned',
            target: '#peer.Disconnected.closed',
            actions: [
              { type: 'tell', params: { reason: 'disconnect' } },
              { type: 'forget', params: { reason: 'forgotten' } },
            ],
          },
          {
            guard: 'mayPool',
            target: '#peer.Disconnected.pooled',
            actions: [{ type: 'notePooling' }, { type: 'tell', params: { reason: 'disconnect' } }],
          },
          { target: '#peer.Disconnected.closing', actions: [{ type: 'tell', params: { reason: 'disconnect' } }] },
        ],
        'link.opened': { actions: [{ type: 'clearDeadline' }, { type: 'adoptLink' }, { type: 'tell', params: { reason: 'replaced' } }] },
        'link.accepted': [
          { guard: 'dialWins', actions: [{ type: 'adoptLink' }, { type: 'tell', params: { reason: 'replaced' } }] },
          { actions: [{ type: 'abortDial' }, { type: 'adoptLink' }, { type: 'tell', params: { reason: 'replaced' } }] },
        ],
        'dial.failed': { actions: [{ type: 'clearDeadline' }] },
        'dial.timedOut': { actions: [{ type: 'abortDial' }] },
        'link.closed': {
          target: '#peer.Disconnected.closed',
          actions: [{ type: 'dropLink' }, { type: 'tell', params: { reason: 'remote-closed' } }],
        },
        'link.failed': {
          target: 'Failed',
          actions: [{ type: 'dropLink' }, { type: 'noteFailure' }, { type: 'tell', params: { reason: 'link-error' } }],
        },
        'heartbeat.lost': {
          target: 'Failed',
          actions: [{ type: 'abortLink' }, { type: 'noteFailure' }, { type: 'tell', params: { reason: 'heartbeat-lost' } }],
        },
        'peer.evict': {
          target: '#peer.Disconnected.closed',
          actions: [{ type: 'abortLink' }, { type: 'tell', params: { reason: 'evicted' } }],
        },
        'peer.reported': [
          {
            guard: 'reportsDisconnected',
            target: '#peer.Disconnected.closed',
            actions: [{ type: 'abortLink' }, { type: 'tell', params: { reason: 'reported' } }],
          },
          {
            guard: 'reportsFailed',
            target: 'Failed',
            actions: [{ type: 'abortLink' }, { type: 'noteFailure' }, { type: 'tell', params: { reason: 'reported' } }],
          },
          {
            guard: 'appReportsConnecting',
            target: '#peer.Connecting.reported',
            actions: [{ type: 'tell', params: { reason: 'reported' } }],
          },
        ],
        'supervisor.stopped': [
          {
            guard: 'isAppOwned',
            target: '#peer.Disconnected.closed',
            actions: [
              { type: 'tell', params: { reason: 'shutdown' } },
              { type: 'forget', params: { reason: 'shutdown' } },
            ],
          },
          { target: '#peer.Disconnected.closing', actions: [{ type: 'tell', params: { reason: 'shutdown' } }] },
        ],
      },
    },

    Disconnected: {
      initial: 'closed',
      states: {
        closed: {
          description: 'No link. A fresh actor begins here; a peer whose link the remote closed is remembered here.',
          on: {
            'peer.connect': [
              {
                guard: 'hasTurn',
                target: '#peer.Connecting.dialing',
                actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'connect' } }],
              },
              {
                target: '#peer.Connecting.waiting',
                actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'connect' } }],
              },
            ],
            'backoff.elapsed': [
              {
                guard: 'hasTurn',
                target: '#peer.Connecting.dialing',
                actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'backoff' } }],
              },
              { target: '#peer.Connecting.waiting', actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'backoff' } }] },
            ],
            'link.accepted': {
              target: '#peer.Connected',
              actions: [{ type: 'becomeOurs' }, { type: 'adoptLink' }, { type: 'tell', params: { reason: 'inbound' } }],
            },
            'peer.reported': [
              {
                guard: 'reportsConnecting',
                target: '#peer.Connecting.reported',
                actions: [{ type: 'becomeAppOwned' }, { type: 'tell', params: { reason: 'reported' } }],
              },
              {
                guard: 'reportsConnected',
                target: '#peer.Connected',
                actions: [{ type: 'becomeAppOwned' }, { type: 'tell', params: { reason: 'reported' } }],
              },
              { guard: 'reportsDisconnected', actions: [{ type: 'becomeAppOwned' }, { type: 'tell', params: { reason: 'reported' } }] },
              {
                guard: 'reportsFailed',
                target: '#peer.Failed',
                actions: [{ type: 'becomeAppOwned' }, { type: 'noteFailure' }, { type: 'tell', params: { reason: 'reported' } }],
              },
            ],
            'peer.crashed': {
              target: '#peer.Failed',
              actions: [{ type: 'noteFailure' }, { type: 'tell', params: { reason: 'crashed' } }],
            },
            'peer.disconnect': { actions: [{ type: 'forget', params: { reason: 'forgotten' } }] },
            'memory.full': { actions: [{ type: 'forget', params: { reason: 'forgotten' } }] },
            'supervisor.stopped': { actions: [{ type: 'forget', params: { reason: 'shutdown' } }] },
          },
        },
        pooled: {
          description: 'The link is open, unused, and waits for reuse until its TTL is over.',
          on: {
            'peer.connect': [
              { guard: 'isFresh', target: '#peer.Connected', actions: [{ type: 'tell', params: { reason: 'reused' } }] },
              { target: 'closed', actions: [{ type: 'abortLink' }, { type: 'forget', params: { reason: 'pool-expired' } }] },
            ],
            'peer.disconnect': [{ guard: 'mayPool' }, { target: 'closing', actions: [{ type: 'tell', params: { reason: 'disconnect' } }] }],
            'pool.expired': { target: 'closed', actions: [{ type: 'abortLink' }, { type: 'forget', params: { reason: 'pool-expired' } }] },
            'pool.evicted': { target: 'closed', actions: [{ type: 'abortLink' }, { type: 'forget', params: { reason: 'pool-evicted' } }] },
            'link.closed': { target: 'closed', actions: [{ type: 'dropLink' }, { type: 'forget', params: { reason: 'remote-closed' } }] },
            'link.failed': { target: 'closed', actions: [{ type: 'dropLink' }, { type: 'forget', params: { reason: 'remote-closed' } }] },
            'link.accepted': {
              target: '#peer.Connected',
              actions: [{ type: 'adoptLink' }, { type: 'tell', params: { reason: 'inbound' } }],
            },
            'peer.reported': {
              guard: 'reportsFailed',
              target: '#peer.Failed',
              actions: [{ type: 'abortLink' }, { type: 'noteFailure' }, { type: 'tell', params: { reason: 'reported' } }],
            },
            'supervisor.stopped': { target: 'closing', actions: [{ type: 'tell', params: { reason: 'shutdown' } }] },
          },
        },
        closing: {
          description: 'The link is being closed in order and keeps its slot until it is over.',
          entry: [{ type: 'closeLink' }, { type: 'startDeadline', params: { delay: 'closeTimeoutMs', then: 'close.timedOut' } }],
          exit: [{ type: 'clearDeadline' }, { type: 'settleClose' }],
          on: {
            'link.closed': { target: 'closed', actions: [{ type: 'dropLink' }, { type: 'forget', params: { reason: 'forgotten' } }] },
            'link.failed': { target: 'closed', actions: [{ type: 'dropLink' }, { type: 'forget', params: { reason: 'forgotten' } }] },
            'close.timedOut': { target: 'closed', actions: [{ type: 'abortLink' }, { type: 'forget', params: { reason: 'forgotten' } }] },
            'link.accepted': {
              target: '#peer.Connected',
              actions: [{ type: 'adoptLink' }, { type: 'tell', params: { reason: 'inbound' } }],
            },
            'peer.disconnect': { actions: [{ type: 'refuseCallers', params: { refusal: 'ERR_DISCONNECTED' } }] },
            'peer.reported': {
              guard: 'reportsFailed',
              target: '#peer.Failed',
              actions: [
                { type: 'abortLink' },
                { type: 'noteFailure' },
                { type: 'refuseCallers', params: { refusal: 'ERR_DISCONNECTED' } },
                { type: 'tell', params: { reason: 'reported' } },
              ],
            },
            'supervisor.stopped': { actions: [{ type: 'refuseCallers', params: { refusal: 'ERR_STOPPED' } }] },
          },
        },
      },
    },

    Failed: {
      description: 'The last dial or link failed; context.failure says why.',
      on: {
        'peer.connect': [
          {
            guard: 'hasTurn',
            target: '#peer.Connecting.dialing',
            actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'connect' } }],
          },
          {
            target: '#peer.Connecting.waiting',
            actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'connect' } }],
          },
        ],
        'backoff.elapsed': [
          {
            guard: 'hasTurn',
            target: '#peer.Connecting.dialing',
            actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'backoff' } }],
          },
          { target: '#peer.Connecting.waiting', actions: [{ type: 'becomeOurs' }, { type: 'tell', params: { reason: 'backoff' } }] },
        ],
        'link.accepted': {
          target: 'Connected',
          actions: [{ type: 'becomeOurs' }, { type: 'adoptLink' }, { type: 'tell', params: { reason: 'inbound' } }],
        },
        'peer.reported': [
          {
            guard: 'reportsConnecting',
            target: '#peer.Connecting.reported',
            actions: [{ type: 'becomeAppOwned' }, { type: 'tell', params: { reason: 'reported' } }],
          },
          {
            guard: 'reportsConnected',
            target: 'Connected',
            actions: [{ type: 'becomeAppOwned' }, { type: 'tell', params: { reason: 'reported' } }],
          },
          {
            guard: 'reportsDisconnected',
            target: '#peer.Disconnected.closed',
            actions: [{ type: 'becomeAppOwned' }, { type: 'clearFailure' }, { type: 'tell', params: { reason: 'reported' } }],
          },
          { guard: 'reportsFailed', actions: [{ type: 'becomeAppOwned' }, { type: 'noteFailure' }] },
        ],
        'peer.disconnect': { actions: [{ type: 'forget', params: { reason: 'forgotten' } }] },
        'memory.full': { actions: [{ type: 'forget', params: { reason: 'forgotten' } }] },
        'supervisor.stopped': {
          target: '#peer.Disconnected.closed',
          actions: [
            { type: 'tell', params: { reason: 'shutdown' } },
            { type: 'forget', params: { reason: 'shutdown' } },
          ],
        },
      },
    },
  },
})
