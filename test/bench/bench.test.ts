/** A benchmark says what was measured, and every contender does the work that it is timed for. */
import { describe, expect, test } from 'vitest'
import { slope, summary } from './statistics.mjs'
import { tinyRound, workloads } from './tiny-rounds.ts'
import { figure, judged, rowsOf, tableOf } from './table.mjs'

test.each(workloads(false))('%s: every contender does a tiny round, and all of its work', tinyRound)

describe('what rounds amount to', () => {
  test('the median of an odd number is the middle one, of an even number the mean of the two', () => {
    expect(summary([9, 1, 5])).toMatchObject({ min: 1, median: 5, max: 9 })
    expect(summary([9, 1, 5, 7])).toMatchObject({ median: 6 })
    expect(summary([])).toEqual({ samples: [] })
  })

  test('the slope of a line is found, with no error; of noise about a level it is within its error', () => {
    expect(slope([1, 2, 3, 4].map((x) => [x, 3 * x + 7] as const))).toMatchObject({ value: expect.closeTo(3), error: expect.closeTo(0) })
    const { value, error } = slope([5, 7, 4, 6, 5, 7, 4, 6].map((y, x) => [x, y] as const))
    expect(Math.abs(value)).toBeLessThan(2 * error)
  })
})

describe('the table', () => {
  const part = { name: 'work', unit: 'µs' }
  const measured = (name: string, median: number) => ({ name, min: median, median, max: median })

  test('a ratio says how many times better ours is, whichever way better is', () => {
    const bar = { atLeast: 2 }
    const less = judged('w', part, [measured('ours', 2), { ...measured('theirs', 6), bar }])
    const more = judged('w', { ...part, more: true }, [measured('ours', 2), { ...measured('theirs', 6), bar }])
    expect(less.contenders[1]).toMatchObject({ ratio: 3, isMet: true })
    expect(more.contenders[1]).toMatchObject({ ratio: expect.closeTo(1 / 3), isMet: false })
  })

  test('what lies beyond all noise is told apart from a bar that is not met', () => {
    const crowd = (median: number) => ({
      ...measured('crowd', median),
      bar: { atMost: 1.3, hopeless: 3 },
      ratio: (results: Record<string, { min?: number }>) => results['crowd']!.min! / results['none']!.min!,
    })
    const [, busy] = judged('w', part, [measured('none', 1), crowd(2)]).contenders
    const [, wrong] = judged('w', part, [measured('none', 1), crowd(4)]).contenders
    expect(busy).toMatchObject({ isMet: false, isHopeless: false })
    expect(wrong).toMatchObject({ isMet: false, isHopeless: true })
  })

  test('a bar that nothing was measured against is neither met nor missed', () => {
    const rows = rowsOf(
      judged('w', part, [
        { name: 'ours', missing: 'not there yet' },
        { ...measured('theirs', 6), bar: { atLeast: 2 } },
      ]),
    )
    expect(tableOf(rows)).toContain('not there yet')
    expect(rows[1]).toMatchObject({ bar: '≥ 2', '': '' })
  })

  test('figures have three digits that count', () => {
    expect([0.01234, 1.2345, 12.345, 123.45, 12_345].map(figure)).toEqual(['0.012', '1.23', '12.3', '123', '12,345'])
  })
})
