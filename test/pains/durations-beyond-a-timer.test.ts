/** A wait that is longer than the platform's timers take is reached in steps, never at once. */
import { expect, test, vi } from 'vitest'
import { LONGEST_WAIT_MS, steppedTimers } from '../../src/clock.ts'
import { ConnectionManager, type Clock } from '../../src/index.ts'
import { scripted, VirtualClock } from '../../src/testing/index.ts'

const LONG = 3 * LONGEST_WAIT_MS + 5

/** A clock that does as Node does: what is too long for a timer is 1 ms. */
function nodeLike(virtual: VirtualClock): Clock & { readonly asked: number[] } {
  const asked: number[] = []
  return {
    asked,
    now: () => virtual.now(),
    setTimeout(f, ms) {
      asked.push(ms)
      return virtual.setTimeout(f, ms > LONGEST_WAIT_MS ? 1 : ms)
    },
    clearTimeout: (id) => virtual.clearTimeout(id),
  }
}

test('a stepped timer is due when it should be, and is cleared at every step', () => {
  const virtual = new VirtualClock()
  const clock = steppedTimers(nodeLike(virtual))
  const due = vi.fn<() => void>()
  clock.setTimeout(due, LONG)
  const cleared = clock.setTimeout(due, LONG)
  virtual.advance(LONGEST_WAIT_MS + 1)
  clock.clearTimeout(cleared)
  virtual.advance(LONG - LONGEST_WAIT_MS - 2)
  expect(due).not.toHaveBeenCalled()
  virtual.advance(1)
  expect(due).toHaveBeenCalledTimes(1)
  expect(virtual.pending).toBe(0)
})

test('metrics.sampleMs beyond a timer does not spin, on a clock of the app either', async () => {
  const virtual = new VirtualClock()
  const clock = nodeLike(virtual)
  const manager = new ConnectionManager(2, { transport: scripted(), clock, metrics: { sampleMs: LONG } })
  const seen: number[] = []
  manager.metrics$.subscribe(({ at }) => seen.push(at))
  virtual.advance(LONG - 1)
  expect(seen).toHaveLength(1)
  expect(Math.max(...clock.asked)).toBeLessThanOrEqual(LONGEST_WAIT_MS)
  virtual.advance(1)
  expect(seen).toHaveLength(2)
  await manager.shutdown()
})
