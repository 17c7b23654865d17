/** Contexts are Node's `AsyncLocalStorage`; where none is in force that is known, and costs nothing from there on. */
import type * as hooks from 'node:async_hooks'
import type { AsyncContexts } from '../runtime/callbacks/async-context.ts'

/** What is needed of `node:async_hooks`. */
export type AsyncHooks = Pick<typeof hooks, 'AsyncLocalStorage' | 'executionAsyncResource'>

/** The contexts of `AsyncLocalStorage`. */
export function nodeContexts({ AsyncLocalStorage, executionAsyncResource }: AsyncHooks): AsyncContexts {
  const outside = AsyncLocalStorage.snapshot()

  /** Whether a store is in force, where Node keeps stores with the resource that runs: up to version 23, by default. */
  const hasStore = (): boolean => {
    const resource = executionAsyncResource() as Readonly<Record<symbol, unknown>>
    return Object.getOwnPropertySymbols(resource).some((key) => key.description === 'kResourceStore' && resource[key] !== undefined)
  }

  // Whether that can be seen here is tried out once, when it is first asked.
  let canTell: boolean | undefined
  const isEmpty = (): boolean => {
    if (canTell === undefined) {
      const probe = new AsyncLocalStorage<true>()
      canTell = probe.run(true, hasStore)
      probe.disable()
    }
    return canTell && !hasStore()
  }

  return {
    capture: () => (isEmpty() ? undefined : AsyncLocalStorage.snapshot()),
    outside,
  }
}
