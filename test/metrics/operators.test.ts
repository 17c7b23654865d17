import { describe, expect, test } from 'vitest'
import { type Observable, of, Subject, toArray } from 'rxjs'
import { type AnyActorRef, createActor, emit, setup, type Subscription } from 'xstate'
import type { Move } from '../../machines/domain/transition.ts'
import type { FoldInput } from '../../src/metrics/fold-input.ts'
import { foldMetrics, movesOf, transitionsOf } from '../../src/metrics/operators.ts'
import { Model, START } from './legal-moves.ts'
import { sampleOf } from './samples.ts'

type Told = { type: 'peer.transition' | 'peer.move' } & Move

describe('foldMetrics', () => {
  test('gives metrics for each input, at the time of what happened last', () => {
    const model = new Model()
    const inputs: FoldInput[] = [
      model.move('a', 2, START),
      { kind: 'inbound', accepted: true },
      sampleOf({ at: START + 2_000, messages: 10 }),
      { kind: 'limits', limit: 4, maxIdle: 2 },
    ]

    const metrics = collected(of(...inputs).pipe(foldMetrics({ limit: 9 }))).values

    expect(metrics.map(({ at }) => at - START)).toEqual([0, 0, 2_000, 2_000])
    expect(metrics.map(({ limit }) => limit)).toEqual([9, 9, 9, 4])
    expect(metrics.at(-1)).toMatchObject({ connections: 1, messagesPerSecond: 5, inbound: { accepted: 1 } })
  })

  test('begins when it is told to, or with the first input that has a time', () => {
    const inputs: FoldInput[] = [
      { kind: 'inbound', accepted: true },
      sampleOf({ at: START + 1_000, messages: 6 }),
      sampleOf({ at: START + 3_000 }),
    ]
    const rates = (options?: { at: number }) => collected(of(...inputs).pipe(foldMetrics(options))).values.map((m) => m.messagesPerSecond)

    expect(rates({ at: START })).toEqual([0, 6, 2])
    expect(rates()).toEqual([0, 0, 3])
  })

  test('each subscription folds for itself, and errors and completion go through', () => {
    const inputs = new Subject<FoldInput>()
    const metrics$ = inputs.pipe(foldMetrics())
    const first = collected(metrics$)
    inputs.next({ kind: 'inbound', accepted: true })
    const second = collected(metrics$)
    inputs.next({ kind: 'inbound', accepted: true })
    inputs.error(new Error('gone'))

    expect(first.values.map((m) => m.inbound.accepted)).toEqual([1, 2])
    expect(second.values.map((m) => m.inbound.accepted)).toEqual([1])
    expect(second.error).toEqual(new Error('gone'))
    expect(collected(of<FoldInput>().pipe(foldMetrics(), toArray()))).toMatchObject({ values: [[]], completed: true })
  })

  test('refuses wrong options when it is called', () => {
    expect(() => foldMetrics({ windowMs: -1 })).toThrow(/^windowMs must be/)
    expect(() => foldMetrics({ limit: 1.5 })).toThrow(/^limit must be/)
  })
})

describe('transitionsOf and movesOf', () => {
  test('give what the actor tells, as it was, in order; transitionsOf only changes of status', () => {
    const { actor, tell } = supervisor()
    const transitions = collected(transitionsOf(actor))
    const moves = collected(movesOf(actor))
    const model = new Model()
    const [connect, dial, fail] = [model.move('a', 0, 1), model.move('a', 7, 2), model.move('a', 8, 3)]

    tell({ type: 'peer.transition', ...connect })
    tell({ type: 'peer.move', ...dial })
    tell({ type: 'peer.transition', ...fail })

    expect(moves.values).toStrictEqual([connect, dial, fail])
    expect(transitions.values).toStrictEqual([connect, fail])
  })

  test('complete when the actor is done, or is stopped', () => {
    for (const end of ['done', 'stopped'] as const) {
      const { actor } = supervisor()
      const moves = collected(movesOf(actor))
      expect(moves.completed).toBe(false)

      if (end === 'done') actor.send({ type: 'end' })
      else actor.stop()

      expect(moves.completed).toBe(true)
      expect(collected(movesOf(actor)).completed).toBe(true)
      expect(collected(transitionsOf(actor)).completed).toBe(true)
    }
  })

  test('error when the actor does, for late subscribers too', () => {
    const { actor } = supervisor()
    const moves = collected(movesOf(actor))

    actor.send({ type: 'break' })

    expect(moves.error).toEqual(new Error('broken'))
    expect(collected(transitionsOf(actor)).error).toEqual(new Error('broken'))
  })

  test('one that has unsubscribed is told nothing more, and takes no one else with it', () => {
    const { actor, tell } = supervisor()
    const gone = collected(movesOf(actor))
    const here = collected(movesOf(actor))
    const move = new Model().move('a', 0, 1)

    gone.unsubscribe()
    tell({ type: 'peer.transition', ...move })
    actor.stop()

    expect(gone).toMatchObject({ values: [], completed: false })
    expect(here).toMatchObject({ values: [move], completed: true })
  })

  test('leave no listener behind, whichever side ends first', () => {
    const { actor } = supervisor()
    const open = listenersOf(actor)
    const [gone, here] = [collected(movesOf(actor)), collected(movesOf(actor))]
    expect(open.count).toBe(6)

    gone.unsubscribe()
    expect(open.count).toBe(3)
    actor.stop()

    expect(here.completed).toBe(true)
    expect(open.count).toBe(0)
    collected(movesOf(actor))
    expect(open.count).toBe(0)
  })
})

function supervisor() {
  const machine = setup({
    types: { events: {} as { type: 'tell'; told: Told } | { type: 'end' } | { type: 'break' }, emitted: {} as Told },
    actions: {
      tell: emit((_, { told }: { told: Told }) => told),
      break: () => {
        throw new Error('broken')
      },
    },
  }).createMachine({
    initial: 'running',
    states: {
      running: {
        on: {
          tell: { actions: { type: 'tell', params: ({ event }) => ({ told: event.told }) } },
          end: 'ended',
          break: { actions: 'break' },
        },
      },
      ended: { type: 'final' },
    },
  })
  const actor = createActor(machine).start()
  return { actor, tell: (told: Told) => actor.send({ type: 'tell', told }) }
}

/** Counts the listeners and observers that are on an actor and have not been taken off again. */
function listenersOf(actor: AnyActorRef): { count: number } {
  const open = { count: 0 }
  const counted =
    (add: (...args: never[]) => Subscription) =>
    (...args: never[]): Subscription => {
      const subscription = add.apply(actor, args)
      open.count += 1
      return {
        unsubscribe: () => {
          open.count -= 1
          subscription.unsubscribe()
        },
      }
    }
  Object.assign(actor, { on: counted(actor.on), subscribe: counted(actor.subscribe) })
  return open
}

function collected<T>(source: Observable<T>) {
  const got = { values: [] as T[], completed: false, error: undefined as unknown, unsubscribe: (): void => subscription.unsubscribe() }
  const subscription = source.subscribe({
    next: (value) => got.values.push(value),
    error: (error: unknown) => (got.error = error),
    complete: () => (got.completed = true),
  })
  return got
}
