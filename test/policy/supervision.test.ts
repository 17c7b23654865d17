/** At most five restarts count in any ten seconds, and what is kept of them is bounded. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mayRestart, restartsAt } from '../../machines/policy/supervision.ts'

describe('supervision intensity', () => {
  test('a peer may restart exactly while at most five crashes lie within the last ten seconds', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(50), fc.nat(4_000), fc.nat(20_000)), { maxLength: 60 }), (pauses) => {
        let restarts: readonly number[] = []
        const crashes: number[] = []
        let at = 0
        for (const pause of pauses) {
          at += pause
          crashes.push(at)
          restarts = restartsAt(restarts, at)
          expect(mayRestart(restarts)).toBe(crashes.filter((crash) => at - crash < 10_000).length <= 5)
          expect(restarts.length).toBeLessThanOrEqual(6)
        }
      }),
    )
  })
})
