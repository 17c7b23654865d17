/** A kit of fleets: nodes on one store in memory, one virtual clock and scripted links. */
import { ConnectionError, ConnectionManager, type ManagerOptions } from 'qudag-connections'
import { fleet, type Fleet, type FleetOptions, type FleetStore, memoryStore } from 'qudag-connections/fleet'
import { flush, scripted, type ScriptedTransport, VirtualClock } from 'qudag-connections/testing'

/** The lease of nodes here, in milliseconds. */
export const LEASE_MS = 3_000

/** A node of a fleet under test. */
export interface TestNode {
  readonly node: Fleet
  readonly manager: ConnectionManager
  readonly transport: ScriptedTransport
}

/** A call of a store's. */
export interface StoreCall {
  readonly method: keyof FleetStore
  readonly args: readonly unknown[]
  /** The key of a read, or the first one that a write changes. */
  readonly key: string
  /** Has it done as it is. */
  ask(): Promise<unknown>
}

/** A store whose calls go through the test: it has them done, loses them or their answers, or holds them. */
export function bent(store: FleetStore, bend: (call: StoreCall) => Promise<unknown>, watch?: FleetStore['watch']): FleetStore {
  return new Proxy(store, {
    get(target, method: keyof FleetStore) {
      const f: unknown = target[method]
      if (typeof f !== 'function') return f
      const ask = (...args: unknown[]): Promise<unknown> => (f as (...given: unknown[]) => Promise<unknown>).apply(target, args)
      if (method === 'watch' || method === 'close') return method === 'watch' && watch !== undefined ? watch : ask
      return (...args: unknown[]) => bend({ method, args, key: keyOf(method, args), ask: () => ask(...args) })
    },
  })
}

function keyOf(method: keyof FleetStore, [first, changes]: readonly unknown[]): string {
  if (method === 'write') return (changes as readonly { readonly key: string }[])[0]?.key ?? ''
  return typeof first === 'string' ? first : ''
}

/** The answer to a call that never came. */
export function noAnswer(): Promise<never> {
  return Promise.reject(new ConnectionError('ERR_STORE', 'no answer in time', { reason: 'deadline' }))
}

/** Where nodes meet. */
export function meeting() {
  const clock = new VirtualClock()
  const store = memoryStore({ clock })
  let made = 0
  const add = (
    given: Partial<FleetOptions> = {},
    options: ManagerOptions & { readonly max?: number } = {},
    on: FleetStore = store,
  ): TestNode => {
    const { max = 100, ...rest } = options
    const transport = scripted({ autoOpen: true, autoClose: 'microtask' })
    const node = fleet({ store: on, limit: 100, name: `n${++made}`, leaseMs: LEASE_MS, ...given })
    let seed = made * 7_919
    const random = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647
    const manager = new ConnectionManager(max, { transport, clock, random, fleet: node, ...rest })
    return { node, manager, transport }
  }
  const pass = (ms: number): Promise<void> => clock.advanceAsync(ms)
  return { clock, store, add, pass, flush }
}

/** A store that can be cut off; calls hang, or reject, while it is. */
export function cuttable(store: FleetStore): { readonly store: FleetStore; cut: 'no' | 'hang' | 'reject' } {
  const state: { store: FleetStore; cut: 'no' | 'hang' | 'reject' } = { store, cut: 'no' }
  state.store = new Proxy(store, {
    get(target, name: keyof FleetStore) {
      const method: unknown = target[name]
      if (typeof method !== 'function' || name === 'watch' || name === 'close')
        return typeof method === 'function' ? method.bind(target) : method
      return (...args: unknown[]): unknown => {
        if (state.cut === 'hang') return new Promise(() => {})
        if (state.cut === 'reject') return Promise.reject(new Error('unreachable'))
        return (method as (...given: unknown[]) => unknown).apply(target, args)
      }
    },
  })
  return state
}
