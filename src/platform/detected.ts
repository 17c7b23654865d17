/**
 * The defaults where no export condition names the platform, as with a bundler that is told nothing: Node's where the
 * program runs in Node, loaded when first used, and a browser's elsewhere. Nothing here imports a `node:` module statically.
 */
import type * as Diagnostics from 'node:diagnostics_channel'
import type * as Util from 'node:util'
import { steppedTimers } from '../clock.ts'
import type { Platform } from '../runtime/options/settings.ts'
import type { Transport } from '../transports/transport.ts'
import { platform as browser } from './browser.ts'
import { nodeChannels } from './node-channels.ts'
import { nodeContexts, type AsyncHooks } from './node-contexts.ts'

const isNode = typeof (globalThis as { process?: { versions?: { node?: unknown } } }).process?.versions?.node === 'string'

/** A transport that is loaded at its first use. A load that fails is tried again at the next one. */
function loadedLater(schemes: readonly string[], load: () => Promise<Transport>): Transport {
  let loaded: Transport | undefined
  const get = async (): Promise<Transport> => (loaded ??= await load())
  return {
    schemes,
    dial: async (address, options) => (await get()).dial(address, options),
    async listen(address, options) {
      const transport = await get()
      if (transport.listen === undefined) throw new TypeError(`nothing listens at ${address.protocol} here`)
      return transport.listen(address, options)
    },
  }
}

/** Node's defaults, as far as they need none of its modules before a transport is used. */
function node(): Platform {
  const { getBuiltinModule } = process as { getBuiltinModule?: (id: string) => unknown }
  const hooks = getBuiltinModule?.('node:async_hooks') as AsyncHooks | undefined
  const util = getBuiltinModule?.('node:util') as Pick<typeof Util, 'debuglog'> | undefined
  const debug = util?.debuglog('qudag')
  const diagnostics = getBuiltinModule?.('node:diagnostics_channel') as typeof Diagnostics | undefined
  return {
    clock: steppedTimers({
      now: () => browser.clock.now(),
      wall: () => Date.now(),
      setTimeout: (f, ms) => setTimeout(f, ms).unref(),
      clearTimeout: (id) => clearTimeout(id as NodeJS.Timeout),
    }),
    transports: () => [
      loadedLater(['tcp'], async () => (await import('../transports/tcp.ts')).tcp()),
      loadedLater(['ws', 'wss'], async () => (await import('../transports/websocket.ts')).websocket()),
      loadedLater(['unix'], async () => (await import('../transports/unix.ts')).unix()),
    ],
    memoryUsage: () => process.memoryUsage.rss(),
    ...(hooks === undefined ? {} : { contexts: nodeContexts(hooks) }),
    ...(diagnostics === undefined ? {} : { channels: nodeChannels(diagnostics) }),
    holdProcess: () => {
      const timer = setInterval(() => {}, 2 ** 31 - 1)
      return () => clearInterval(timer)
    },
    ...(debug?.enabled === true && { debug: (line: string) => debug('%s', line) }),
    nextTick: (f) => setImmediate(f),
    warn: (message, { stack }) =>
      process.emitWarning(message, { type: 'QudagConnectionsWarning', ...(stack === undefined ? {} : { detail: stack }) }),
  }
}

/** The defaults of whatever runs this. */
export const platform: Platform = isNode ? node() : browser
