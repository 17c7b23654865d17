/** The inspector for @statelyai/inspect shows our actors, and leaves nothing when it is stopped. */
import type * as StatelyPackage from '@statelyai/inspect'
import type { AnyActorRef, InspectionEvent, Observer } from 'xstate'
import { assertInteger } from '../../../machines/domain/limits.ts'
import { assertKnown, type Known } from '../../../machines/domain/options.ts'
import type { PeerId } from '../../../machines/domain/peer-id.ts'
import { guardInspection } from '../../runtime/supervisor/supervisor-actor.ts'
import { runningOn } from '../../supervisor-logic.ts'
import { isMissing, LatePackage } from '../../transports/late-package.ts'
import { ShownActors, type ShownOptions } from './shown-actors.ts'

/** An inspector of @statelyai/inspect, whichever of its makers it comes from. @since 0.1.0 */
export interface StatelyInspector {
  readonly inspect: Observer<InspectionEvent>
  stop(): void
}

/** What takes the messages of that protocol, to be sent on. @since 0.1.0 */
export interface StatelyAdapter {
  send(message: StatelyMessage): void
  start?(): void
  stop?(): void
}

/** A message of the protocol of @statelyai/inspect. @since 0.1.0 */
export interface StatelyMessage {
  readonly type: string
  readonly sessionId: string
}

/** Where to show, exactly one of these, and what. @since 0.1.0 */
export interface StatelyOptions extends ShownOptions {
  /** An inspector that you made: it is told, and yours to stop. */
  readonly inspector?: StatelyInspector
  /** The address of a server that speaks the protocol, `serveStatelyProtocol` for one; a `createWebSocketInspector` is made for it. */
  readonly url?: string
  /** Takes the messages; a `createInspector` is made for it. */
  readonly adapter?: StatelyAdapter
  /**
   * In a browser: what `createBrowserInspector` is told, the viewer's `url`, the `iframe` to show it in and the `window` of
   * the page. `{}` opens a window on Stately's own inspector.
   */
  readonly browser?: { readonly url?: string; readonly iframe?: object | null; readonly window?: object }
}

const KNOWN = {
  filter: true,
  maxActors: true,
  inspector: true,
  url: true,
  adapter: true,
  browser: true,
} as const satisfies Known<StatelyOptions>

/** An inspection under way. @since 0.1.0 */
export interface StatelyInspection extends Disposable {
  /** How many peers are shown. */
  readonly shown: number
  /** Tells of every actor again, with its definition and its present snapshot: for a viewer that came late. */
  replay(): void
  /** Ends it, and stops the inspector where it was made here. Idempotent. */
  stop(): void
}

/** What can be inspected: a manager. @since 0.1.0 */
export interface Inspectable {
  readonly supervisor: AnyActorRef
  peers(): Iterable<{ readonly peerId: PeerId }>
  actor(peerId: PeerId): AnyActorRef | undefined
}

/**
 * Shows the supervisor and its peers in an inspector of @statelyai/inspect, from now on until it is stopped or the manager
 * is. In a browser a viewer that loads late is told of the actors by itself. While it looks, each event costs XState some
 * 8 µs more, so look while you look.
 *
 * Rejects with an Error that names the package where @statelyai/inspect is needed and is not there, and with a TypeError or
 * RangeError that names a wrong option.
 *
 * @since 0.1.0
 * @example
 * import { createBrowserInspector } from '@statelyai/inspect'
 * const inspection = await statelyInspector(manager, { inspector: createBrowserInspector() })
 * inspection[Symbol.dispose]()
 */
export async function statelyInspector(manager: Inspectable, options: StatelyOptions): Promise<StatelyInspection> {
  assertKnown('', options, KNOWN)
  const { filter, maxActors = 200 } = options
  assertInteger('maxActors', maxActors, 0)
  if (filter !== undefined && typeof filter !== 'function') throw new TypeError('filter must be a function')
  const inspector = options.inspector ?? (await makeInspector(options))

  const { supervisor } = manager
  const isPeer = (ref: AnyActorRef): boolean => runningOn(supervisor)?.supervisor.world.peers.get(ref.id)?.ref === ref
  const shown = new ShownActors(supervisor, isPeer, { maxActors, ...(filter && { filter }) }, (event) => inspector.inspect.next?.(event))
  let isOver = false
  const stop = (): void => {
    if (isOver) return
    isOver = true
    watching.unsubscribe()
    forgetViewers()
    if (options.inspector === undefined) inspector.stop()
  }
  const failed = (thrown: unknown): void => runningOn(supervisor)?.supervisor.world.settings.errors.report(thrown, 'inspect')
  const watching = supervisor.system.inspect(guardInspection((event) => shown.observe(event), failed))
  const forgetViewers = onViewer(options, () => shown.replay())
  shown.replay()
  for (const { peerId } of manager.peers()) {
    if (shown.size >= maxActors) break
    const ref = manager.actor(peerId)
    if (ref !== undefined) shown.add(ref)
  }
  return {
    get shown() {
      return shown.size
    },
    replay: () => shown.replay(),
    stop,
    [Symbol.dispose]: stop,
  }
}

async function makeInspector({ url, adapter, browser }: StatelyOptions): Promise<StatelyInspector> {
  if ([url, adapter, browser].filter((target) => target !== undefined).length !== 1) {
    throw new TypeError('say where to show the actors: exactly one of inspector, url, adapter and browser')
  }
  const made = await load()
  if (url !== undefined) return made.createWebSocketInspector({ url })
  if (adapter !== undefined) return made.createInspector(adapter)
  return made.createBrowserInspector({ ...(browser as object) })
}

const statelyPackage = new LatePackage<typeof StatelyPackage>('@statelyai/inspect', () => import('@statelyai/inspect'))

async function load(): Promise<typeof StatelyPackage> {
  try {
    return await statelyPackage.load()
  } catch (cause) {
    if (!isMissing(cause)) throw cause
    const why = (cause as Error).message
    throw new Error(`this needs the package '@statelyai/inspect', and it could not be loaded (${why}); npm install @statelyai/inspect`, {
      cause,
    })
  }
}

/** A page tells who opened it that it is ready; what it missed before is more than the package keeps for it. */
function onViewer({ browser }: StatelyOptions, ready: () => void): () => void {
  const page = browser && ((browser.window as Window | undefined) ?? (typeof window === 'undefined' ? undefined : window))
  if (page === undefined) return () => {}
  const hear = ({ data }: MessageEvent): void => {
    if ((data as { type?: unknown } | null)?.type === '@statelyai.connected') ready()
  }
  page.addEventListener('message', hear)
  return () => page.removeEventListener('message', hear)
}
