/** Keeps one thing true: `decideAdmission` gives out slots as its sentences say, for every number that there can be. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AdmissionView, decideAdmission } from '../../machines/policy/admission.ts'

const limits = fc.integer({ min: 1, max: 12 })
/** Small numbers, so that a limit is met exactly about as often as it is missed. Of the links held, some are idle. */
const views: fc.Arbitrary<AdmissionView> = fc
  .record({ legal: fc.boolean(), needsSlot: fc.boolean(), held: fc.nat(14), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ part, ...view }) => ({ ...view, idle: Math.round(view.held * part) }))
const asking = views.map((view) => ({ ...view, legal: true, needsSlot: true }))

describe('decideAdmission', () => {
  test('what the peer’s state forbids is forbidden, whatever slots there are', () => {
    fc.assert(
      fc.property(views, limits, (view, limit) => {
        expect(decideAdmission({ ...view, legal: false }, limit)).toEqual({ kind: 'forbid' })
        expect(decideAdmission({ ...view, legal: true }, limit).kind).not.toBe('forbid')
      }),
    )
  })

  test('who is in a slot, or needs none, joins, even above the limit', () => {
    fc.assert(
      fc.property(views, limits, (view, limit) => {
        expect(decideAdmission({ ...view, legal: true, needsSlot: false }, limit)).toEqual({ kind: 'join' })
      }),
    )
  })

  test('a link is admitted only into a free slot', () => {
    fc.assert(
      fc.property(asking, limits, (view, limit) => {
        expect(decideAdmission(view, limit).kind === 'admit').toBe(view.held < limit)
      }),
    )
  })

  test('after an admission, or an eviction and the admission that follows it, the limit still holds', () => {
    fc.assert(
      fc.property(asking, limits, (view, limit) => {
        const { kind } = decideAdmission(view, limit)
        const room = kind === 'evict' ? 1 : 0
        if (kind === 'admit' || kind === 'evict') expect(view.held - room + 1).toBeLessThanOrEqual(limit)
      }),
    )
  })

  test('a pooled link yields when there is one and it makes room enough, and only then', () => {
    fc.assert(
      fc.property(asking, limits, (view, limit) => {
        expect(decideAdmission(view, limit).kind === 'evict').toBe(view.idle > 0 && view.held === limit)
      }),
    )
  })

  test('while a lowered limit is exceeded nothing is admitted and nothing is evicted in vain', () => {
    fc.assert(
      fc.property(asking, limits, fc.integer({ min: 1, max: 5 }), (view, limit, above) => {
        expect(decideAdmission({ ...view, held: limit + above }, limit)).toEqual({ kind: 'refuse', limit, current: limit + above })
      }),
    )
  })

  test('a refusal carries the limit and what is held', () => {
    fc.assert(
      fc.property(asking, limits, (view, limit) => {
        const decision = decideAdmission(view, limit)
        if (decision.kind === 'refuse') expect(decision).toEqual({ kind: 'refuse', limit, current: view.held })
      }),
    )
  })
})
