/** qudag-connections: a peer connection manager as an actor system. */
export { ConnectionStatus } from '../machines/domain/connection-status.ts'
export type { Failure } from '../machines/domain/failure.ts'
export type { Limits } from '../machines/domain/limits.ts'
export type { PeerId } from '../machines/domain/peer-id.ts'
export type { PeerState } from '../machines/domain/peer-state.ts'
export type { Move, Transition, TransitionReason } from '../machines/domain/transition.ts'
export type { PeerContext, PeerEvent } from '../machines/peer-machine.ts'
export type { SupervisorContext, SupervisorEvent } from '../machines/supervisor-machine.ts'
export type { Direction } from '../machines/policy/duel.ts'
export type { Owner } from '../machines/policy/report.ts'
export type { SavedBreaker } from '../machines/policy/restoration.ts'
export type { WarmUpSkip } from '../machines/policy/warm-up.ts'
export type { AdmissionDecision, AdmissionRequest, AdmissionRule, SlotsView } from '../machines/policy/admission-rule.ts'
export type { EvictionRecord } from '../machines/domain/eviction-record.ts'
export type { SelectionCandidate, SelectionStrategy } from '../machines/policy/selection.ts'
export type { ScoredPeer } from '../machines/policy/standing.ts'
export type { Clock } from './clock.ts'
export { ConnectionManager } from './connection-manager.ts'
export type { RecordedMessage } from './manager-arguments.ts'
export type { SupervisorRef } from './started-supervisor.ts'
export { ConnectionError } from './errors.ts'
export type { ConnectionErrorCode, ConnectionErrorDetails } from './errors.ts'
export type { LatencySummary, NetworkMetrics, PoolMetrics, TrafficTotals } from './metrics/network-metrics.ts'
export type { Connection } from './runtime/holds/connection.ts'
export type { Resolved } from './runtime/options/resolved.ts'
export type { CallbackPlace, ErrorHandler } from './runtime/callbacks/app-callback.ts'
export type { Gate, GateRequest, InboundLimitsOptions, RateOptions } from './runtime/options/door-settings.ts'
export type { ArrivalRefusal, RefusedArrival } from './runtime/admission/door.ts'
export type { SupervisorExplanation } from './runtime/supervisor/overview.ts'
export type { EndedLink, Explanation, HeartbeatExplanation, Waiting } from './runtime/supervisor/explanation.ts'
export type { KeepOptions, KeepQueueOptions, KeptPeer } from './runtime/keeping/kept-peer.ts'
export type { PastMove } from './runtime/peers/history.ts'
export type { ReportedFailure } from './runtime/errors/failures.ts'
export type { PeerRef } from './runtime/peers/peer-record.ts'
export type { PeerView } from './runtime/actors/peer-view.ts'
export type { Logger } from './runtime/options/logger.ts'
export type { SavedPeer, SavedState } from './runtime/options/saved-state.ts'
export type {
  BreakerOptions,
  HeartbeatOptions,
  LimitsOptions,
  ManagerOptions,
  MetricsOptions,
  ReconnectOptions,
  RetentionOptions,
  SupervisorOptions,
} from './runtime/options/options.ts'
export type { ShutdownReport } from './runtime/supervisor/shutdown.ts'
export type { ConnectOptions } from './runtime/options/connect-options.ts'
export type { WarmUpReport } from './runtime/pool/warm-ups.ts'
export type { SupervisorCommand } from './runtime/supervisor/app-commands.ts'
export type { SupervisorEmitted, SupervisorLogic } from './runtime/supervisor/supervisor-actor.ts'
export { createSupervisorLogic } from './supervisor-logic.ts'
export type {
  AcceptVerdict,
  Arrival,
  CloseReason,
  DialOptions,
  EndReason,
  Link,
  LinkHandler,
  LinkSecurity,
  PongListener,
  ListenOptions,
  Listener,
  Refusal,
  Transport,
} from './transports/transport.ts'
