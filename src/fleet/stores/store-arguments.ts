/** The arguments of a store's calls: what no engine can do is refused by every engine alike, before it is asked. */
import type { StoreChange, StoreCondition, StoreEntry } from '../store.ts'

/** The longest lease, in milliseconds: a day. */
const LONGEST_LEASE_MS = 86_400_000

/**
 * @throws TypeError when a key is empty, no well-formed text, or changed twice
 * @throws RangeError when a revision is no number of a write
 */
export function assertWrite(conditions: readonly StoreCondition[], changes: readonly StoreChange[]): void {
  for (const { key, revision } of conditions) {
    assertKey(key)
    if (!Number.isSafeInteger(revision) || revision < 0) throw new RangeError(`a revision is a whole number from 0 on, got ${revision}`)
  }
  const changed = new Set<string>()
  for (const change of changes) {
    assertKey(change.key)
    if (changed.has(change.key)) throw new TypeError(`the key '${change.key}' is changed twice in one write`)
    changed.add(change.key)
    if (change.type === 'put' && !isWellFormed(change.value)) {
      throw new TypeError(`the value of '${change.key}' must be well-formed text`)
    }
  }
}

/** @throws TypeError when no engine could hold the key */
export function assertKey(key: string): void {
  if (!isWellFormed(key) || key === '') throw new TypeError('a key is well-formed text and not empty')
}

/** @throws RangeError when it is no length of a lease */
export function assertTtl(ttlMs: number): void {
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1 || ttlMs > LONGEST_LEASE_MS) {
    throw new RangeError(`ttlMs must be a whole number of milliseconds from 1 to ${LONGEST_LEASE_MS}, got ${ttlMs}`)
  }
}

/** The order of `list`, the same in every engine: by UTF-16 code units, as `<` compares. */
export function byKey(a: StoreEntry, b: StoreEntry): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0
}

/** A lone surrogate would come back as another character, or as another key. */
function isWellFormed(text: unknown): boolean {
  return typeof text === 'string' && !/\p{Surrogate}/u.test(text)
}
