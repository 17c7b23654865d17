/** Trace channels: Node's diagnostics channels, as the platform hands them in. */
import type { Move } from '../../../machines/domain/transition.ts'
import type { ObservedPeer } from './observer.ts'

/** A tracing channel, as `node:diagnostics_channel` has it. */
export interface TraceChannel {
  readonly hasSubscribers: boolean
  readonly start: Published
  readonly end: Published
  readonly asyncStart: Published
  readonly asyncEnd: Published
  readonly error: Published
  tracePromise<T>(f: () => Promise<T>, context: object): Promise<T>
}

interface Published {
  publish(context: object): void
}

/** What is traced. */
export interface TraceChannels {
  /** A call of `connect`: with its `peerId`, then its `result` or `error`. */
  readonly connect: TraceChannel
  /** A dial, whoever waits for it: with its `peerId`, then its `remoteAddress` or `error`. */
  readonly dial: TraceChannel
  /** A link that another opened is taken: with its `peerId` and `remoteAddress`. */
  readonly accept: TraceChannel
  /** A link has ended: with its `peerId`, `remoteAddress`, `direction` and `reason`. */
  readonly close: TraceChannel
  /** A link had to yield: the same, and the `eviction` where the manager weighed two peers. */
  readonly evict: TraceChannel
  /** Makes what tells them of one manager's moves. @param afterwards calls back at the end of the command */
  traces(afterwards: (tell: () => void) => void): MoveTraces
}

/** Is told of the moves of one manager's peers. */
export interface MoveTraces {
  /** A peer has begun or ended a dial, or a link. @param hasEnded whether its link has ended */
  moved(peer: ObservedPeer, move: Move, hasEnded: boolean): void
}
