/** The words between the console's server and its page, written down once; both read them here. */
import type { Changes, LoggedMove } from '../inspect/changes.ts'
import type { PeerState } from '../../machines/domain/peer-state.ts'
import type { FleetStanding } from '../inspect/source.ts'
import type { NetworkMetrics } from '../metrics/network-metrics.ts'

/** The version of this protocol. A page of another version is told to reload. */
export const WIRE_VERSION = 2

/** How a socket is closed whose manager has stopped, or whose recording is over: there is nothing to come back for. */
export const ENDED_CODE = 4002

/** A statechart, laid out. Coordinates are CSS pixels from the top left corner of the whole. */
export interface Chart {
  readonly id: 'supervisor' | 'peer'
  readonly width: number
  readonly height: number
  readonly nodes: readonly ChartNode[]
  readonly edges: readonly ChartEdge[]
}

/** A state, or a point where actors begin or end. */
export interface ChartNode {
  /** The path in the machine, `Connecting.dialing`; `(begin)` and `(end)` for the points. */
  readonly id: string
  readonly label: string
  readonly kind: 'state' | 'begin' | 'end'
  readonly parent?: string
  readonly isInitial: boolean
  readonly description?: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** All transitions of one state to one other, drawn as one line. */
export interface ChartEdge {
  readonly source: string
  readonly target: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly label: { readonly text: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  readonly transitions: readonly ChartTransition[]
}

/** One transition of the definition. */
interface ChartTransition {
  readonly event: string
  readonly guard?: string
  readonly actions: readonly string[]
  /** What it tells, where it tells anything. */
  readonly reason?: string
}

/** A command that the page may send where the server allows it. @since 0.1.0 */
export type ConsoleCommand =
  | { readonly type: 'peer.connect'; readonly peerId: string }
  | { readonly type: 'peer.disconnect'; readonly peerId: string; readonly pool: boolean }
  | { readonly type: 'peer.retry'; readonly peerId: string }
  | { readonly type: 'peer.report'; readonly peerId: string; readonly status: 'Connecting' | 'Connected' | 'Disconnected' | 'Failed' }

/** What the page says. @since 0.1.0 */
export type PageMessage =
  /** First: what it knows already; the server then sends what is missing, or all. */
  | { readonly type: 'hello'; readonly version: number }
  /** Shows one peer in full from now on; null: none. */
  | { readonly type: 'look'; readonly peerId: string | null }
  /** `id` comes back in the answer. */
  | { readonly type: 'command'; readonly id: number; readonly command: ConsoleCommand }
  /** Moves through a recording. `speed`: times as fast as it was; `position`: a number of steps. */
  | {
      readonly type: 'replay'
      readonly action: 'play' | 'pause' | 'step' | 'back' | 'seek' | 'speed'
      readonly speed?: number
      readonly position?: number
    }

/** What the server says. */
export type ServerMessage =
  | Hello
  | Batch
  | { readonly type: 'metrics'; readonly metrics: NetworkMetrics }
  /** How the manager stands in its fleet; said again when that is otherwise. */
  | { readonly type: 'fleet'; readonly fleet: FleetView }
  | { readonly type: 'peer'; readonly peer: PeerDetail }
  | { readonly type: 'answer'; readonly id: number; readonly error?: string }
  | { readonly type: 'replay'; readonly replay: ReplayStatus }
  /** The manager has stopped, or the recording is over: nothing moves any more. */
  | { readonly type: 'ended' }

/** The first message of the server: everything that does not change, and what was. All else the page knew is void. */
export interface Hello {
  readonly type: 'hello'
  readonly version: number
  readonly charts: readonly Chart[]
  /** The states of peers; a state in a batch is its place in this list. */
  readonly states: readonly PeerState[]
  /** Whether commands are taken. */
  readonly allowSend: boolean
  /** The metrics of the last ten minutes, the oldest first. */
  readonly history: readonly NetworkMetrics[]
  /** Where a recording stands; left out where a manager is shown. */
  readonly replay?: ReplayStatus
  /** How the manager stands in its fleet; left out where it has none. */
  readonly fleet?: FleetView
}

/** A node among the others of its fleet, redacted: what the app's own rule lets out may be less. The living nodes are at most 100, the oldest. */
export type FleetView = Partial<FleetStanding>

/** Where a recording stands. @since 0.1.0 */
export interface ReplayStatus {
  readonly file: string
  readonly position: number
  readonly length: number
  readonly playing: boolean
  readonly speed: number
  /** The instant of the present position, in milliseconds since the epoch. */
  readonly at: number
}

/** What changed since the last batch, at most every 50 ms: as the collector tells it, addresses redacted. */
export interface Batch extends Changes {
  readonly type: 'batch'
}

/** A move, as the log shows it. */
export type LogEntry = LoggedMove

/** One peer, in full, redacted. */
export interface PeerDetail {
  readonly peerId: string
  /** Undefined: not known (any more). */
  readonly state: PeerState | undefined
  /** The context of its machine; null where it is not known. */
  readonly context: unknown
  /** What `explain()` says; null where that is nothing. */
  readonly explanation: unknown
  /** The events that its machine would take now. */
  readonly valid: readonly string[]
  /** The commands that make sense now. */
  readonly commands: readonly ConsoleCommand[]
  /** Events that its actor took while it was looked at, the latest first, at most 50. */
  readonly events: readonly { readonly at: number; readonly event: string; readonly state: string; readonly actions: readonly string[] }[]
}
