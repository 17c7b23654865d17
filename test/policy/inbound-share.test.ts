/** Inbound links have their share and no more, and pooled ones yield when it shrinks. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { excessInbound, inboundCeiling } from '../../machines/policy/inbound-share.ts'

const maxima = fc.integer({ min: 1, max: 1_000_000 })

describe('inboundCeiling', () => {
  test('is 80 % rounded down, and at least one', () => {
    fc.assert(
      fc.property(maxima, (max) => {
        const ceiling = inboundCeiling(max, undefined)
        expect(ceiling).toBe(max === 1 ? 1 : Number((BigInt(max) * 8n) / 10n))
        if (max > 1) expect(ceiling).toBeLessThan(max)
      }),
    )
    expect([1, 2, 3, 4, 5, 10, 100].map((max) => inboundCeiling(max, undefined))).toEqual([1, 1, 2, 3, 4, 8, 80])
  })

  test('is what was asked for, 0 too, and never more than there are slots', () => {
    fc.assert(
      fc.property(maxima, fc.nat(2_000_000), (max, asked) => {
        expect(inboundCeiling(max, asked)).toBe(Math.min(max, asked))
      }),
    )
  })
})

describe('excessInbound', () => {
  test('when so many have yielded the share holds, or none is left that could; and none yields in vain', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), (active, idle, ceiling) => {
        const held = active + idle
        const excess = excessInbound(held, idle, ceiling)
        expect(excess >= 0 && excess <= idle).toBe(true)
        expect(held - excess <= ceiling || excess === idle).toBe(true)
        if (excess > 0) expect(held - excess).toBeGreaterThanOrEqual(ceiling)
      }),
    )
  })
})
