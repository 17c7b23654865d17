/** The settings in force: the checked options of a manager, with every default filled in, and what the platform provides. */
import type { Limits } from '../../../machines/domain/limits.ts'
import type { AdmissionRule } from '../../../machines/policy/admission-rule.ts'
import type { BreakerPolicy } from '../../../machines/policy/breaker.ts'
import type { Duplicates } from '../../../machines/policy/duel.ts'
import type { HeartbeatPolicy } from '../../../machines/policy/heartbeat.ts'
import type { Retention } from '../../../machines/policy/memory.ts'
import type { ScoredPeer } from '../../../machines/policy/standing.ts'
import type { Clock } from '../../clock.ts'
import type { Transport } from '../../transports/transport.ts'
import type { AppErrors } from '../callbacks/app-callback.ts'
import type { AsyncContexts } from '../callbacks/async-context.ts'
import type { DoorSettings } from './door-settings.ts'
import type { Logger } from './logger.ts'
import type { MetricsOptions, ReconnectOptions } from './options.ts'
import type { DialSettings } from './resolved.ts'
import type { SavedState } from './saved-state.ts'
import type { Timeline } from '../time/timeline.ts'
import type { TraceChannels } from '../callbacks/trace-channels.ts'

/** What the platform provides. */
export interface Platform {
  readonly clock: Clock
  /** The transports of a manager that is told of none. */
  transports(): readonly Transport[]
  /** Bytes resident; 0 where not to be had. */
  memoryUsage(): number
  /** Writes a line for whoever looks for a fault; left out: nobody does. */
  debug?(line: string): void
  /** Calls back in the next tick of the event loop. */
  nextTick(f: () => void): void
  /** The contexts that code runs in. Left out: there are none. */
  readonly contexts?: AsyncContexts
  /** Where tracers of the process listen. Left out: there are none. */
  readonly channels?: TraceChannels | undefined
  /** Keeps the process running until what it gives is called. Left out: nothing has to. */
  holdProcess?(): () => void
  /** Tells whoever runs this of an error that nobody else is told of. */
  warn(message: string, error: Error): void
  /** Calls back whenever links may be had again: the network is back, or the user. Gives what ends it. */
  watchWakeUps?(wake: () => void): () => void
}

/** Checked options, with every default filled in. */
export interface Settings extends DialSettings {
  readonly limits: Limits
  readonly admission: 'reject' | 'queue' | 'evict' | AdmissionRule
  readonly duplicates: Duplicates
  readonly olderFence: 'admit' | 'refuse'
  readonly evictionGraceMs: number
  readonly score: ((peer: ScoredPeer) => number) | undefined
  readonly maxWaiting: number
  readonly waitTimeoutMs: number
  readonly maxDialing: number
  readonly reconnect: Required<Omit<ReconnectOptions, 'shouldRetry'>> &
    Pick<ReconnectOptions, 'shouldRetry'> & { readonly isForAll: boolean }
  readonly keepAlive: boolean
  readonly restore: SavedState | undefined
  readonly breaker: BreakerPolicy | undefined
  readonly heartbeat: HeartbeatPolicy & { readonly isOn: boolean }
  readonly maxLifetimeMs: number
  readonly validate: boolean
  readonly door: DoorSettings
  readonly retention: Retention
  readonly closeTimeoutMs: number
  readonly metrics: Required<MetricsOptions>
  readonly logger: Logger | undefined
  /** Where tracers of the process listen; undefined: nowhere. */
  readonly channels: TraceChannels | undefined
  readonly maxBufferedBytes: number
  readonly maxSendBufferBytes: number
  readonly maxUnfinishedBytes: number
  readonly clock: Timeline
  readonly random: () => number
  readonly errors: AppErrors
  readonly nextTick: (f: () => void) => void
  readonly watchWakeUps: Platform['watchWakeUps']
  readonly holdProcess: Platform['holdProcess']
  readonly contexts: AsyncContexts | undefined
  readonly memoryUsage: () => number
}
