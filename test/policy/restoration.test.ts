import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { restoredBreaker, restoredPause } from '../../machines/policy/restoration.ts'

const pacing = { baseMs: 1_000, maxMs: 60_000 }
const breakerPolicy = { failures: 5, openMs: 30_000, maxOpenMs: 300_000 }

describe('what is remembered from an earlier run', () => {
  test('a peer that paused goes on pausing, never longer than any pause may be', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1e9 }),
        fc.integer({ min: 0, max: 1e9 }),
        fc.double({ min: 0, max: 0.999 }),
        (until, now, r) => {
          expect(restoredPause(until, now, r, pacing)).toBe(Math.min(60_000, Math.max(0, until - now)))
        },
      ),
    )
  })

  test('a peer that did not pause is drawn into the first pause', () => {
    expect(restoredPause(undefined, 5, 0.25, pacing)).toBe(250)
    expect(restoredPause(undefined, 5, 0.5, { baseMs: 1_000, maxMs: 100 })).toBe(50)
  })

  test('a breaker stands as it stood, open no longer than it may be, and probes nobody', () => {
    expect(restoredBreaker({ failures: 0, opened: 0, openUntil: 0 }, 7, breakerPolicy)).toBe(undefined)
    expect(restoredBreaker({ failures: 3, opened: 0, openUntil: 0 }, 7, breakerPolicy)).toEqual({
      failures: 3,
      opened: 0,
      openUntil: 0,
      isProbing: false,
    })
    expect(restoredBreaker({ failures: 9, opened: 2, openUntil: 1e9 }, 7, breakerPolicy)?.openUntil).toBe(300_007)
    expect(restoredBreaker({ failures: 9, opened: 2, openUntil: 70 }, 7, breakerPolicy)?.openUntil).toBe(70)
  })
})
