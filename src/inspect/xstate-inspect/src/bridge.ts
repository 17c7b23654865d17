/** A viewer made for XState 4 sees the supervisor, no more peers than it may and each of them whole, and can command but not fake. */
import type { Actor, Event, InspectionEvent, Manager, Snapshot } from './actor.ts'
import { Service } from './service.ts'

/** Where services are registered: what `createDevTools` and the server's `inspect` of @xstate/inspect make. */
export interface DevTools {
  register(service: never): void
}

/** Which actors are shown, and where. */
export interface BridgeOptions {
  /** Where they are registered. @default `globalThis.__xstate__`, which the server's `inspect` has made */
  readonly devTools?: DevTools
  /** Whether a peer is shown; asked once an actor. @default all */
  readonly filter?: (peerId: string) => boolean
  /** How many peers are shown at one time; others are as soon as one of these is forgotten. @default 200 */
  readonly maxActors?: number
  /** Whether a viewer's commands are carried out. @default true */
  readonly allowSend?: boolean
}

/** A bridge that stands. */
export interface Bridge extends Disposable {
  /** How many peers are shown. */
  readonly shown: number
  /** Takes it down: the viewer sees every actor stop, and nothing of it is left with the manager. Idempotent. */
  stop(): void
}

/**
 * Presents the actors of a manager, which are XState 5, as the services of XState 4 that @xstate/inspect expects, from now
 * on until it is stopped or the manager is.
 *
 * A viewer may send the supervisor its commands (`peer.connect`, `peer.disconnect`, `peer.report`, `limits.set` …), and a
 * peer `peer.connect` and `peer.disconnect`, which go to the supervisor for that peer. Facts it cannot send: those happen.
 *
 * @throws TypeError or RangeError that names the option; Error where there are no devTools
 */
export function bridge(manager: Manager, options: BridgeOptions = {}): Bridge {
  const { filter = () => true, maxActors = 200, allowSend = true } = options
  if (!Number.isSafeInteger(maxActors) || maxActors < 0) throw new RangeError(`maxActors must be an integer >= 0, got ${maxActors}`)
  if (typeof filter !== 'function') throw new TypeError('filter must be a function')
  const { __xstate__: made } = globalThis as { readonly __xstate__?: DevTools }
  const devTools = options.devTools ?? made
  if (devTools === undefined) throw new Error('there are no devTools to show the actors in: inspect first, or give the option devTools')
  const shown = new Shown(manager, devTools, filter, maxActors, allowSend)
  return {
    get shown() {
      return shown.size
    },
    stop: () => shown.stop(),
    [Symbol.dispose]: () => shown.stop(),
  }
}

/** The services that are registered. */
class Shown {
  readonly #manager: Manager
  readonly #devTools: DevTools
  readonly #filter: (peerId: string) => boolean
  readonly #most: number
  readonly #allowSend: boolean
  readonly #supervisor: Service
  readonly #peers = new Map<string, { readonly actor: Actor; readonly service: Service }>()
  readonly #hidden = new WeakSet<Actor>()
  readonly #watching: { unsubscribe(): void }
  #isOver = false

  constructor(manager: Manager, devTools: DevTools, filter: (peerId: string) => boolean, most: number, allowSend: boolean) {
    const { supervisor } = manager
    this.#manager = manager
    this.#devTools = devTools
    this.#filter = filter
    this.#most = most
    this.#allowSend = allowSend
    this.#supervisor = this.#register(supervisor, undefined, (event) => supervisor.send(event as never))
    for (const { peerId } of manager.peers()) {
      if (this.#peers.size >= most) break
      const actor = manager.actor(peerId)
      if (actor !== undefined) this.#serviceOf(actor)
    }
    this.#watching = supervisor.system.inspect((event) => guarded(() => this.#observe(event)))
  }

  get size(): number {
    return this.#peers.size
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#watching.unsubscribe()
    for (const { service } of this.#peers.values()) service.stop()
    this.#peers.clear()
    this.#supervisor.stop()
  }

  #observe({ type, actorRef, event = { type: '' }, snapshot }: InspectionEvent): void {
    const actor = actorRef as Actor
    if (type === '@xstate.actor') return this.#replaced(actor)
    if (type !== '@xstate.event' && type !== '@xstate.snapshot') return
    const service = this.#serviceOf(actor)
    if (service === undefined) return
    if (type === '@xstate.event') return service.tell(event)
    const now = snapshot as Snapshot
    service.moved(now, event)
    if (now.status === 'active') return
    if (service === this.#supervisor) return this.stop()
    this.#peers.delete(actor.id)
    service.stop()
  }

  /** The service of an actor that is shown; an actor begins to be when something happens to it: before it has no snapshot. */
  #serviceOf(actor: Actor): Service | undefined {
    if (actor === this.#manager.supervisor) return this.#supervisor
    const known = this.#peers.get(actor.id)
    if (known?.actor === actor) return known.service
    if (this.#peers.size >= this.#most || this.#hidden.has(actor) || !this.#isPeer(actor)) return undefined
    if ((actor.getSnapshot() as Snapshot).status !== 'active') return undefined
    if (!this.#filter(actor.id)) {
      this.#hidden.add(actor)
      return undefined
    }
    const { supervisor } = this.#manager
    const service = this.#register(actor, supervisor, ({ type }) => {
      // A peer's machine trusts its events; what a stranger wants of it goes through who checks that.
      if (type === 'peer.connect' || type === 'peer.disconnect') supervisor.send({ type, peerId: actor.id } as never)
    })
    this.#peers.set(actor.id, { actor, service })
    return service
  }

  /** An actor that threw is replaced by one of the same name, and XState says nothing of its end. */
  #replaced(actor: Actor): void {
    const known = this.#peers.get(actor.id)
    if (known === undefined || (known.actor.getSnapshot() as Snapshot).status === 'active') return
    this.#peers.delete(actor.id)
    known.service.stop()
  }

  #register(actor: Actor, parent: Actor | undefined, deliver: (event: Event) => void): Service {
    const service = new Service(actor, parent, (event) => {
      // XState's own events would stop an actor, or tell it that a child threw.
      if (this.#allowSend && !event.type.startsWith('xstate.')) deliver(event)
    })
    this.#devTools.register(service as never)
    return service
  }

  /** An app's actors beside ours may have any name. */
  #isPeer(actor: Actor): boolean {
    try {
      return this.#manager.actor(actor.id) === actor
    } catch {
      return false
    }
  }
}

/** An error of a viewer's is reported, and stops no machine. */
function guarded(observe: () => void): void {
  try {
    observe()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
