/** A child that is made without XState's constructor is one of XState's actors to whoever uses it. */
import { compile } from 'qudag-connections/compile'
import fc from 'fast-check'
import {
  Actor,
  assign,
  createActor,
  createEmptyActor,
  emit,
  fromTransition,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyActorScope,
  type AnyEventObject,
  type InspectionEvent,
  setup,
} from 'xstate'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createChild } from '../../src/compile/xstate-child.ts'

const done: string[] = []

// XState warns of what is sent to an actor that is over.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}))
afterEach(() => void vi.restoreAllMocks())
const machine = setup({
  types: {
    context: {} as { count: number; name: string },
    input: {} as { name: string },
    events: {} as { type: 'go' } | { type: 'fail' } | { type: 'end' },
    emitted: {} as { type: 'told'; count: number } | { type: 'left' },
  },
  actions: {
    note: ({ context }, what: string) => void done.push(`${what} ${context.name} ${context.count}`),
    fail: () => {
      throw new Error('fails')
    },
  },
}).createMachine({
  context: ({ input }) => ({ count: 0, name: input.name }),
  entry: [{ type: 'note', params: 'begin' }],
  initial: 'off',
  on: { fail: { actions: 'fail' }, end: '.over' },
  states: {
    off: { on: { go: { target: 'on', actions: [assign({ count: ({ context }) => context.count + 1 }), { type: 'note', params: 'go' }] } } },
    on: {
      entry: [emit(({ context }) => ({ type: 'told', count: context.count })), { type: 'note', params: 'on' }],
      on: { go: 'off' },
      exit: emit({ type: 'left' }),
    },
    over: { type: 'final' },
  },
})
const reducer = fromTransition(
  (context: object[], event: { readonly type: string }, scope) => {
    done.push(`${scope.self.id} ${event.type}`)
    scope.emit({ type: 'told' })
    scope.defer(() => done.push('deferred'))
    if (event.type === 'fail') throw new Error('fails')
    return [...context, event]
  },
  ({ input }: { input: { name: string } }) => [input],
) as AnyActorLogic

const steps = fc.array(
  fc.constantFrom('start', 'go', 'go', 'end', 'fail', 'subscribe', 'unsubscribe', 'on', 'off', 'onAny', 'stop', 'inspect'),
  {
    maxLength: 14,
  },
)

/** What is to be seen of a child: whatever it does, and whoever looks. */
function life(make: (parent: AnyActorRef) => AnyActorRef, all: readonly string[]): readonly unknown[] {
  const seen: unknown[] = []
  let scope: AnyActorScope | undefined
  const heard = fromTransition((state: object, _event: AnyEventObject, given) => {
    scope = given
    return state
  }, {})
  const parent = createActor(heard, { id: 'parent' }).start()
  parent.send({ type: 'go' })
  const inspect = (): void => void parent.system.inspect((event: InspectionEvent) => seen.push(['inspected', plain(event)]))
  if (all[0] === 'inspect') inspect()
  done.length = 0
  const child = make(parent)
  const subscriptions: { unsubscribe(): void }[] = []
  const listeners: { unsubscribe(): void }[] = []
  const does: Record<string, () => void> = {
    start: () => child.start(),
    go: () => child.send({ type: 'go' }),
    end: () => child.send({ type: 'end' }),
    fail: () => child.send({ type: 'fail' }),
    subscribe: () =>
      void subscriptions.push(
        child.subscribe({
          next: (snapshot: object) => seen.push(['next', JSON.stringify(snapshot)]),
          error: (error) => seen.push(['error', String(error)]),
          complete: () => seen.push('complete'),
        }),
      ),
    unsubscribe: () => subscriptions.pop()?.unsubscribe(),
    on: () => void listeners.push(child.on('told', (event) => seen.push(['told', event]))),
    onAny: () => void listeners.push(child.on('*', (event) => seen.push(['any', event]))),
    off: () => listeners.pop()?.unsubscribe(),
    stop: () => scope?.stopChild(child),
    inspect: () => (all[0] === 'inspect' ? undefined : inspect()),
  }
  for (const step of all) {
    try {
      does[step]!()
    } catch (error) {
      seen.push(['threw', String(error)])
    }
    const { _processingStatus: status, _parent, id, systemId } = child as unknown as Record<string, unknown>
    seen.push([
      step,
      status,
      _parent === parent,
      id,
      systemId,
      JSON.stringify(child),
      JSON.stringify(child.getSnapshot()),
      JSON.stringify(child.getPersistedSnapshot()),
    ])
    seen.push(...done.splice(0))
  }
  return seen
}

/** An inspection event by what can be compared of it. */
function plain({ actorRef, rootId, ...rest }: InspectionEvent): unknown {
  const { _parent: parent } = actorRef as { readonly _parent?: AnyActorRef }
  return [(actorRef as AnyActorRef).id, rootId === (parent ?? (actorRef as AnyActorRef)).sessionId, JSON.stringify(rest)]
}

describe.each([
  ['a compiled machine', compile(machine) as AnyActorLogic],
  ['a reducer', reducer],
])('of %s', (_name, logic) => {
  test('does as one that XState has made, whatever is asked of it', () => {
    const input = { name: 'ann' }
    fc.assert(
      fc.property(steps, (all) => {
        const theirs = life((parent) => createActor(logic, { parent, id: 'child', input }), all)
        const ours = life((parent) => createChild(logic, parent, 'child', input), all)
        expect(ours).toEqual(theirs)
      }),
    )
  })
})

test('a beginning that throws is an error of the child, as with XState', () => {
  const logic = {
    ...reducer,
    getInitialSnapshot: () => {
      throw new Error('no beginning')
    },
  } as AnyActorLogic
  const all = ['subscribe', 'start', 'go']
  const theirs = life((parent) => createActor(logic, { parent, id: 'child', input: {} }), all)
  expect(life((parent) => createChild(logic, parent, 'child', {}), all)).toEqual(theirs)
  expect(theirs).toContainEqual(['error', 'Error: no beginning'])
})

test('it has the fields of one that XState has made, and nothing of XState was called to make it', () => {
  const parent = createEmptyActor()
  const theirs = createActor(machine, { parent, id: 'child', input: { name: 'ann' } })
  const ours = createChild(compile(machine) as AnyActorLogic, parent, 'child', { name: 'ann' })
  expect(ours).toBeInstanceOf(Actor)
  expect(Object.keys(ours).toSorted()).toEqual(Object.keys(theirs).toSorted())
  // It was not made by the constructor, that is: the way that is tested here is the one that is taken.
  expect(Object.getPrototypeOf(ours)).not.toBe(Actor.prototype)
})

test('two of them do not share their subscribers, nor their listeners', () => {
  const parent = createEmptyActor()
  const logic = compile(machine) as AnyActorLogic
  const one: AnyActorRef = createChild(logic, parent, 'one', { name: 'one' })
  const other: AnyActorRef = createChild(logic, parent, 'other', { name: 'other' })
  one.start()
  other.start()
  const told = vi.fn<() => void>()
  one.subscribe(told)
  one.on('told', told)
  other.send({ type: 'go' })
  expect(told).not.toHaveBeenCalled()
  one.send({ type: 'go' })
  expect(told).toHaveBeenCalledTimes(2)
})
