/** A compiled machine is typed as the machine is. The compiler runs these; vitest runs what is left. */
import { compile } from 'qudag-connections/compile'
import { assign, createActor, emit, setup, type SnapshotFrom } from 'xstate'
import { expect, expectTypeOf, test } from 'vitest'

const machine = setup({
  types: {
    context: {} as { readonly count: number },
    events: {} as { type: 'add'; by: number } | { type: 'reset' },
    input: {} as { readonly start: number },
    emitted: {} as { type: 'added'; by: number },
    output: {} as { readonly total: number },
    tags: {} as 'busy',
  },
  guards: { isSmall: ({ context }, params: { limit: number }) => context.count < params.limit },
  actions: { add: assign({ count: ({ context, event }) => context.count + (event.type === 'add' ? event.by : 0) }) },
}).createMachine({
  context: ({ input }) => ({ count: input.start }),
  initial: 'counting',
  output: ({ context }) => ({ total: context.count }),
  states: {
    counting: {
      tags: 'busy',
      on: {
        add: {
          guard: { type: 'isSmall', params: { limit: 10 } },
          actions: ['add', emit(({ event }) => ({ type: 'added', by: event.by }))],
        },
        reset: 'done',
      },
    },
    done: { type: 'final' },
  },
})

test('its actors take the events and the input of the machine, and show its snapshots', () => {
  const logic = compile(machine)
  const actor = createActor(logic, { input: { start: 1 } })
  const added: number[] = []
  actor.on('added', ({ by }) => added.push(by))
  actor.start()
  actor.send({ type: 'add', by: 2 })
  const snapshot = actor.getSnapshot()

  expectTypeOf(snapshot).toEqualTypeOf<SnapshotFrom<typeof machine>>()
  expectTypeOf(snapshot.context).toEqualTypeOf<{ readonly count: number }>()
  expectTypeOf(snapshot.value).toEqualTypeOf<'counting' | 'done'>()
  expectTypeOf(snapshot.output).toEqualTypeOf<{ readonly total: number } | undefined>()
  expect([snapshot.value, snapshot.context.count, snapshot.hasTag('busy'), added]).toEqual(['counting', 3, true, [2]])

  actor.send({ type: 'reset' })
  expect(actor.getSnapshot().output).toEqual({ total: 3 })
})

test('and what the machine would not take is an error', () => {
  const logic = compile(machine)
  const wrong = (): void => {
    // @ts-expect-error the input is missing
    createActor(logic)
    // @ts-expect-error the input is another
    createActor(logic, { input: { begin: 1 } })
    const actor = createActor(logic, { input: { start: 1 } })
    // @ts-expect-error there is no such event
    actor.send({ type: 'sub' })
    // @ts-expect-error the event lacks its amount
    actor.send({ type: 'add' })
    // @ts-expect-error there is no such state
    actor.getSnapshot().matches('elsewhere')
    // @ts-expect-error there is no such emitted event
    actor.on('subtracted', () => {})
    // @ts-expect-error a logic that is no machine is not compiled
    compile({ transition: () => 1 })
  }
  expect(wrong).toBeTypeOf('function')
})

test('a machine may invoke it', () => {
  const parent = setup({ actors: { counter: compile(machine) } }).createMachine({
    initial: 'waiting',
    states: {
      waiting: {
        invoke: {
          id: 'one',
          src: 'counter',
          input: { start: 4 },
          onDone: { target: 'told', actions: ({ event }) => expect(event.output.total).toBe(4) },
        },
      },
      told: {},
    },
  })
  const actor = createActor(parent).start()
  actor.getSnapshot().children['one']?.send({ type: 'reset' })
  expect(actor.getSnapshot().value).toBe('told')
})
