/** Contexts are Node's `AsyncLocalStorage`; where none is in force that is known, and costs nothing from there on. */
import type * as hooks from 'node:async_hooks'
import type { AsyncContexts } from '../runtime/callbacks/async-context.ts'

/** What is needed of `node:async_hooks`. */
export type AsyncHooks = Pick<typeof hooks, 'AsyncLocalStorage' | 'AsyncResource'>

/** What a resource carries its stores in, by the description of the symbol: one store each up to Node 23, a map of all since. */
const STORE = 'kResourceStore'
const STORES = 'context_frame'

/** The contexts of `AsyncLocalStorage`. */
export function nodeContexts({ AsyncLocalStorage, AsyncResource }: AsyncHooks): AsyncContexts {
  const outside = AsyncLocalStorage.snapshot()
  const resource = (): hooks.AsyncResource => new AsyncResource('qudag-connections')

  // Whether that can be seen here is tried out once, when it is first asked.
  let canTell: boolean | undefined
  const isEmpty = (captured: hooks.AsyncResource): boolean => {
    if (canTell === undefined) {
      const probe = new AsyncLocalStorage<true>()
      canTell = probe.run(true, () => hasStore(resource()))
      probe.disable()
    }
    return canTell && !hasStore(captured)
  }

  return {
    capture() {
      const captured = resource()
      if (isEmpty(captured)) return undefined
      // What `AsyncLocalStorage.snapshot` does, without its two functions that take any number of arguments.
      return (f, a, b) => captured.runInAsyncScope(f, undefined, a, b)
    },
    outside,
  }
}

/** Whether a store is in force in what a resource has captured. */
function hasStore(resource: object): boolean {
  return Object.getOwnPropertySymbols(resource).some((key) => {
    const value = (resource as Readonly<Record<symbol, unknown>>)[key]
    if (key.description === STORE) return value !== undefined
    return key.description === STORES && value !== undefined && isInForce(value as ReadonlyMap<unknown, unknown>)
  })
}

/** A map of Node's own, which is no instance of `Map` here. */
function isInForce(stores: ReadonlyMap<unknown, unknown>): boolean {
  let isSet = false
  stores.forEach((store) => (isSet ||= store !== undefined))
  return isSet
}
