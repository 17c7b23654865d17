/** Keeps one thing true: the supervisor machine does what the table says, in every state, for every event and every admission. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initialTransition, transition } from 'xstate'
import { type SupervisorEvent, supervisorMachine } from '../../machines/supervisor-machine.ts'
import { spellChanges, spellStep } from './effects.ts'
import { ADMISSIONS, CASES, LIMITS, OTHER } from './supervisor-cases.ts'

type State = 'Accepting' | 'Closing' | 'Stopped'

/** A cell is `target: actions in order; changes of the context`. A case that a state does not list does nothing there. */
const TABLE: Readonly<Record<State, Readonly<Record<string, string>>>> = {
  Accepting: {
    'peer.connect forbid': 'Accepting: refuse(ERR_INVALID_TRANSITION)',
    'peer.connect join': 'Accepting: connectPeer',
    'peer.connect admit': 'Accepting: connectPeer',
    'peer.connect evict': 'Accepting: evictLongestIdle(any), connectPeer',
    'peer.connect refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.connect exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed admit': 'Accepting: redialPeer',
    'backoff.elapsed evict': 'Accepting: evictLongestIdle(any), redialPeer',
    'backoff.elapsed refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'backoff.elapsed exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report forbid': 'Accepting: refuse(ERR_INVALID_TRANSITION)',
    'peer.report join': 'Accepting: reportPeer',
    'peer.report admit': 'Accepting: reportPeer',
    'peer.report evict': 'Accepting: evictLongestIdle(any), reportPeer',
    'peer.report refuse': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'peer.report exceeded': 'Accepting: refuse(ERR_MAX_CONNECTIONS)',
    'link.accepted forbid': 'Accepting: rejectLink',
    'link.accepted join': 'Accepting: acceptLink',
    'link.accepted admit': 'Accepting: acceptLink',
    'link.accepted evict': 'Accepting: evictLongestIdle(inbound), acceptLink',
    'link.accepted refuse': 'Accepting: rejectLink',
    'link.accepted exceeded': 'Accepting: rejectLink',
    'peer.disconnect': 'Accepting: disconnectPeer',
    'peer.crashed': 'Accepting: replacePeer',
    'limits.set': 'Accepting: trimPool; limits=other',
    'supervisor.shutdown': 'Closing: startShutdownDeadline, closeListeners, stopPeers',
  },
  Closing: {
    ...each('peer.connect', 'Closing: refuse(ERR_STOPPED)'),
    ...each('peer.report', 'Closing: refuse(ERR_STOPPED)'),
    ...each('link.accepted', 'Closing: rejectLink'),
    'peer.disconnect': 'Closing: disconnectPeer',
    'peer.crashed': 'Closing: replacePeer',
    'shutdown.timedOut': 'Closing: abortPeers',
    'supervisor.emptied': 'Stopped: endStreams',
  },
  Stopped: {
    'peer.disconnect': 'Stopped: disconnectPeer',
    'peer.crashed': 'Stopped: replacePeer',
  },
}
const STATES = Object.keys(TABLE) as State[]

test.each(STATES)('in %s every event does what the table says', (state) => {
  const actual = Object.entries(CASES).map(([name, event]) => [name, step(state, event)])
  const written = Object.keys(CASES).map((name) => [name, TABLE[state][name] ?? ''])
  expect(Object.fromEntries(actual)).toEqual(Object.fromEntries(written))
})

test('the table names no case that there is not', () => {
  for (const state of STATES) expect(Object.keys(CASES)).toEqual(expect.arrayContaining(Object.keys(TABLE[state])))
})

test('an event that nobody knows does nothing anywhere', () => {
  for (const state of STATES) expect(step(state, { type: 'no.such.event' } as unknown as SupervisorEvent)).toBe('')
})

describe('any sequence of events', () => {
  const events = fc.array(fc.constantFrom(...Object.values(CASES)), { maxLength: 30, size: 'max' })

  test('goes from Accepting through Closing to Stopped, and never back', () => {
    fc.assert(
      fc.property(events, (run) => {
        let snapshot = fresh()
        for (const event of run) {
          const before = STATES.indexOf(snapshot.value)
          ;[snapshot] = transition(supervisorMachine, snapshot, event)
          expect(STATES.indexOf(snapshot.value) - before).toBeOneOf([0, 1])
        }
      }),
    )
  })

  test('gives a slot only while it accepts', () => {
    const giving = ['connectPeer', 'redialPeer', 'reportPeer', 'acceptLink', 'evictLongestIdle']
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
        const view = { legal: true, needsSlot: true, held, idle: 0 }
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

function fresh() {
  return initialTransition(supervisorMachine, { limits: LIMITS })[0]
}

function step(value: State, event: SupervisorEvent): string {
  const before = supervisorMachine.resolveState({ value, context: { limits: LIMITS }, status: value === 'Stopped' ? 'done' : 'active' })
  const [after, actions] = transition(supervisorMachine, before, event)
  const changes = spellChanges(before.context, after.context, (limits) => (limits === OTHER ? 'other' : 'wrong'))
  return spellStep(before, after, { state: String, actions, changes })
}

function each(type: string, cell: string): Record<string, string> {
  return Object.fromEntries(ADMISSIONS.map((admission) => [`${type} ${admission}`, cell]))
}
