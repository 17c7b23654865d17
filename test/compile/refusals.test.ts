import { compile, type Refusal, UncompilableError } from 'qudag-connections/compile'
import {
  type AnyActorLogic,
  assign,
  cancel,
  createActor,
  createMachine,
  enqueueActions,
  forwardTo,
  fromPromise,
  raise,
  sendTo,
  spawnChild,
  stopChild,
} from 'xstate'
import { describe, expect, test } from 'vitest'

const child = fromPromise(() => Promise.resolve())

describe('what a table cannot hold is refused by name, and where it is', () => {
  const within = (state: object): object => ({ id: 'm', initial: 'a', states: { a: { initial: 'b', states: { b: state, c: {} } } } })
  test.each<[feature: string, state: string, config: object]>([
    [`type: 'parallel'`, 'm.a.b', within({ type: 'parallel', states: { c: {}, d: {} } })],
    [`type: 'history'`, 'm.a.b.d', within({ initial: 'c', states: { c: {}, d: { type: 'history' } } })],
    [`type: 'final' below the top level`, 'm.a.b', within({ type: 'final' })],
    [`type: 'final' below the top level`, 'm', { id: 'm', type: 'final' }],
    [`states in type: 'atomic'`, 'm.a.b', within({ type: 'atomic', states: { c: {} } })],
    ['always', 'm.a.b', within({ always: { target: 'c', guard: () => false } })],
    ['after', 'm.a.b', within({ after: { 10: 'c' } })],
    ['invoke', 'm.a.b', within({ invoke: { src: child } })],
    ['onDone', 'm', { id: 'm', initial: 'a', states: { a: { type: 'final' } }, onDone: {} }],
    ['route', 'm.a.b', within({ id: 'm.a.b', route: {} })],
    ['several targets', 'm.a.b', within({ on: { go: { target: ['c', 'c'] } } })],
    ['options.maxIterations below 1', 'm', { id: 'm', options: { maxIterations: 0 } }],
    ['raise', 'm.a.b', within({ entry: raise({ type: 'go' }) })],
    ['sendTo', 'm.a.b', within({ exit: sendTo('other', { type: 'go' }) })],
    ['sendTo', 'm.a.b', within({ on: { go: { actions: forwardTo('other') } } })],
    ['spawnChild', 'm.a.b', within({ on: { go: [{ guard: 'g', actions: spawnChild(child) }] } })],
    ['stopChild', 'm.a.b', within({ entry: stopChild('other') })],
    ['cancel', 'm.a.b', within({ entry: cancel('other') })],
    ['enqueueActions', 'm.a.b', within({ entry: [{ type: 'queued' }] })],
    ['raise', 'm', { id: 'm', initial: { target: 'a', actions: raise({ type: 'go' }) }, states: { a: {} } }],
    ['an action that is no function', 'm.a.b', within({ entry: 'odd' })],
    ['a built-in action without a type', 'm.a.b', within({ entry: 'typeless' })],
  ])('%s, at %s', (feature, state, config) => {
    const actions = { queued: enqueueActions(() => {}), odd: 'other', typeless: Object.assign(() => {}, { resolve: () => [] }) }
    const error = thrownBy(() => compile(createMachine(config as never, { actions } as never)))

    expect(error).toBeInstanceOf(UncompilableError)
    expect(error.machine).toBe('m')
    expect(error.refusals).toContainEqual({ feature, state } satisfies Refusal)
    expect(error.message).toContain(`${feature} (at '#${state}')`)
  })

  test('all of it at once, in the order of the states', () => {
    const machine = createMachine({
      id: 'm',
      initial: 'a',
      entry: raise({ type: 'go' }),
      states: {
        a: { after: { 5: 'b' }, invoke: { src: child } },
        b: { always: 'a', entry: [raise({ type: 'go' }), raise({ type: 'on' })] },
      },
    } as never)
    const spelled = thrownBy(() => compile(machine)).refusals.map(({ feature, state }) => `${state}: ${feature}`)

    expect(spelled).toEqual(['m: raise', 'm.a: after', 'm.a: invoke', 'm.b: always', 'm.b: raise'])
  })

  test('but not what is implemented and never used', () => {
    const machine = createMachine({ id: 'm' }, { actions: { unused: raise({ type: 'go' }) } })
    expect(() => compile(machine)).not.toThrow()
  })
})

describe('what shows only when it runs is refused then', () => {
  test('spawn, from an assign and from the first context', () => {
    const assigning = createMachine({ id: 'm', on: { go: { actions: assign(({ spawn }) => ({ ref: spawn(child) })) } } } as never)
    const beginning = createMachine({
      id: 'm',
      context: ({ spawn }: { spawn: (logic: unknown) => unknown }) => ({ ref: spawn(child) }),
    } as never)
    const errors: unknown[] = []
    for (const machine of [assigning, beginning]) {
      const actor = createActor(compile(machine) as AnyActorLogic)
      actor.subscribe({ error: (error) => errors.push(error) })
      actor.start()
      if (machine === assigning) actor.send({ type: 'go' })
    }

    expect(errors).toHaveLength(2)
    for (const error of errors) expect((error as UncompilableError).refusals).toEqual([{ feature: 'spawn', state: 'm' }])
  })

  test('a persisted snapshot with children', () => {
    const persisted = {
      ...createActor(createMachine({ id: 'm' }))
        .start()
        .getPersistedSnapshot(),
      children: { one: {} },
    }
    const actor = createActor(compile(createMachine({ id: 'm' })), { snapshot: persisted } as never)

    expect(actor.getSnapshot()).toMatchObject({ status: 'error', error: { name: 'UncompilableError' } })
  })
})

function thrownBy(run: () => unknown): UncompilableError {
  try {
    run()
  } catch (error) {
    return error as UncompilableError
  }
  throw new Error('nothing was thrown')
}
