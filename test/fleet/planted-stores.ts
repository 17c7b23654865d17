/** Stores that break one promise each, made of one that keeps them all. */
import type { FleetStore, StoreEntry, StoreEvent } from 'qudag-connections/fleet'
import type { VirtualClock } from 'qudag-connections/testing'

type Plant = (store: FleetStore, clock: VirtualClock) => FleetStore

/** A store as it is, but for some calls. */
function altered(store: FleetStore, changes: Partial<FleetStore>): FleetStore {
  return {
    name: store.name,
    life: (signal) => store.life(signal),
    grant: (ttlMs, signal) => store.grant(ttlMs, signal),
    renew: (lease, signal) => store.renew(lease, signal),
    revoke: (lease, signal) => store.revoke(lease, signal),
    get: (key, signal) => store.get(key, signal),
    list: (prefix, signal) => store.list(prefix, signal),
    write: (conditions, changes_, signal) => store.write(conditions, changes_, signal),
    watch: (prefix, listener) => store.watch(prefix, listener),
    close: () => store.close(),
    ...changes,
  }
}

/** A watch whose events pass through a sieve. */
function sifted(sieve: (event: StoreEvent, tell: (event: StoreEvent) => void) => void): Plant {
  return (store) => altered(store, { watch: (prefix, listener) => store.watch(prefix, (event) => sieve(event, listener)) })
}

/** Each with what it does wrong. */
export const PLANTED: Readonly<Record<string, Plant>> = {
  'conditions are not looked at': (store) => altered(store, { write: (_, changes, signal) => store.write([], changes, signal) }),
  'only the first condition is looked at': (store) =>
    altered(store, { write: (conditions, changes, signal) => store.write(conditions.slice(0, 1), changes, signal) }),
  'a condition and its write are two steps': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const asked = await store.write(conditions, [], signal)
        return asked.done ? store.write([], changes, signal) : asked
      },
    }),
  'a refused write has done a part': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const write = await store.write(conditions, changes, signal)
        if (!write.done) await store.write([], changes.slice(1), signal)
        return write
      },
    }),
  'a refused write does not tell what it found': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const write = await store.write(conditions, changes, signal)
        return write.done ? write : { ...write, found: [] }
      },
    }),
  'revisions are counted for each key': (store) => {
    const by = (entry: StoreEntry): StoreEntry => ({ ...entry, revision: (entry.revision % 7) + 1 })
    return altered(store, {
      get: async (key, signal) => {
        const entry = await store.get(key, signal)
        return entry && by(entry)
      },
    })
  },
  'the revision of a write is that of the one before': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const write = await store.write(conditions, changes, signal)
        return write.done ? { ...write, revision: write.revision - 1 } : write
      },
    }),
  'a read may be old': (store) => {
    const seen = new Map<string, StoreEntry | undefined>()
    return altered(store, {
      async get(key, signal) {
        if (!seen.has(key)) seen.set(key, await store.get(key, signal))
        return seen.get(key)
      },
    })
  },
  'a list is in no order': (store) => altered(store, { list: async (prefix, signal) => (await store.list(prefix, signal)).toReversed() }),
  'a list has what is beside its prefix': (store) => altered(store, { list: (prefix, signal) => store.list(prefix.slice(0, -1), signal) }),
  'values are trimmed': (store) =>
    altered(store, {
      write: (conditions, changes, signal) =>
        store.write(
          conditions,
          changes.map((change) => (change.type === 'put' ? { ...change, value: change.value.trim() } : change)),
          signal,
        ),
    }),
  'a lease ends too early': (store) => altered(store, { grant: (ttlMs, signal) => store.grant(Math.ceil(ttlMs / 2), signal) }),
  'a lease does not end': (store) => altered(store, { grant: (_, signal) => store.grant(86_400_000, signal) }),
  'a renewal does nothing': (store) => {
    const leases = new Set<string>()
    return altered(store, {
      async grant(ttlMs, signal) {
        const lease = await store.grant(ttlMs, signal)
        leases.add(lease)
        return lease
      },
      renew: async (lease, signal) => (lease === '4' || signal !== undefined ? store.renew(lease, signal) : true),
    })
  },
  'a renewal revives': (store) => altered(store, { renew: async (lease, signal) => (await store.renew(lease, signal)) || true }),
  'a revoked lease leaves its keys': (store) => altered(store, { revoke: async (_, signal) => signal?.throwIfAborted() }),
  'a write under a lease that has ended is done without it': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const write = await store.write(conditions, changes, signal)
        if (write.done || !write.leaseEnded) return write
        return store.write(
          conditions,
          changes.map((change) => (change.type === 'put' ? { type: 'put', key: change.key, value: change.value } : change)),
          signal,
        )
      },
    }),
  'an ended lease is told as a condition': (store) =>
    altered(store, {
      async write(conditions, changes, signal) {
        const write = await store.write(conditions, changes, signal)
        return write.done ? write : { ...write, leaseEnded: false }
      },
    }),
  'a key falls with the lease of an earlier write': (store) => {
    const first = new Map<string, string>()
    return altered(store, {
      write(conditions, changes, signal) {
        for (const change of changes) {
          if (change.type === 'put' && change.lease !== undefined && !first.has(change.key)) first.set(change.key, change.lease)
        }
        return store.write(
          conditions,
          changes.map((change) => {
            const lease = first.get(change.key)
            return change.type === 'put' && lease !== undefined ? { ...change, lease } : change
          }),
          signal,
        )
      },
    })
  },
  'a watch does not begin with `lost`': sifted((event, tell) => event.type !== 'lost' && tell(event)),
  'a watch is not told of deletes': sifted((event, tell) => event.type !== 'delete' && tell(event)),
  'a watch is told twice': sifted((event, tell) => {
    tell(event)
    if (event.type === 'put') tell(event)
  }),
  'a watch is told of everything': (store) => altered(store, { watch: (_, listener) => store.watch('', listener) }),
  'a watch that was ended is told on': (store) =>
    altered(store, {
      watch(prefix, listener) {
        store.watch(prefix, listener)
        return () => {}
      },
    }),
  'a closed store works on': (store) => altered(store, { close: async () => {} }),
  'a signal is not looked at': (store) =>
    altered(store, { write: (conditions, changes) => store.write(conditions, changes), get: (key) => store.get(key) }),
  'lost data has the name of the life before': (store) => altered(store, { life: async (signal) => (signal?.throwIfAborted(), 'life') }),
  'each client has a name of its own for the life': (store) => {
    let calls = 0
    return altered(store, { life: async (signal) => `${await store.life(signal)}${++calls}` })
  },
}
