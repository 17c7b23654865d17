/** One XState 5 actor looks to @xstate/inspect like the service of XState 4 that it expects. */
import { type Actor, configOf, type Event, type Snapshot } from './actor.ts'
import { type Definition, definitionOf } from './definition.ts'
import { INIT, type State, stateOf, unwrapped } from './state.ts'

/** The machine of a service, for the viewer to draw. */
interface ServiceMachine {
  readonly definition: Definition
  toJSON(): Definition
}

/** A service, as @xstate/inspect asks it. It replaces `send` by its own, to hear of events before they are taken. */
export class Service {
  readonly id: string
  readonly sessionId: string
  readonly parent?: { readonly sessionId: string }
  readonly machine: ServiceMachine
  readonly initialState: State
  state: State
  #deliver: ((event: Event) => void) | undefined
  /** Events that the viewer sent: it knows of them. */
  readonly #fromViewer = new WeakSet<Event>()
  readonly #observers = new Set<(state: State) => void>()
  readonly #stopped = new Set<() => void>()
  #isTelling = false

  /** @param deliver hands an event of the viewer on */
  constructor(actor: Actor, parent: Actor | undefined, deliver: (event: Event) => void) {
    const { id, sessionId } = actor
    const snapshot = actor.getSnapshot() as Snapshot
    const config = configOf(actor) ?? {}
    // Its own id and not the actor's: targets are named by it (`#peer.Failed`).
    const definition = definitionOf(config, config.id ?? id, snapshot.context)
    this.id = id
    this.sessionId = sessionId
    if (parent !== undefined) this.parent = { sessionId: parent.sessionId }
    this.machine = { definition, toJSON: () => definition }
    this.initialState = this.state = stateOf(sessionId, snapshot, INIT)
    this.#deliver = deliver
  }

  /**
   * Called by the viewer, whose event goes to the actor; and by {@link tell}, for what is wrapped around it to hear of an
   * event that the actor takes anyhow: that one goes no further.
   */
  send = (event: unknown): void => {
    if (this.#isTelling) return
    const bare = unwrapped(event)
    if (bare === undefined) return
    this.#fromViewer.add(bare)
    this.#deliver?.(bare)
  }

  /** Has the viewer told of an event that the actor is about to take. */
  tell(event: Event): void {
    // Of that one, what is wrapped around `send` has told already.
    if (this.#fromViewer.delete(event)) return
    this.#isTelling = true
    try {
      this.send(event)
    } finally {
      this.#isTelling = false
    }
  }

  /** Has the viewer told of where the actor is now. */
  moved(snapshot: Snapshot, event: Event): void {
    this.state = stateOf(this.sessionId, snapshot, event)
    for (const observer of this.#observers) observer(this.state)
  }

  /** Has the viewer told that the actor is over. */
  stop(): void {
    // @xstate/inspect keeps every service that there ever was: that must not keep the actor.
    this.#deliver = undefined
    const listeners = [...this.#stopped]
    this.#stopped.clear()
    this.#observers.clear()
    for (const listener of listeners) listener()
  }

  subscribe(observer: (state: State) => void): { unsubscribe(): void } {
    this.#observers.add(observer)
    observer(this.state)
    return { unsubscribe: () => this.#observers.delete(observer) }
  }

  onStop(listener: () => void): this {
    this.#stopped.add(listener)
    return this
  }
}
