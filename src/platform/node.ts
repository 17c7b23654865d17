/** All that is Node's own about the defaults is in this file. */
import * as diagnostics from 'node:diagnostics_channel'
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks'
import { debuglog } from 'node:util'
import { steppedTimers } from '../clock.ts'
import type { Platform } from '../runtime/options/settings.ts'
import { tcp } from '../transports/tcp.ts'
import { unix } from '../transports/unix.ts'
import { websocket } from '../transports/websocket.ts'
import { nodeChannels } from './node-channels.ts'
import { nodeContexts } from './node-contexts.ts'

const { timeOrigin } = performance
const debug = debuglog('qudag')

/** Node's defaults. Its timers never keep a process alive. */
export const platform: Platform = {
  clock: steppedTimers({
    now: () => timeOrigin + performance.now(),
    wall: () => Date.now(),
    setTimeout: (f, ms) => setTimeout(f, ms).unref(),
    clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
  }),
  transports: () => [tcp(), websocket(), unix()],
  memoryUsage: () => process.memoryUsage.rss(),
  contexts: nodeContexts({ AsyncLocalStorage, AsyncResource }),
  channels: nodeChannels(diagnostics),
  holdProcess: () => {
    const timer = setInterval(() => {}, 2 ** 31 - 1)
    return () => clearInterval(timer)
  },
  ...(debug.enabled && { debug: (line: string) => debug('%s', line) }),
  nextTick: (f) => setImmediate(f),
  warn: (message, { stack }) =>
    process.emitWarning(message, { type: 'QudagConnectionsWarning', ...(stack === undefined ? {} : { detail: stack }) }),
}
