/** The backoff of a lost peer: when it is dialled again stands with that peer. */
import type { Deadline } from '../time/deadline-queue.ts'

/** When a peer is dialled again. */
export interface Backoff extends Deadline {
  /** Attempts that have failed since the last stable connection. */
  attempt: number
  /** Whether its dial is one of the reconnecting ones under way. */
  isDialing: boolean
  /** When the last such dial began, in milliseconds since the epoch. */
  begunAt: number
  /** Whether its time has come, and it waits for one of them to end. */
  isReady: boolean
}
