/** Concurrent histories of claims: several callers read, claim and release one key at once, and what they were told must have an order. */
import type { FleetStore, StoreEntry } from '../store.ts'
import { isLinearizable, type KeyCall } from './linearizable.ts'
import { as, check, del, put, type Row } from './party.ts'

const CALLERS = 6
const CALLS = 8
const HISTORIES = 4

/** Claims at once. */
export const HISTORY_ROWS: readonly Row[] = [
  {
    title: 'concurrent histories of claims have an order in which every answer is right',
    async run({ a, b, prefix }) {
      for (let seed = 1; seed <= HISTORIES; seed++) {
        const history = await claims([a, b], `${prefix}${seed}`, seed)
        check(isLinearizable(history), `no order of these calls explains their answers: ${JSON.stringify(history)}`)
      }
    },
  },
]

/**
 * Has callers at several clients read, claim and release one key, by a seed, and tells what each was told, and when: before and
 * after are counted, not timed.
 */
export async function claims(stores: readonly FleetStore[], key: string, seed: number): Promise<readonly KeyCall[]> {
  const history: KeyCall[] = []
  let instant = 0
  let written = 0
  let random = seed
  const next = (most: number): number => {
    // Numerical Recipes' linear congruence: its high bits are good enough to choose between three calls.
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((random / 2 ** 32) * most)
  }
  const caller = async (store: FleetStore): Promise<void> => {
    let known: StoreEntry | undefined
    for (let i = 0; i < CALLS; i++) {
      const madeAt = instant++
      const kind = next(4)
      if (kind === 0) {
        const answer = await store.get(key).then(
          (entry) => {
            known = entry
            return { done: false as const, value: entry?.value }
          },
          () => undefined,
        )
        history.push({ madeAt, answeredAt: answer === undefined ? Infinity : instant++, call: { type: 'read' }, answer })
        continue
      }
      const value = kind === 1 && known !== undefined ? undefined : `v${++written}`
      const expected = known
      const answer = await store.write([as(key, expected)], [value === undefined ? del(key) : put(key, value)]).then(
        (write) => {
          if (!write.done) known = write.found[0]
          else known = value === undefined ? undefined : { key, value, revision: write.revision, lease: undefined }
          return write.done ? { done: true as const, revision: write.revision } : { done: false as const, value: known?.value }
        },
        () => undefined,
      )
      const call = { type: 'cas' as const, expected: expected?.value, next: value }
      history.push({ madeAt, answeredAt: answer === undefined ? Infinity : instant++, call, answer })
    }
  }
  await Promise.all(Array.from({ length: CALLERS }, (_, i) => caller(stores[i % stores.length]!)))
  return history
}
