/** `decideAdmission` gives out slots as its sentences say, for every number that there can be. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AdmissionView, decideAdmission } from '../../machines/policy/admission.ts'

const limits = fc.integer({ min: 1, max: 12 })
/** Small numbers, so that a limit is met exactly about as often as it is missed. Of the links held, some are idle. */
const views: fc.Arbitrary<AdmissionView> = fc
  .record({ legal: fc.boolean(), needsSlot: fc.boolean(), held: fc.nat(14), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ part, ...view }) => ({ ...view, idle: Math.round(view.held * part), isCircuitOpen: false, waiting: 0, maxWaiting: 0 }))
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

  describe('of an inbound link', () => {
    /** Of the links held some are inbound, and of those some are pooled. */
    const inbounds = fc
      .tuple(asking, fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(12))
      .map(([view, part, pooled, limit]) => {
        const held = Math.round(view.held * part)
        return { ...view, idle: Math.round(held * pooled), inbound: { held, limit } }
      })

    test('is admitted only under both limits, after an eviction too', () => {
      fc.assert(
        fc.property(inbounds, limits, (view, limit) => {
          const { kind } = decideAdmission(view, limit)
          const room = kind === 'evict' ? 1 : 0
          const fits = view.held - room < limit && view.inbound.held - room < view.inbound.limit
          if (kind === 'admit' || kind === 'evict') expect(fits).toBe(true)
          else expect(fits && room === 0).toBe(false)
        }),
      )
    })

    test('a pooled inbound link yields where its room is enough under both, and is needed', () => {
      fc.assert(
        fc.property(inbounds, limits, (view, limit) => {
          const { held, inbound, idle } = view
          const isFull = held >= limit || inbound.held >= inbound.limit
          const isEnough = held <= limit && inbound.held <= inbound.limit
          expect(decideAdmission(view, limit).kind === 'evict').toBe(idle > 0 && isFull && isEnough)
        }),
      )
    })

    test('at their own ceiling it is refused with that limit, however many slots are free', () => {
      fc.assert(
        fc.property(inbounds, limits, (view, limit) => {
          const full = { ...view, idle: 0, inbound: { held: view.inbound.held, limit: view.inbound.held } }
          const current = view.inbound.held
          expect(decideAdmission(full, limit)).toEqual({ kind: 'refuse', limit: current, current, reason: 'inbound-limit' })
        }),
      )
    })
  })
})
