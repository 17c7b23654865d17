/** The peer machine does what the tables say, in every state, for every event and every outcome of a guard. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { transition } from 'xstate'
import { PEER_STATES, type PeerState, spellState } from '../../machines/domain/peer-state.ts'
import type { TransitionReason } from '../../machines/domain/transition.ts'
import { type PeerContext, type PeerEvent, peerMachine } from '../../machines/peer-machine.ts'
import { type Place, rowsOf } from './design-table.ts'
import type { Done } from './effects.ts'
import { CASES, CELLS, NEW } from './peer-cases.ts'
import { comparePeer, fresh, peerStep } from './peer-steps.ts'
import { peerTable } from './peer-table.ts'

test.each(CELLS)('in $state, owned by the $owner, every event does what the table says', ({ state, owner }) => {
  const { actual, written } = comparePeer(peerMachine, state, owner)
  expect(actual).toEqual(written)
})

test('an event that nobody knows does nothing anywhere', () => {
  for (const { state, owner } of CELLS)
    expect(peerStep(peerMachine, state, owner, { type: 'no.such.event', at: 0 } as unknown as PeerEvent)).toBe('')
})

test('the table names no case that there is not', () => {
  for (const { state, owner } of CELLS) expect(Object.keys(CASES)).toEqual(expect.arrayContaining(Object.keys(peerTable(state, owner))))
})

test('a step that changes the state says why, so that it can be told', () => {
  for (const { state, owner } of CELLS) {
    for (const [name, cell] of Object.entries(peerTable(state, owner))) {
      // A turn is granted within Connecting; who looks sees the dial.
      if (cell.startsWith(`${state}:`) || name === 'turn.granted') continue
      expect(cell, `${name} in ${state}`).toMatch(/tell\(|forget\(/)
    }
  }
})

const BEGINNINGS: readonly string[] = ['peer.connect', 'link.accepted', 'peer.reported']

describe('any sequence of events', () => {
  const events = fc.array(fc.constantFrom(...Object.values(CASES)), { maxLength: 40, size: 'max' })

  test('makes only moves that the design’s table has', () => {
    fc.assert(
      fc.property(events, (run) => {
        let snapshot = fresh()
        let place: Place = 'unknown'
        for (const event of run) {
          // An actor is made by one of these; the others find nobody.
          if (place === 'unknown' && !BEGINNINGS.includes(event.type)) continue
          const [next, actions] = transition(peerMachine, snapshot, event)
          for (const [to, reason] of movesOf(place, spellState(next.value), actions)) {
            expect(rowsOf(place, to, reason, event.type), `${event.type}: ${place} to ${to}, ${reason}`).not.toEqual([])
            place = to
          }
          // A turn is granted without a word; who looks sees the dial.
          if (event.type === 'turn.granted') place = spellState(next.value)
          // An actor that is forgotten is stopped; the next event finds nobody, and begins another.
          snapshot = place === 'unknown' ? fresh() : next
        }
      }),
    )
  })

  test('leaves the context plain data, of an owner and a failure that the events said', () => {
    fc.assert(
      fc.property(events, (run) => {
        let snapshot = fresh()
        for (const event of run) {
          ;[snapshot] = transition(peerMachine, snapshot, event)
          const { context } = snapshot
          expect(JSON.parse(JSON.stringify(context))).toEqual(withoutUndefined(context))
          expect(context.peerId).toBe('peer')
          expect([undefined, NEW]).toContain(context.failure)
          if (spellState(snapshot.value) === 'Connected') expect(context.failure).toBeUndefined()
          if (spellState(snapshot.value) === 'Connecting.reported') expect(context.owner).toBe('app')
        }
      }),
    )
  })

  test('does the same when it is replayed: nothing is asked of the world', () => {
    fc.assert(
      fc.property(events, (run) => {
        const once = fold(run)
        expect(fold(run)).toEqual(once)
      }),
    )
  })
})

test('every state is reached from the first one', () => {
  const seen = new Map<string, ReturnType<typeof fresh>>([[key(fresh()), fresh()]])
  for (const snapshot of seen.values()) {
    for (const event of Object.values(CASES)) {
      const [next] = transition(peerMachine, snapshot, event)
      if (!seen.has(key(next))) seen.set(key(next), next)
    }
  }
  const states = new Set([...seen.values()].map(({ value }) => spellState(value)))
  expect([...states].toSorted()).toEqual([...PEER_STATES].toSorted())
})

/** The moves of one step: what is told, then what is forgotten. */
function movesOf(from: Place, state: PeerState, actions: readonly Done[]): (readonly [Place, TransitionReason])[] {
  const reason = (type: string) =>
    (actions.find((action) => action.type === type)?.params as { reason: TransitionReason } | undefined)?.reason
  const told = reason('tell')
  const forgotten = reason('forget')
  const moves: (readonly [Place, TransitionReason])[] = []
  if (told !== undefined && (state !== from || told === 'replaced')) moves.push([state, told])
  if (forgotten !== undefined) moves.push(['unknown', forgotten])
  return moves
}

function fold(run: readonly PeerEvent[]): readonly unknown[] {
  let snapshot = fresh()
  return run.map((event) => {
    const [next, actions] = transition(peerMachine, snapshot, event)
    snapshot = next
    return [next.value, next.context, actions.map(({ type, params }) => [type, params])]
  })
}

function key({ value, context }: ReturnType<typeof fresh>): string {
  return JSON.stringify([value, context])
}

function withoutUndefined(context: PeerContext): Partial<PeerContext> {
  return Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined))
}
