/** The log holds the latest 500 moves, the newest first, and stands still while it is paused. */
import { signal } from '@preact/signals'
import type { LogEntry } from '../../wire.ts'
import { inNextFrame } from './frame.ts'

const ROOM = 500
/** How often the log is shown anew at most, in milliseconds: faster than that nobody reads. */
const EVERY = 200

/** The moves that are shown, the newest first. */
export const logged = signal<readonly LogEntry[]>([])
/** Whether the log stands still. */
export const isPaused = signal(false)
/** How many moves happened while it stood still. */
export const missed = signal(0)
/** How many moves were too many for the log since the page began. */
export const skipped = signal(0)

let newest: LogEntry[] = []
let tooMany = 0
let shownAt = -Infinity

/** Takes in what a batch tells, the oldest first. */
export function keepLog(entries: readonly LogEntry[], more: number): void {
  tooMany += more
  if (isPaused.value) missed.value += entries.length + more
  if (entries.length === 0 && more === 0) return
  newest = [...entries.toReversed(), ...newest].slice(0, ROOM)
  inNextFrame(show)
}

/** Begins anew. */
export function clearLog(): void {
  newest = []
  tooMany = 0
  missed.value = 0
  logged.value = []
  skipped.value = 0
}

/** Lets the log stand still, or go on. */
export function pauseLog(paused: boolean): void {
  isPaused.value = paused
  missed.value = 0
  shownAt = -Infinity
  inNextFrame(show)
}

function show(): void {
  if (isPaused.value || logged.value === newest) return
  if (performance.now() - shownAt < EVERY) return inNextFrame(show)
  shownAt = performance.now()
  logged.value = newest
  skipped.value = tooMany
}
