/** A store in memory by the virtual clock: leases end at their instant, and watches hear of it. */
import { memoryStore, type StoreEvent } from 'qudag-connections/fleet'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'

describe('a store in memory', () => {
  test('ends a lease at its instant and not before, with all keys under it, and tells the watches', async () => {
    const clock = new VirtualClock()
    const store = memoryStore({ clock })
    const told: StoreEvent[] = []
    store.watch('a/', (event) => told.push(event))
    const lease = await store.grant(1_000)
    await store.write([], [put('a/1', lease), put('a/2', lease), put('b/1', lease), put('a/3')])
    await flush()
    told.length = 0

    clock.advance(999)
    expect(await store.list('')).toHaveLength(4)
    expect(await store.renew(lease)).toBe(true)
    clock.advance(999)
    await flush()
    expect(told).toEqual([])
    clock.advance(1)
    await flush()

    expect(told).toMatchObject([
      { type: 'delete', key: 'a/1' },
      { type: 'delete', key: 'a/2' },
    ])
    expect((await store.list('')).map(({ key }) => key)).toEqual(['a/3'])
    expect(await store.renew(lease)).toBe(false)
    expect(clock.pending).toBe(0)
  })

  test('that loses its data begins another life with higher revisions, and its leases are gone', async () => {
    const clock = new VirtualClock()
    const store = memoryStore({ clock })
    const told: StoreEvent[] = []
    store.watch('', (event) => told.push(event))
    const lease = await store.grant(1_000)
    const [life, write] = [await store.life(), await store.write([], [put('a', lease)])]
    await flush()
    told.length = 0

    store.forget()
    await flush()

    expect(told).toEqual([{ type: 'lost' }])
    expect(await store.life()).not.toBe(life)
    expect(await store.renew(lease)).toBe(false)
    expect(await store.get('a')).toBe(undefined)
    const again = await store.write([], [put('a')])
    expect(again.done && write.done && again.revision > write.revision).toBe(true)
  })

  test('lets a listener write, or end its watch, and the others hear all the same', async () => {
    const store = memoryStore({ clock: new VirtualClock() })
    const first: string[] = []
    const second: string[] = []
    const stop = store.watch('', (event) => {
      first.push(event.type)
      if (event.type !== 'put') return
      stop()
      void store.write([], [{ type: 'delete', key: 'a' }])
    })
    store.watch('', ({ type }) => second.push(type))

    await store.write([], [put('a')])
    await flush()

    expect(first).toEqual(['lost', 'put'])
    expect(second).toEqual(['lost', 'put', 'delete'])
  })
})

function put(key: string, lease?: string) {
  return { type: 'put' as const, key, value: 'x', ...(lease === undefined ? {} : { lease }) }
}
