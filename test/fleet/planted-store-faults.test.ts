/** The suite of stores can fail: each planted fault is a store that breaks one promise, and some row says so. */
import type { FleetStore } from 'qudag-connections/fleet'
import { memoryStore } from 'qudag-connections/fleet'
import { testFleetStore } from 'qudag-connections/fleet/testing'
import { flush, VirtualClock } from 'qudag-connections/testing'
import { describe, expect, test } from 'vitest'
import { isLinearizable, type KeyCall } from '../../src/fleet/testing/linearizable.ts'
import { PLANTED } from './planted-stores.ts'

describe('the suite of stores', () => {
  test('finds nothing in a store without a fault', async () => {
    expect(await failures((store) => store)).toEqual([])
  })

  test.each(Object.entries(PLANTED))('finds that %s', async (_title, plant) => {
    expect(await failures(plant)).not.toEqual([])
  })
})

describe('the search for an order', () => {
  const cas = (madeAt: number, answeredAt: number, expected: string | undefined, next: string, answer: KeyCall['answer']): KeyCall => ({
    madeAt,
    answeredAt,
    call: { type: 'cas', expected, next },
    answer,
  })
  const done = (revision: number) => ({ done: true as const, revision })
  const found = (value: string | undefined) => ({ done: false as const, value })
  const read = (madeAt: number, answeredAt: number, value: string | undefined): KeyCall => ({
    madeAt,
    answeredAt,
    call: { type: 'read' },
    answer: found(value),
  })

  test.each<[string, boolean, KeyCall[]]>([
    ['two claims of an absent key, both won', false, [cas(0, 3, undefined, 'x', done(1)), cas(1, 2, undefined, 'y', done(2))]],
    ['two claims at once, one told of the other', true, [cas(0, 3, undefined, 'x', done(1)), cas(1, 2, undefined, 'y', found('x'))]],
    ['a loser who is told of a claim made later', false, [cas(0, 1, undefined, 'y', found('x')), cas(2, 3, undefined, 'x', done(1))]],
    ['a read of what was replaced before', false, [cas(0, 1, undefined, 'x', done(1)), cas(2, 3, 'x', 'y', done(2)), read(4, 5, 'x')]],
    ['a read at once with the write that it does not see', true, [cas(0, 3, undefined, 'x', done(1)), read(1, 2, undefined)]],
    ['revisions that do not grow', false, [cas(0, 1, undefined, 'x', done(2)), cas(2, 3, 'x', 'y', done(1))]],
    [
      'a write without an answer that was done',
      true,
      [cas(0, Infinity, undefined, 'x', undefined), read(1, 2, undefined), read(3, 4, 'x')],
    ],
    ['a write without an answer that never was', true, [cas(0, Infinity, undefined, 'x', undefined), read(1, 2, undefined)]],
    ['a value that nobody wrote', false, [read(1, 2, 'x')]],
  ])('%s: %s', (_title, holds, history) => {
    expect(isLinearizable(history)).toBe(holds)
  })
})

/** What the suite says of a store in memory whose clients have a fault. */
async function failures(plant: (store: FleetStore, clock: VirtualClock) => FleetStore): Promise<readonly string[]> {
  const clock = new VirtualClock()
  const rows: (readonly [string, () => Promise<void>])[] = []
  testFleetStore(
    {
      name: 'planted',
      losesData: true,
      leaseMs: 500,
      lateMs: 2_000,
      now: () => clock.now(),
      wait: (ms) => {
        clock.advance(ms)
        return flush()
      },
      open: () => {
        const store = memoryStore({ clock })
        return { clients: [plant(store, clock), plant(store.client(), clock)], loseData: () => store.forget() }
      },
    },
    { describe: (_name, body) => body(), test: (title, body) => void rows.push([title, body]) },
  )
  const failed: string[] = []
  for (const [title, body] of rows) await body().catch((error: Error) => failed.push(`${title}: ${error.message}`))
  return failed
}
