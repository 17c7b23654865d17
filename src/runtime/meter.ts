/** Keeps one thing true: the runtime says what happened, once, and knows nothing of what is made of it. */
import type { Move } from '../../machines/domain/transition.ts'

/** Who counts. */
export interface Meter {
  move(move: Move): void
  /** A link that another opened to us was taken, or refused. */
  inbound(accepted: boolean): void
  limits(limits: { readonly limit: number; readonly maxIdle: number }): void
  messageIn(bytes: number): void
  messageOut(bytes: number): void
  /** A message on a link that the app itself owns. */
  record(bytes: number): void
  roundTrip(ms: number): void
  /** Nothing more will happen. */
  stop(): void
}
