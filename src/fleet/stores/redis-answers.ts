/** The answers of the script of the Redis store, read; what is no answer of it is refused. */
import type { StoreEntry, StoreEvent, StoreWrite } from '../store.ts'
import { byKey } from './store-arguments.ts'

/** What every answer begins with, and the rest of it. */
export interface RedisAnswer {
  readonly life: string
  readonly revision: number
  readonly rest: readonly unknown[]
}

/** @throws Error when it is none */
export function readAnswer(answer: unknown): RedisAnswer {
  if (!Array.isArray(answer)) throw new Error('an answer that is none of ours')
  const [life, revision, ...rest] = answer as unknown[]
  if (typeof life !== 'string' || !Number.isSafeInteger(Number(revision))) throw new Error('an answer that is none of ours')
  return { life, revision: Number(revision), rest }
}

/** Entries as `key, packed, key, packed`. */
export function readEntries(flat: unknown): readonly StoreEntry[] {
  const parts = Array.isArray(flat) ? (flat as unknown[]).map(String) : []
  const entries: StoreEntry[] = []
  for (let i = 0; i + 1 < parts.length; i += 2) entries.push(unpacked(parts[i]!, parts[i + 1]!))
  return entries.toSorted(byKey)
}

/** How a write went. */
export function readWrite([kind, ...rest]: readonly unknown[]): StoreWrite {
  if (kind === 'done') return { done: true, revision: Number(rest[0]) }
  return { done: false, leaseEnded: rest[0] === '1', found: readEntries(rest[1]) }
}

/** What was published: the revision, and its events; undefined: another life began. @throws Error when it is no message of ours */
export function readMessage(message: string): {
  readonly revision: number
  readonly events: readonly (readonly [string, StoreEvent])[] | undefined
} {
  const end = message.indexOf('\n')
  const revision = Number(message.slice(0, end))
  const text = message.slice(end + 1)
  if (text === 'lost') return { revision, events: undefined }
  const changes = JSON.parse(text) as readonly (readonly [key: string, value?: string, lease?: string])[]
  const events = changes.map(([key, value, lease]): readonly [string, StoreEvent] => {
    if (value === undefined) return [key, { type: 'delete', key, revision }]
    return [key, { type: 'put', entry: { key, value, revision, lease: leaseOf(lease) } }]
  })
  return { revision, events }
}

function unpacked(key: string, packed: string): StoreEntry {
  const [revision, lease] = packed.split(' ', 2)
  const value = packed.slice(revision!.length + lease!.length + 2)
  return { key, value, revision: Number(revision), lease: leaseOf(lease) }
}

function leaseOf(told: string | undefined): string | undefined {
  return told === '-' ? undefined : told
}
