/** Fallbacks: where XState's internals are not as expected, its public interface is used, and all still happens. */
import { createSupervisorLogic } from 'qudag-connections'
import { compile } from 'qudag-connections/compile'
import { flush, scripted, VirtualClock } from 'qudag-connections/testing'
import { type AnyActorLogic, type AnyActorScope, assign, createActor, emit, type InspectionEvent, setup, transition } from 'xstate'
import { describe, expect, test, vi } from 'vitest'
import { dropOptions, inspectMicrostep, isListenedTo, tellListeners } from '../../src/compile/xstate-internals.ts'

const done: string[] = []
const machine = setup({
  types: { context: {} as { count: number }, events: {} as { type: 'go' } | { type: 'end' }, emitted: {} as { type: 'told' } },
  actions: { note: (_, what: string) => void done.push(what) },
}).createMachine({
  context: { count: 0 },
  entry: [{ type: 'note', params: 'begin' }],
  initial: 'off',
  states: {
    off: { on: { go: { target: 'on', actions: [{ type: 'note', params: 'go' }, assign({ count: ({ context }) => context.count + 1 })] } } },
    on: {
      entry: [emit({ type: 'told' }), { type: 'note', params: 'on' }],
      on: { go: 'off', end: 'over' },
      exit: [{ type: 'note', params: 'leave' }],
    },
    over: { type: 'final' },
  },
})

describe('a compiled machine goes through the same states, actions and emitted events', () => {
  const expected = life(machine)

  test.each([
    ['as XState is', compile(machine)],
    ['without the scope of an actor', without(['_actorScope'], [])],
    ['without the status of an actor', without(['_processingStatus'], [])],
    ['without a way to tell who inspects', without([], ['_sendInspectionEvent'])],
    ['without any of them', without(['_actorScope', '_processingStatus'], ['_sendInspectionEvent'])],
  ])('%s', (_name, logic) => {
    expect(life(logic)).toEqual(expected)
  })

  test('and who inspects is told of every action by the scope’s own executor', () => {
    const seen: string[] = []
    const inspect = (event: InspectionEvent): void => {
      if (event.type === '@xstate.action') seen.push(event.action.type)
    }
    const actor = createActor(without(['_actorScope'], ['_sendInspectionEvent']), { inspect }).start()
    actor.send({ type: 'go' })

    expect(seen.filter((type) => type === 'note')).toHaveLength(3)
  })

  test('and `transition()` gives its actions as data', () => {
    done.length = 0
    const logic = without(['_actorScope', '_processingStatus'], ['_sendInspectionEvent'])
    const actions = transition(logic, createActor(compile(machine)).getSnapshot(), { type: 'go' })[1]

    expect(done).toEqual([])
    expect(actions.map(({ type }) => type)).toContain('note')
  })
})

describe('listeners', () => {
  test.each([
    ['none are to be seen', {}],
    ['they are kept otherwise', { eventListeners: [] }],
    ['they are no longer by type', { eventListeners: { size: 0 } }],
  ])('somebody listens, and is told by `emit`, where %s', (_name, actor) => {
    const failed = vi.fn<(thrown: unknown) => void>()

    expect(isListenedTo(actor, 'peer.move')).toBe(true)
    expect(tellListeners(actor, { type: 'peer.move' }, failed)).toBe(false)
    expect(failed).not.toHaveBeenCalled()
  })

  test('a supervisor whose listeners are kept otherwise tells them every transition', async () => {
    const seen: (string | undefined)[] = []
    const transport = scripted()
    const actor = createActor(createSupervisorLogic({ maxConnections: 2, transport, clock: new VirtualClock() }))
    Object.assign(actor, { eventListeners: keptOtherwise() })
    actor.on('peer.transition', ({ to }) => void seen.push(to))
    actor.start()
    actor.send({ type: 'peer.connect', peerId: 'scripted://a' })
    await flush()
    transport.lastDial()!.open()
    await flush()
    actor.stop()

    expect(seen.slice(0, 2)).toEqual(['Connecting', 'Connected'])
  })
})

describe('options of an actor', () => {
  test.each([
    ['there are none', () => ({})],
    ['they may not be written', () => Object.freeze({ options: { kept: 1 } })],
    ['they are read through a getter', () => Object.defineProperty({}, 'options', { get: () => ({ kept: 1 }) })],
  ])('stay where %s', (_name, make) => {
    const actor = make() as { readonly options?: unknown }
    const before = actor.options
    expect(() => dropOptions(actor)).not.toThrow()
    expect(actor.options).toEqual(before)
  })
})

test('a step that cannot be told to who inspects is no error', () => {
  const scope = { self: {}, system: {} } as AnyActorScope
  expect(() => inspectMicrostep(scope, { type: 'go' }, {}, [])).not.toThrow()
})

/** A compiled machine whose actors lack these of XState's internals. */
function without(ofActor: readonly string[], ofSystem: readonly string[]): ReturnType<typeof compile<typeof machine>> {
  const logic = compile(machine)
  const altered = (scope: AnyActorScope): AnyActorScope => {
    const lacking = { ...scope, self: hiding(scope.self, ofActor), system: hiding(scope.system, ofSystem) }
    // An actor's own scope stays its own, as far as it is to be seen.
    const { _actorScope: own } = scope.self as unknown as Scoped
    if (!ofActor.includes('_actorScope') && own === scope) owner.set(scope.self, lacking)
    return lacking
  }
  const owner = new WeakMap<object, object>()
  const hiding = <T extends object>(target: T, names: readonly string[]): T =>
    new Proxy(target, {
      get: (of, name) => {
        if (names.includes(String(name))) return undefined
        if (name === '_actorScope' && owner.has(of)) return owner.get(of)
        const value: unknown = Reflect.get(of, name, of)
        return typeof value === 'function' ? value.bind(of) : value
      },
    })
  return {
    ...logic,
    transition: (snapshot: never, event: never, scope: AnyActorScope) => logic.transition(snapshot, event, altered(scope) as never),
    getInitialSnapshot: (scope: AnyActorScope, input: never) => logic.getInitialSnapshot(altered(scope) as never, input),
  } as unknown as ReturnType<typeof compile<typeof machine>>
}

/** Listeners that XState's own `on` and `emit` can use, and that are no Map. */
function keptOtherwise(): object {
  const kept = new Map<string, unknown>()
  return { get: kept.get.bind(kept), set: kept.set.bind(kept), clear: kept.clear.bind(kept) }
}

interface Scoped {
  readonly _actorScope?: unknown
}

/** What is seen of an actor from its beginning to its end. */
function life(logic: AnyActorLogic): unknown {
  done.length = 0
  const snapshots: unknown[] = []
  let told = 0
  const actor = createActor(logic)
  actor.on('*', () => void told++)
  const note = (): void => {
    const { value, context, status } = actor.getSnapshot() as { value: unknown; context: unknown; status: string }
    snapshots.push([value, context, status])
  }
  actor.start()
  note()
  for (const type of ['go', 'go', 'end', 'go', 'end']) {
    actor.send({ type })
    note()
  }
  return { snapshots, told, done: [...done] }
}
