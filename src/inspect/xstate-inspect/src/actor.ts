/** The actor as the bridge sees it: what is asked of an XState 5 actor is written down here, as nothing of XState 5 can be imported beside XState 4. */

/** A snapshot of an XState 5 actor that runs a machine. */
export interface Snapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly value?: unknown
  readonly context?: unknown
  readonly output?: unknown
}

/** An event. */
export interface Event {
  readonly type: string
}

/** What XState 5 tells an inspection observer. */
export interface InspectionEvent {
  readonly type: string
  readonly actorRef: unknown
  readonly event?: Event
  readonly snapshot?: unknown
}

/** An XState 5 actor. */
export interface Actor {
  readonly id: string
  readonly sessionId: string
  send(event: never): void
  getSnapshot(): unknown
  readonly system: { inspect(observer: (event: InspectionEvent) => void): { unsubscribe(): void } }
}

/** A manager of qudag-connections. */
export interface Manager {
  readonly supervisor: Actor
  peers(): Iterable<{ readonly peerId: string }>
  actor(peerId: string): Actor | undefined
}

/** The configuration of a machine. */
export interface Config {
  readonly id?: string
}

/** The configuration of the machine that an actor runs; undefined: it runs none. */
export function configOf(actor: Actor): Config | undefined {
  return (actor as { readonly logic?: { readonly config?: Config } }).logic?.config
}
