/** Steps of the tests of stores: changes, conditions, and waits for what others bring about. */
import type { FleetStore, StoreEvent } from 'qudag-connections/fleet'

/** A change that puts. */
export function put(key: string, value: string, lease?: string) {
  return { type: 'put' as const, key, value, ...(lease === undefined ? {} : { lease }) }
}

/** A condition: the key is absent. */
export function absent(key: string) {
  return { key, revision: 0 }
}

/** Where a proxy listens. */
export function portOf(proxy: { readonly address: URL }): number {
  return Number(proxy.address.port)
}

/** What a watch of everything is told from when it stands. */
export async function watched(store: FleetStore): Promise<StoreEvent[]> {
  const told: StoreEvent[] = []
  store.watch('', (event) => told.push(event))
  await until(() => told.length > 0)
  told.length = 0
  return told
}

/** Waits until something holds. */
export function until(holds: () => boolean): Promise<void> {
  return eventually(async () => holds())
}

/** Something that others bring about; the test's own limit bounds it. */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => void setImmediate(resolve))
}
