/** The bridge for pages shows a manager in a window or a frame of @xstate/inspect in one call. */
import { createDevTools, inspect } from '@xstate/inspect'
import type { Manager } from './actor.ts'
import { bridge, type Bridge, type BridgeOptions } from './bridge.ts'

export { createWebSocketReceiver, createWindowReceiver } from '@xstate/inspect'

/** Where to show it: what `inspect` of @xstate/inspect takes. */
export interface WindowOptions extends Omit<BridgeOptions, 'devTools'> {
  /** The viewer. @default 'https://stately.ai/viz?inspect' */
  readonly url?: string
  /** The frame to show it in; false: a window of its own. @default the frame that has the attribute `data-xstate` */
  readonly iframe?: HTMLIFrameElement | false
  /** A window that is open already. */
  readonly targetWindow?: Window
}

/**
 * Shows a manager in a window or a frame.
 *
 * @throws as {@link bridge} does; Error where there is neither window nor frame
 */
export function inspectInBrowser(manager: Manager, { url, iframe, targetWindow, ...options }: WindowOptions = {}): Bridge {
  const devTools = createDevTools()
  const inspector = inspect({
    devTools,
    ...(url !== undefined && { url }),
    ...(iframe !== undefined && { iframe }),
    ...(targetWindow !== undefined && { targetWindow }),
  })
  if (inspector === undefined) throw new Error('there is no frame to show the actors in: give iframe, or iframe: false for a window')
  const standing = bridge(manager, { ...options, devTools })
  let isOver = false
  const stop = (): void => {
    if (isOver) return
    isOver = true
    standing.stop()
    inspector.disconnect()
  }
  return {
    get shown() {
      return standing.shown
    },
    stop,
    [Symbol.dispose]: stop,
  }
}
