/** Tracked promises, holds and readers: what the manager made of them, beside what the model expects. */
import type { Connection } from 'qudag-connections'
import type { Call, ModelHold, Outcome, Reader } from './model-peer.ts'

/** A promise that the manager gave, with what has become of it. */
export interface Tracked {
  readonly call: Call
  readonly controller: AbortController | undefined
  actual: Outcome | `unexpected ${string}`
  value: unknown
}

/** A connection, and how it ended. */
export interface TrackedHold {
  readonly model: ModelHold
  readonly connection: Connection
  ended: string | undefined
}

/** A reader of messages, with those that it heard by number. */
export interface TrackedReader {
  readonly model: Reader
  readonly hold: ModelHold | undefined
  readonly heard: number[]
  completed: boolean
  readonly stop: () => void
}
