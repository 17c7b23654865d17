/** The messages between a worker of `node:cluster` and the primary that keeps the store. */
import type { StoreEvent } from '../store.ts'

/** What marks a message as one of ours, among those of the app. */
const MARK = 'qudag-connections.store'

/** The calls that go to the primary as they are. */
export type StoreCall = 'life' | 'grant' | 'renew' | 'revoke' | 'get' | 'list' | 'write'

/** From a worker. `client`: which of its stores; a worker has one for each `clusterStore()`. */
export type ToPrimary = {
  readonly mark: typeof MARK
  readonly name: string
  readonly client: number
} & (
  | { readonly type: 'call'; readonly id: number; readonly call: StoreCall; readonly args: readonly unknown[] }
  | { readonly type: 'watch'; readonly id: number; readonly prefix: string }
  | { readonly type: 'unwatch'; readonly id: number }
  | { readonly type: 'close' }
)

/** To a worker. `id` is that of the call, or of the watch. */
export type ToWorker = {
  readonly mark: typeof MARK
  readonly name: string
  readonly client: number
  readonly id: number
} & (
  | { readonly type: 'answer'; readonly value?: unknown }
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'event'; readonly event: StoreEvent }
)

/** A message with its mark. */
export function marked<T extends object>(message: T): T & { readonly mark: typeof MARK } {
  return { ...message, mark: MARK }
}

/** Whether a message is one of ours, for the store of this name. */
export function isMarked(message: unknown, name: string): boolean {
  const { mark, name: its } = (message ?? {}) as { mark?: unknown; name?: unknown }
  return mark === MARK && its === name
}
