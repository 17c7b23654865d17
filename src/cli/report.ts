/** A report tells a terminal and a file the same, in the same words. */
import type { PeerId } from '../../machines/domain/peer-id.ts'
import type { ConnectionManager } from '../connection-manager.ts'
import type { PeerView } from '../runtime/actors/peer-view.ts'

/** Something to be seen beside the metrics. */
export type Fact = readonly [label: string, fields: readonly string[]]

/** What a report is about. */
export interface Watched {
  readonly manager: ConnectionManager
  /** What runs, in a few words. */
  readonly title: string
  /** Connects that were refused because the limit was reached. */
  readonly refused: number
  /** What else is to be seen, each with a label. */
  readonly facts: readonly Fact[]
  /** The peers to be shown one by one, those that matter most first. @default none */
  readonly peers?: readonly PeerView[]
  /** What a peer is called here. */
  nameOf(peerId: PeerId): string
}

/** Tells of what is watched until it is closed. */
export interface Report {
  /**
   * Something happened that no transition tells.
   *
   * @param text for people
   * @param fields the same for programs
   */
  note(label: string, text: string, fields?: Readonly<Record<string, unknown>>): void
  /** The same of what may happen many times at once: for people, some of it may be counted instead of told. */
  mention(label: string, text: string, fields: Readonly<Record<string, unknown>>): void
  /** Stops telling what is watched; the terminal is as it was, and notes are still told. Idempotent. */
  close(): void
}
