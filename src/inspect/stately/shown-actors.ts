/** An inspector is told of an actor before anything about it, of no more actors than it may be, and of none that nobody asked for. */
import type { AnyActorRef, InspectionEvent, Snapshot } from 'xstate'
import { isError } from '../../../machines/domain/realm.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { TombstoneMap } from '../../runtime/collections/tombstone-map.ts'

/** Which actors are shown. @since 0.1.0 */
export interface ShownOptions {
  /** Whether a peer is shown; asked once an actor. @default all */
  readonly filter?: (peerId: PeerId) => boolean
  /** How many peers are shown at one time; others are as soon as one of these is forgotten. @default 200 */
  readonly maxActors?: number
}

/** What an inspector is told: XState's inspection events, about stand-ins for the actors that hold nothing alive. */
export type Tell = (event: InspectionEvent) => void

type Ref = AnyActorRef & { readonly logic?: { readonly config?: object } }

/** The supervisor and those of its peers that are shown. */
export class ShownActors {
  readonly #supervisor: Ref
  readonly #isPeer: (ref: AnyActorRef) => boolean
  readonly #filter: (peerId: PeerId) => boolean
  readonly #most: number
  readonly #tell: Tell
  readonly #shown = new TombstoneMap<string, Ref>()
  /** Actors of peers that the filter has turned down, so that it is not asked again. */
  readonly #hidden = new WeakSet<object>()

  /** @param isPeer whether an actor is one of our peers', and not an app's own beside ours */
  constructor(
    supervisor: AnyActorRef,
    isPeer: (ref: AnyActorRef) => boolean,
    { filter = () => true, maxActors = 200 }: ShownOptions,
    tell: Tell,
  ) {
    this.#supervisor = supervisor
    this.#isPeer = isPeer
    this.#filter = filter
    this.#most = maxActors
    this.#tell = tell
  }

  /** How many peers are shown. */
  get size(): number {
    return this.#shown.size
  }

  /** Takes what XState says of any actor of the system. */
  observe(event: InspectionEvent): void {
    const ref = event.actorRef as Ref
    switch (event.type) {
      case '@xstate.actor':
        return this.#replaced(ref)
      case '@xstate.event': {
        if (!this.#isShown(ref)) return
        const source = event.sourceRef === this.#supervisor ? this.#supervisor : undefined
        return this.#tell({
          type: event.type,
          rootId: this.#rootId,
          actorRef: this.#standIn(ref),
          sourceRef: source && this.#standIn(source),
          event: event.event,
        })
      }
      case '@xstate.snapshot':
        if (!this.#isShown(ref)) return
        this.#tellSnapshot(ref, event.event, event.snapshot)
        if (event.snapshot.status !== 'active') this.#shown.delete(ref.id)
        return
      default:
        return
    }
  }

  /** Shows a peer's actor that is there already, where it may be shown. */
  add(ref: AnyActorRef): void {
    this.#isShown(ref)
  }

  /** Tells of every actor as it stands now, as if it were new: for who came late. */
  replay(): void {
    for (const ref of [this.#supervisor, ...this.#shown.values()]) this.#announce(ref)
  }

  get #rootId(): string {
    return this.#supervisor.sessionId
  }

  /** Whether an actor is shown, now that something happens to it. An actor cannot be announced before: it has no snapshot. */
  #isShown(ref: Ref): boolean {
    if (ref === this.#supervisor) return true
    if (this.#shown.get(ref.id) === ref) return true
    if (!this.#isPeer(ref) || this.#hidden.has(ref)) return false
    if (this.#shown.size >= this.#most || ref.getSnapshot()?.status !== 'active') return false
    if (!this.#filter(ref.id)) {
      this.#hidden.add(ref)
      return false
    }
    this.#shown.set(ref.id, ref)
    this.#announce(ref)
    return true
  }

  /** An actor that threw is replaced by one of the same name, and XState says nothing of its end. */
  #replaced(ref: Ref): void {
    const dead = this.#shown.get(ref.id)
    if (dead === undefined || dead.getSnapshot().status === 'active') return
    this.#shown.delete(ref.id)
    this.#tellSnapshot(dead, { type: 'xstate.stop' }, dead.getSnapshot())
  }

  #announce(ref: Ref): void {
    this.#tell({ type: '@xstate.actor', rootId: this.#rootId, actorRef: this.#standIn(ref) })
  }

  #tellSnapshot(ref: Ref, event: { type: string }, snapshot: Snapshot<unknown>): void {
    this.#tell({ type: '@xstate.snapshot', rootId: this.#rootId, actorRef: this.#standIn(ref), event, snapshot: plain(snapshot) })
  }

  #standIn(ref: Ref): AnyActorRef {
    const snapshot = plain(ref.getSnapshot())
    const { id, sessionId, logic } = ref
    // An app's actor above ours is not shown: our supervisor is the root.
    const parent = ref === this.#supervisor ? undefined : { sessionId: this.#rootId }
    return { id, sessionId, _parent: parent, logic: { config: logic?.config }, getSnapshot: () => snapshot } as unknown as AnyActorRef
  }
}

/** What of a snapshot can be sent. Never its `children`: a supervisor's would be everyone. */
function plain(snapshot: Snapshot<unknown>): Snapshot<unknown> {
  const { status, value, context, output, error } = snapshot as Snapshot<unknown> & { readonly value?: unknown; readonly context?: unknown }
  const said = isError(error) ? { name: error.name, message: error.message } : error
  return { status, value, context, output, error: said } as unknown as Snapshot<unknown>
}
