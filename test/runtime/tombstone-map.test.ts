/** Maps whose keys come and go behave as a `Map`, keep few keys that are gone, and delete none that comes back. */
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { LinkedMap } from '../../src/runtime/collections/linked-map.ts'
import { TombstoneMap } from '../../src/runtime/collections/tombstone-map.ts'

afterEach(() => vi.restoreAllMocks())

/** What is done with a map: keys of a few, so that they come back, and of many, so that some are forgotten. */
const steps = fc.array(
  fc.record({
    key: fc.oneof(fc.nat(5), fc.nat(500)),
    does: fc.constantFrom('set', 'set', 'delete', 'delete', 'clear'),
    value: fc.nat(9),
  }),
  { maxLength: 400, size: 'max' },
)

describe('TombstoneMap', () => {
  test('answers as a Map does', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const model = new Map<number, number>()
        const map = new TombstoneMap<number, number>()
        for (const { key, does, value } of all) {
          if (does === 'set') expect(map.set(key, model.set(key, value).get(key)!)).toBe(map)
          else if (does === 'delete') expect(map.delete(key)).toBe(model.delete(key))
          else if (value === 0) {
            map.clear()
            model.clear()
          }
          expect([map.size, map.get(key), map.has(key)]).toEqual([model.size, model.get(key), model.has(key)])
        }
        expect(new Map(map)).toEqual(model)
        expect(new Set(map.keys())).toEqual(new Set(model.keys()))
        const sorted = (values: Iterable<number>): number[] => [...values].toSorted((a, b) => a - b)
        expect(sorted(map.values())).toEqual(sorted(model.values()))
      }),
    )
  })

  test('keeps at most as many keys that are gone as there are keys, and 64 where there are fewer', () => {
    const deleted = vi.spyOn(Map.prototype, 'delete')
    const map = new TombstoneMap<number, true>()
    for (let key = 0; key < 1_000; key++) map.set(key, true)
    for (let key = 0; key < 1_000; key++) {
      map.delete(key)
      const gone = key + 1 - deleted.mock.calls.length
      expect(gone).toBeLessThanOrEqual(Math.max(64, map.size))
    }
    expect([map.size, [...map]]).toEqual([0, []])
  })

  test('never deletes the entry of a key that comes back at once', () => {
    const map = new TombstoneMap<string, true>()
    for (let n = 0; n < 1_000; n++) map.set(`other ${n}`, true)
    const deleted = vi.spyOn(Map.prototype, 'delete')
    for (let n = 0; n < 10_000; n++) {
      map.set(`one ${n % 64}`, true)
      map.delete(`one ${n % 64}`)
    }
    expect([deleted.mock.calls.length, map.size]).toEqual([0, 1_000])
  })

  test('may be changed while it is walked through', () => {
    const map = new TombstoneMap<number, number>()
    for (let key = 0; key < 300; key++) map.set(key, key)
    const seen: number[] = []
    for (const [key] of map) {
      seen.push(key)
      map.delete(key)
      if (key < 10) map.set(1_000 + key, key)
    }
    expect(seen).toEqual([...Array.from({ length: 300 }, (_, key) => key), ...Array.from({ length: 10 }, (_, key) => 1_000 + key)])
    expect(map.size).toBe(0)
  })
})

describe('LinkedMap', () => {
  test('answers as a Map does, and knows the key that came first', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const model = new Map<number, number>()
        const map = new LinkedMap<number, number>()
        for (const { key, does, value } of all) {
          if (does === 'set') map.set(key, model.set(key, value).get(key)!)
          else if (does === 'delete') expect(map.delete(key)).toBe(model.delete(key))
          else if (value === 0) {
            map.clear()
            model.clear()
          }
          const [first] = model.keys()
          expect([map.size, map.first, map.get(key), map.has(key)]).toEqual([model.size, first, model.get(key), model.has(key)])
        }
        for (const key of model.keys()) {
          expect(map.first).toBe(key)
          map.delete(key)
        }
        expect(map.size).toBe(0)
      }),
    )
  })
})
