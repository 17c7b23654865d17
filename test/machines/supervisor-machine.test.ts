/** The supervisor machine does what the table says, in every state, for every event and every admission. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { transition } from 'xstate'
import { type SupervisorEvent, supervisorMachine } from '../../machines/supervisor-machine.ts'
import { CASES, LIMITS } from './supervisor-cases.ts'
import { compareSupervisor, fresh, STATES, SUPERVISOR_TABLE, supervisorStep } from './supervisor-table.ts'

test.each(STATES)('in %s every event does what the table says', (state) => {
  const { actual, written } = compareSupervisor(supervisorMachine, state)
  expect(actual).toEqual(written)
})

test('the table names no case that there is not', () => {
  for (const state of STATES) expect(Object.keys(CASES)).toEqual(expect.arrayContaining(Object.keys(SUPERVISOR_TABLE[state])))
})

test('an event that nobody knows does nothing anywhere', () => {
  for (const state of STATES)
    expect(supervisorStep(supervisorMachine, state, { type: 'no.such.event' } as unknown as SupervisorEvent)).toBe('')
})

describe('any sequence of events', () => {
  const events = fc.array(fc.constantFrom(...Object.values(CASES)), { maxLength: 30, size: 'max' })

  test('goes from Accepting, perhaps through Draining, through Closing to Stopped, and never back', () => {
    fc.assert(
      fc.property(events, (run) => {
        let snapshot = fresh()
        for (const event of run) {
          const before = STATES.indexOf(snapshot.value)
          ;[snapshot] = transition(supervisorMachine, snapshot, event)
          const [step, mostSteps] = [STATES.indexOf(snapshot.value) - before, STATES[before] === 'Accepting' ? 2 : 1]
          expect(step).toBeGreaterThanOrEqual(0)
          expect(step).toBeLessThanOrEqual(mostSteps)
        }
      }),
    )
  })

  test('gives a slot only while it accepts', () => {
    const giving = ['connectPeer', 'redialPeer', 'reportPeer', 'acceptLink', 'awaitSlot', 'evictLongestIdle', 'evictVictim']
    fc.assert(
      fc.property(events, (run) => {
        let snapshot = fresh()
        for (const event of run) {
          const [next, actions] = transition(supervisorMachine, snapshot, event)
          if (snapshot.value !== 'Accepting') for (const { type } of actions) expect(giving).not.toContain(type)
          snapshot = next
        }
      }),
    )
  })

  test('judges by the limit that was set last', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(7), (maxConnections, held) => {
        const limits = { ...LIMITS, maxConnections }
        const [set] = transition(supervisorMachine, fresh(), { type: 'limits.set', at: 0, limits })
        const view = { legal: true, needsSlot: true, held, idle: 0, isCircuitOpen: false, waiting: 0, maxWaiting: 0 }
        const [, actions] = transition(supervisorMachine, set, { type: 'peer.connect', peerId: 'peer', at: 0, view })
        expect(actions.map(({ type }) => type)).toEqual([held < maxConnections ? 'connectPeer' : 'refuse'])
      }),
    )
  })
})

test('it begins by accepting, under the limits it is given, and ends in its final state', () => {
  const begun = fresh()
  expect([begun.value, begun.context]).toEqual(['Accepting', { limits: LIMITS }])
  const [closing] = transition(supervisorMachine, begun, CASES['supervisor.shutdown'] as SupervisorEvent)
  const [stopped] = transition(supervisorMachine, closing, CASES['supervisor.emptied'] as SupervisorEvent)
  expect([begun.status, closing.status, stopped.status]).toEqual(['active', 'active', 'done'])
})
