/** A kind of move says what follows from its states and its reason, and nothing else. */
import { expect, test } from 'vitest'
import { MOVE_KINDS, moveKind, moveKindOf } from '../../machines/domain/move-kind.ts'
import { codeOfState, codeOfValue, holdsSlot, NO_STATE, PEER_STATES, spellState, statusOf } from '../../machines/domain/peer-state.ts'
import { TRANSITION_REASONS } from '../../machines/domain/transition.ts'

const STATES = [...PEER_STATES, undefined]

test('the value of each state is read as its place in the list, and spelled as it stands there', () => {
  for (const [code, state] of PEER_STATES.entries()) {
    const [status = '', within] = state.split('.')
    const value = within === undefined ? status : { [status]: within }
    expect([codeOfValue(value), codeOfState(state), spellState(value)]).toEqual([code, code, state])
  }
  expect(codeOfState(undefined)).toBe(NO_STATE)
})

test.each([{ Disconnected: 'constructor' }, { Connecting: 'gone' }, {}, 'Lost'])('%j is no state of a peer', (value) => {
  expect(() => codeOfValue(value)).toThrow(/no state of the peer machine/)
})

test('each kind has a code of its own, and is found by it', () => {
  const codes = new Set<number>()
  for (const from of STATES) {
    for (const to of STATES) {
      for (const reason of TRANSITION_REASONS) {
        const kind = moveKind(codeOfState(from), codeOfState(to), reason)
        expect(kind).toMatchObject({ fromState: from, toState: to, toCode: codeOfState(to), reason })
        expect(moveKindOf(kind.code)).toBe(kind)
        codes.add(kind.code)
      }
    }
  }
  expect(codes.size).toBe(MOVE_KINDS)
  expect(Math.max(...codes)).toBe(MOVE_KINDS - 1)
})

test('what follows from a kind is what its states say', () => {
  for (const from of STATES) {
    for (const to of STATES) {
      for (const reason of TRANSITION_REASONS) {
        const kind = moveKind(codeOfState(from), codeOfState(to), reason)
        const held = [from, to].map((state) => state !== undefined && holdsSlot(state))
        const linked = [from, to].map((state) => state === 'Connected' || state === 'Disconnected.pooled')
        expect(kind).toMatchObject({
          from: from && statusOf(from),
          to: to && statusOf(to),
          isKnown: from !== to || from !== undefined,
          wasOrIsUnknown: from === undefined || to === undefined,
          isTransition: (from && statusOf(from)) !== (to && statusOf(to)),
          slots: Number(held[1]) - Number(held[0]),
          givesRoom: (held[0] && !held[1]) || to === 'Disconnected.pooled',
          endsLink: (linked[0] && !linked[1]) || reason === 'replaced',
          concernsDials: [from, to].some((state) => state === 'Connecting.dialing' || state === 'Connecting.waiting'),
          mayBeLoss: (from === 'Connected' && reason !== 'disconnect') || to === 'Failed',
          tells: to === 'Failed' ? 'failure' : { evicted: 'eviction', 'remote-closed': 'remoteReason' }[reason as string],
        })
      }
    }
  }
})
