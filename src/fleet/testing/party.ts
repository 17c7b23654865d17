/** A row of the suite of stores: what a store must do, and what it is tried with. */
import type { FleetStore, StoreEntry, StoreEvent, StoreWrite } from '../store.ts'

/** One promise of a store, and how it is tried. */
export interface Row {
  readonly title: string
  /** What the setup must offer for it to be tried. */
  readonly needs?: 'loseData'
  run(party: Party): Promise<void>
}

/** What a row is tried with: two clients of the same data, keys of its own, and time. */
export interface Party {
  readonly a: FleetStore
  readonly b: FleetStore
  /** The length of a lease that is meant to end, in milliseconds; one that is meant to last lasts {@link LONG_MS}. */
  readonly leaseMs: number
  /** How long past its time a lease, or the news of a change, may take, in milliseconds. */
  readonly lateMs: number
  /** A prefix that no other row uses. */
  readonly prefix: string
  now(): number
  wait(ms: number): Promise<void>
  /** Closes what a row opens, when it is over. */
  atEnd(close: () => unknown): void
  loseData(): Promise<void>
}

/** The length of a lease that is meant to last, in milliseconds. */
export const LONG_MS = 600_000

/** Throws unless something holds. */
export function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what)
}

/** Throws unless two plain values are the same. */
export function checkSame(is: unknown, should: unknown, what: string): void {
  const [one, other] = [JSON.stringify(is), JSON.stringify(should)]
  check(one === other, `${what} should be ${other}, and is ${one}`)
}

/** The revision of a write that must have been done. */
export function done(write: StoreWrite, what: string): number {
  check(write.done, `${what} should have been done`)
  return write.revision
}

/** Throws unless a write was refused. */
export function refused(write: StoreWrite, what: string): Extract<StoreWrite, { done: false }> {
  check(!write.done, `${what} should have been refused`)
  return write
}

/** Asks again and again until something holds. */
export async function until(p: Party, what: string, withinMs: number, holds: () => Promise<boolean> | boolean): Promise<void> {
  const end = p.now() + withinMs
  while (!(await holds())) {
    check(p.now() < end, `${what}: not within ${withinMs} ms`)
    await p.wait(Math.min(20, withinMs / 10))
  }
}

/** What a watch is told, and a wait for its first `lost`. */
export async function watching(p: Party, store: FleetStore, prefix: string): Promise<{ told: StoreEvent[]; stop: () => void }> {
  const told: StoreEvent[] = []
  const stop = store.watch(prefix, (event) => told.push(event))
  p.atEnd(stop)
  await until(p, 'the first `lost` of a watch, once it stands', p.lateMs, () => told.length > 0)
  checkSame(told[0], { type: 'lost' }, 'what a watch is told first')
  return { told, stop }
}

/** A change that puts. */
export function put(key: string, value: string, lease?: string) {
  return { type: 'put' as const, key, value, ...(lease === undefined ? {} : { lease }) }
}

/** A change that deletes. */
export function del(key: string) {
  return { type: 'delete' as const, key }
}

/** A condition: the key is as this entry has it, or absent. */
export function as(key: string, entry?: StoreEntry) {
  return { key, revision: entry?.revision ?? 0 }
}
