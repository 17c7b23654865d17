/** What XState's documentation shows of the subset runs compiled as it runs there. In our own words. */
import { compile } from 'qudag-connections/compile'
import { and, type AnyStateMachine, assign, createMachine, emit, type EventObject, not, setup, stateIn } from 'xstate'
import { describe, expect, test } from 'vitest'
import { actorCourse, pureCourse } from './course.ts'

const journal: unknown[] = []
const note = (name: string) => (_: unknown, params: unknown) => journal.push([name, params])

interface Example {
  readonly machine: AnyStateMachine
  readonly events: readonly EventObject[]
  readonly ends: unknown
  readonly input?: unknown
}

const events = (...types: readonly string[]): readonly EventObject[] => types.map((type) => ({ type }))

const EXAMPLES: Readonly<Record<string, Example>> = {
  'a toggle': {
    machine: createMachine({ id: 'toggle', initial: 'off', states: { off: { on: { toggle: 'on' } }, on: { on: { toggle: 'off' } } } }),
    events: events('toggle', 'toggle', 'toggle', 'nothing'),
    ends: 'on',
  },
  'a counter with a limit': {
    machine: setup({
      types: { context: {} as { count: number }, events: {} as { type: 'inc'; by: number } | { type: 'dec' } },
      guards: { isBelow: ({ context }, { limit }: { limit: number }) => context.count < limit },
    }).createMachine({
      context: { count: 0 },
      on: {
        inc: {
          guard: { type: 'isBelow', params: { limit: 3 } },
          actions: assign({ count: ({ context, event }) => context.count + event.by }),
        },
        dec: { actions: assign(({ context }) => ({ count: context.count - 1 })) },
      },
    }),
    events: [{ type: 'inc', by: 2 }, { type: 'inc', by: 5 }, { type: 'inc', by: 5 }, { type: 'dec' }] as readonly EventObject[],
    ends: {},
  },
  'a traffic light whose red has a pedestrian signal': {
    machine: createMachine({
      id: 'light',
      initial: 'green',
      on: { 'power.out': '.red.flashing', 'power.*': { target: '.red', reenter: true } },
      states: {
        green: { entry: note('go'), on: { timer: 'yellow' } },
        yellow: { on: { timer: 'red' } },
        red: {
          entry: note('halt'),
          exit: note('start'),
          initial: 'walk',
          states: {
            walk: { on: { 'ped.timer': 'wait' } },
            wait: { on: { 'ped.timer': 'stop' } },
            stop: {},
            flashing: { tags: 'out', on: { '*': {} } },
          },
          on: { timer: { target: 'green', guard: stateIn({ red: 'stop' }) } },
        },
      },
    }),
    events: events('timer', 'timer', 'timer', 'ped.timer', 'ped.timer', 'timer', 'power.back', 'power.out', 'timer', 'power.back'),
    ends: { red: 'flashing' },
  },
  'a fetch with retries, done by events': {
    machine: setup({
      types: {
        context: {} as { retries: number; data: string | undefined; url: string },
        input: {} as { url: string },
        events: {} as { type: 'fetch' } | { type: 'resolve'; data: string } | { type: 'reject' },
      },
      actions: { load: note('load'), store: assign({ data: (_, params: { data: string }) => params.data }) },
      guards: { mayRetry: ({ context }) => context.retries < 1 },
    }).createMachine({
      context: ({ input }) => ({ retries: 0, data: undefined, url: input.url }),
      initial: 'idle',
      output: ({ context }) => context.data,
      states: {
        idle: { on: { fetch: 'loading' } },
        loading: {
          entry: { type: 'load', params: ({ context }: { context: { url: string } }) => ({ url: context.url }) },
          on: {
            resolve: { target: 'success', actions: { type: 'store', params: ({ event }) => ({ data: event.data }) } },
            reject: [
              { guard: 'mayRetry', target: 'loading', reenter: true, actions: assign({ retries: ({ context }) => context.retries + 1 }) },
              { target: 'failure' },
            ],
          },
        },
        success: { type: 'final', entry: note('told') },
        failure: { on: { fetch: 'loading' } },
      },
    }),
    input: { url: '/one' },
    events: [
      { type: 'fetch' },
      { type: 'reject' },
      { type: 'reject' },
      { type: 'fetch' },
      { type: 'resolve', data: 'it' },
    ] as readonly EventObject[],
    ends: 'success',
  },
  'a form of three pages that asks before it is left': {
    machine: setup({
      types: { context: {} as { name: string; agreed: boolean }, events: {} as { type: string; name?: string } },
      guards: {
        hasName: ({ context }) => context.name.length > 0,
        hasAgreed: ({ context }) => context.agreed,
        isReady: and(['hasName', 'hasAgreed']),
      },
    }).createMachine({
      id: 'form',
      context: { name: '', agreed: false },
      initial: 'editing',
      states: {
        editing: {
          initial: { target: 'person', actions: note('opened') },
          on: { 'form.cancel': 'sure', 'form.name': { actions: assign({ name: ({ event }) => event.name ?? '' }) } },
          states: {
            person: { on: { 'form.next': [{ guard: not('hasName'), actions: note('nameless') }, { target: 'terms' }] } },
            terms: {
              on: {
                'form.back': 'person',
                'form.agree': { actions: assign({ agreed: true }) },
                'form.next': { guard: 'isReady', target: 'review' },
              },
            },
            review: { on: { 'form.back': 'terms', 'form.submit': '#form.sent' } },
          },
        },
        sure: { on: { 'form.yes': 'editing', 'form.no': '#form.editing.terms', '*': { actions: note('answer first') } } },
        sent: { type: 'final' },
      },
    }),
    events: [
      { type: 'form.next' },
      { type: 'form.name', name: 'Ada' },
      { type: 'form.next' },
      { type: 'form.cancel' },
      { type: 'form.next' },
      { type: 'form.no' },
      { type: 'form.next' },
      { type: 'form.agree' },
      { type: 'form.next' },
      { type: 'form.submit' },
    ] as readonly EventObject[],
    ends: 'sent',
  },
  'a door that is told of': {
    machine: setup({
      types: { context: {} as { opened: number }, emitted: {} as { type: 'bell'; times: number } },
    }).createMachine({
      context: { opened: 0 },
      initial: 'closed',
      states: {
        closed: {
          meta: { view: 'door' },
          on: { open: { target: 'open', actions: assign({ opened: ({ context }) => context.opened + 1 }) } },
        },
        open: { tags: ['draught'], entry: emit(({ context }) => ({ type: 'bell', times: context.opened })), on: { close: 'closed' } },
      },
    }),
    events: events('open', 'close', 'open', 'close', 'open'),
    ends: 'open',
  },
}

describe('runs as it does interpreted:', () => {
  test.each(Object.entries(EXAMPLES))('%s', (_, example) => {
    const { machine, ends, input } = example
    const course = { journal, alphabet: example.events, input }
    const compiled = compile(machine)
    const pure = pureCourse(compiled, example.events, course)

    expect(pure).toEqual(pureCourse(machine, example.events, course))
    expect(actorCourse(compiled, example.events, course)).toEqual(actorCourse(machine, example.events, course))
    expect(actorCourse(compiled, example.events, course, 2)).toEqual(actorCourse(machine, example.events, course, 2))
    expect((pure.at(-1) as { value?: unknown }[])[3]?.value).toEqual(ends)
  })
})
