/** Pings that leave when `nextPingAt` says leave in turn, and never more often than the budget allows. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextPingAt, PINGS_PER_SECOND } from '../../machines/policy/pinging.ts'

/** When links fall due, in order, many of them at once. */
const dues = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 20 })), {
    minLength: PINGS_PER_SECOND,
    maxLength: 5 * PINGS_PER_SECOND,
    size: 'max',
  })
  .map((gaps) => gaps.reduce<number[]>((times, gap) => [...times, (times.at(-1) ?? 0) + gap], []))

describe('nextPingAt', () => {
  test('no more than the budget leave within any second', () => {
    fc.assert(
      fc.property(dues, (times) => {
        const sent = sendAll(times)
        for (let i = PINGS_PER_SECOND; i < sent.length; i++) {
          expect(sent[i]! - sent[i - PINGS_PER_SECOND]!).toBeGreaterThanOrEqual(1_000)
        }
      }),
      { numRuns: 30 },
    )
  })

  test('none leaves before it is due, nor later than the budget makes it', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.option(fc.nat(10_000), { nil: undefined }), (due, oldest) => {
        const at = nextPingAt(due, oldest)
        expect(at).toBeGreaterThanOrEqual(due)
        expect(oldest === undefined ? at === due : at === due || at === oldest + 1_000).toBe(true)
      }),
    )
  })

  test('they leave in the order in which they fall due', () => {
    fc.assert(
      fc.property(dues, (times) => {
        const sent = sendAll(times)
        expect(sent).toEqual(sent.toSorted((a, b) => a - b))
      }),
      { numRuns: 30 },
    )
  })
})

function sendAll(times: readonly number[]): number[] {
  const sent: number[] = []
  for (const due of times) sent.push(nextPingAt(due, sent.at(-PINGS_PER_SECOND)))
  return sent
}
