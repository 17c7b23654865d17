/** An app's report never contradicts a link that the manager holds itself. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ConnectionStatus } from '../../machines/domain/connection-status.ts'
import { holdsSlot, PEER_STATES, type PeerState, statusOf } from '../../machines/domain/peer-state.ts'
import { decideReport, type Owner } from '../../machines/policy/report.ts'

const statuses = fc.constantFrom(...Object.values(ConnectionStatus))
const states = fc.constantFrom(...PEER_STATES)
const held = states.filter(holdsSlot)
const anyOwner: fc.Arbitrary<Owner> = fc.constantFrom('manager', 'app')
/** A peer that holds no link of ours: unknown, remembered, or the app's own. */
const free: fc.Arbitrary<readonly [PeerState | undefined, Owner]> = fc.oneof(
  fc.constant([undefined, 'manager'] as const),
  fc.tuple(
    states.filter((state) => !holdsSlot(state)),
    anyOwner,
  ),
  fc.tuple(states, fc.constant('app' as const)),
)

describe('decideReport', () => {
  test('on a link of ours, the status that it has already is a no-op', () => {
    fc.assert(
      fc.property(held, (state) => {
        expect(decideReport(state, 'manager', statusOf(state))).toEqual({ kind: 'ignore', needsSlot: false })
      }),
    )
  })

  test('on a link of ours, Disconnected and Failed are applied, and nothing else is', () => {
    fc.assert(
      fc.property(held, statuses, (state, status) => {
        fc.pre(statusOf(state) !== status)
        const kind = status === 'Disconnected' || status === 'Failed' ? 'apply' : 'refuse'
        expect(decideReport(state, 'manager', status)).toEqual({ kind, needsSlot: false })
      }),
    )
  })

  test('where there is no link of ours every report is applied', () => {
    fc.assert(
      fc.property(free, statuses, ([state, owner], status) => {
        expect(decideReport(state, owner, status).kind).toBe('apply')
      }),
    )
  })

  test('a slot is needed to come into Connecting or Connected, by who is in none', () => {
    fc.assert(
      fc.property(free, statuses, ([state, owner], status) => {
        const comesIn = status === 'Connecting' || status === 'Connected'
        const isIn = state !== undefined && holdsSlot(state)
        expect(decideReport(state, owner, status).needsSlot).toBe(comesIn && !isIn)
      }),
    )
  })
})
