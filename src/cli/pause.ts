/** Every wait of a command ends when the command does. */
import { setTimeout } from 'node:timers/promises'

/** Resolves after `ms` milliseconds, or when the signal is aborted. Never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await setTimeout(ms, undefined, { signal }).catch(() => {})
}

/** A number drawn evenly from `least` to `most`. */
export function between(least: number, most: number): number {
  return least + Math.random() * (most - least)
}

/** True in a share `p` of all cases. */
export function chance(p: number): boolean {
  return Math.random() < p
}

/** One of some things; undefined where there is none. */
export function anyOf<T>(things: readonly T[]): T | undefined {
  return things[Math.floor(Math.random() * things.length)]
}
