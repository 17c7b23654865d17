/**
 * Children of an actor, as XState makes them, but for what its constructor makes for each of them and nearly none ever needs.
 *
 * `createActor` copies its options into an object of a hidden class of its own, and makes four closures, a set and a map for
 * each actor: a third of what it costs to open and close a peer. A child that is made here has the same fields, the same
 * prototype and so the same methods; what differs is how the fields come to be. Checked against XState 5.33.3: where the fields
 * of its actors are others, `createActor` makes the child. `test/compile/xstate-child.test.ts` holds both against each other,
 * `test/platform/xstate-fields.test.ts` takes the other way.
 */
import { Actor, createActor, createEmptyActor, type ActorRefFrom, type AnyActorLogic, type AnyActorRef, type InputFrom } from 'xstate'
import { tellListeners } from './xstate-internals.ts'

const RUNNING = 1

interface System {
  _bookId(): string
  _sendInspectionEvent(event: object): void
}
/** What an actor has beyond its type. */
interface Parent {
  readonly clock: unknown
  readonly logger: unknown
  readonly system: System
}
interface Action {
  readonly type: string
  readonly params: unknown
  readonly info: unknown
  readonly exec?: (info: unknown, params: unknown) => void
}
type MailboxClass = new (process: (event: unknown) => void) => object

/** Of actors that nobody subscribes to, all have the same. */
const NO_OBSERVERS: ReadonlySet<unknown> = new Set()
const NO_LISTENERS: ReadonlyMap<string, unknown> = new Map()

let Mailbox: MailboxClass | undefined

/** What the constructor of XState makes of the options that are given here. */
class ChildOptions {
  readonly devTools = false
  readonly input: unknown

  constructor(input: unknown) {
    this.input = input
  }
}

/** What a logic is given of its actor. */
class ChildScope {
  readonly self: Child
  readonly id: string
  readonly sessionId: string
  readonly logger: unknown
  readonly system: System

  constructor(self: Child) {
    this.self = self
    this.id = self.id
    this.sessionId = self.sessionId
    this.logger = self.logger
    this.system = self.system
  }

  defer(f: () => void): void {
    this.self._deferred.push(f)
  }

  stopChild(child: { readonly id: string; readonly _parent?: unknown; _stop(): void }): void {
    if (child._parent !== this.self) throw new Error(`'${child.id}' is no child of '${this.id}', which cannot stop it`)
    child._stop()
  }

  emit(event: { readonly type: string }): void {
    tellListeners(this.self, event, throwLater)
  }

  actionExecutor(action: Action): void {
    const { self } = this
    const execute = (): void => {
      const { type, params, info, exec } = action
      self.system._sendInspectionEvent({ type: '@xstate.action', actorRef: self, action: { type, params } })
      exec?.(info, params)
    }
    if (self._processingStatus === RUNNING) execute()
    else self._deferred.push(execute)
  }
}

/** As XState does with what a listener throws. */
function throwLater(thrown: unknown): void {
  setTimeout(() => {
    throw thrown
  })
}

class Child {
  readonly logic: AnyActorLogic
  _snapshot: unknown = undefined
  readonly clock: unknown
  readonly options: object
  readonly id: string
  mailbox: object
  observers = NO_OBSERVERS
  eventListeners = NO_LISTENERS
  readonly logger: unknown
  _processingStatus = 0
  readonly _parent: AnyActorRef
  readonly _syncSnapshot = undefined
  readonly ref: this
  readonly _actorScope: ChildScope
  readonly systemId = undefined
  readonly sessionId: string
  readonly system: System
  _doneEvent: unknown = undefined
  readonly src: AnyActorLogic
  readonly _deferred: (() => void)[] = []
  readonly send: unknown
  declare readonly _process: (event: unknown) => void

  constructor(logic: AnyActorLogic, parent: AnyActorRef, id: string, input: unknown, Box: MailboxClass) {
    const { clock, logger, system } = parent as unknown as Parent
    this.logic = this.src = logic
    this.clock = clock
    this.options = new ChildOptions(input)
    this.id = id
    this.mailbox = new Box(this._process.bind(this))
    this.logger = logger
    this._parent = parent
    this.ref = this
    this.sessionId = system._bookId()
    this.system = system
    this._actorScope = new ChildScope(this)
    // It may be taken off the actor.
    this.send = Actor.prototype.send.bind(this as never)
    system._sendInspectionEvent({ type: '@xstate.actor', actorRef: this })
    try {
      this._snapshot = logic.getInitialSnapshot(this._actorScope as never, input)
    } catch (error) {
      this._snapshot = { status: 'error', output: undefined, error }
    }
  }

  subscribe(...observer: unknown[]): unknown {
    if (this.observers === NO_OBSERVERS) this.observers = new Set()
    return Reflect.apply(Actor.prototype.subscribe, this, observer)
  }

  on(...listener: unknown[]): unknown {
    if (this.eventListeners === NO_LISTENERS) this.eventListeners = new Map()
    return Reflect.apply(Actor.prototype.on, this, listener)
  }
}
Object.setPrototypeOf(Child.prototype, Actor.prototype)

let areKnown: boolean | undefined

/**
 * An actor of a compiled machine under a parent, not started, as `createActor(logic, { parent, id, input })` makes it. A logic that
 * takes a function off its scope, or copies the scope, as those of XState do, is not for it: they are methods here.
 */
export function createChild<L extends AnyActorLogic>(logic: L, parent: AnyActorRef, id: string, input: InputFrom<L>): ActorRefFrom<L> {
  areKnown ??= areInternalsKnown()
  if (!areKnown || Mailbox === undefined) {
    return createActor(logic as AnyActorLogic, { parent, id, input }) as unknown as ActorRefFrom<L>
  }
  return new Child(logic, parent, id, input, Mailbox) as unknown as ActorRefFrom<L>
}

/** Whether an actor of XState has the fields that one has which is made here, and its scope those of our scope. */
function areInternalsKnown(): boolean {
  try {
    const theirs = createEmptyActor() as unknown as Child
    const Box = theirs.mailbox.constructor as MailboxClass
    const ours = new Child(theirs.logic, theirs as unknown as AnyActorRef, '', undefined, Box)
    const scope = [...Object.keys(ours._actorScope), ...Object.getOwnPropertyNames(ChildScope.prototype)].filter(
      (name) => name !== 'constructor',
    )
    Mailbox = Box
    return areSame(Object.keys(ours), Object.keys(theirs)) && areSame(scope, Object.keys(theirs._actorScope))
  } catch {
    return false
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && new Set([...some, ...others]).size === some.length
}
