/** The runtime says what happened, once, and knows nothing of what is made of it. */
/** Who counts. */
export interface Meter {
  /** A peer has moved. @param at in milliseconds since the epoch @param code that of its kind */
  move(at: number, code: number): void
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
