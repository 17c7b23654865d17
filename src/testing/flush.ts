/** A flush: when it resolves, every promise job that was ready has run, and no time has passed. */

type Hop = (f: () => void) => void

/** Taken when the module loads, so that fake timers installed later cannot stall it. */
const hop: Hop = typeof setImmediate === 'function' ? setImmediate : channelHop()

/** Where there is no `setImmediate`: a message to ourselves, on a channel that is closed when nobody waits. */
function channelHop(): Hop {
  return (f) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      f()
    })
    port1.start()
    port2.postMessage(undefined)
  }
}

/**
 * Lets every promise job that is ready run, and those that they make ready in turn, without any time passing
 * on a virtual clock: one turn of the event loop, however long the chain of promises is.
 *
 * @since 0.1.0
 */
export function flush(): Promise<void> {
  // Not `new Promise(hop)`: setImmediate would hand `reject` on to `resolve` as a value.
  return new Promise((resolve) => hop(resolve))
}
