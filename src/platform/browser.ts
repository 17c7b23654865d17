/** The defaults of a browser, or of whatever else is not Node, ask for nothing that it may not have. */
import { steppedTimers } from '../clock.ts'
import type { Platform } from '../runtime/options/settings.ts'
import { websocket } from '../transports/websocket-browser.ts'

const { timeOrigin } = performance

/** Whether the user sees the page. A worker has no page. */
const isSeen = (): boolean => typeof document === 'undefined' || document.visibilityState === 'visible'

/** A browser's defaults. */
export const platform: Platform = {
  clock: steppedTimers({
    now: () => timeOrigin + performance.now(),
    wall: () => Date.now(),
    setTimeout: (f, ms) => setTimeout(f, ms),
    clearTimeout: (id) => clearTimeout(id as ReturnType<typeof setTimeout>),
  }),
  transports: () => [websocket()],
  memoryUsage: () => (performance as { memory?: { usedJSHeapSize?: number } }).memory?.usedJSHeapSize ?? 0,
  nextTick: (f) => void setTimeout(f, 0),
  warn: (message, error) => console.warn(message, error),
  watchWakeUps(wake) {
    const seen = (): void => {
      if (isSeen()) wake()
    }
    globalThis.addEventListener?.('online', wake)
    globalThis.document?.addEventListener('visibilitychange', seen)
    return () => {
      globalThis.removeEventListener?.('online', wake)
      globalThis.document?.removeEventListener('visibilitychange', seen)
    }
  },
}
