/** A batch of a tick: whatever asks is called once at the end of this tick, all of them from one callback. */

/** Something that gathers what is written in one tick. */
export interface Flushable {
  flush(): void
}

// A callback each would cost a tenth of a small message.
const waiting: Flushable[] = []

/** Calls `flush` after the running callback, before anything else of the event loop. Whoever asks twice is called twice. */
export function atEndOfTick(flushable: Flushable): void {
  if (waiting.push(flushable) === 1) process.nextTick(flushAll)
}

function flushAll(): void {
  for (const flushable of waiting) flushable.flush()
  waiting.length = 0
}
